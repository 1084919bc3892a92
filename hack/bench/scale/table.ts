import { type Check, holds } from '../checks.ts';
import type { Measured, ScaleRow } from './row.ts';

/** A row with what was seen of it. */
export type SeenRow = Omit<ScaleRow, 'measure'> & Measured & { readonly date: string };

export function seenRow({ measure: _, ...row }: ScaleRow, measured: Measured): SeenRow {
  return { ...row, ...measured, date: new Date().toISOString().slice(0, 10) };
}

/** `met`, or what was not and by how much. */
export function verdictOf(checks: readonly Check[]): string {
  const missed = checks.filter(check => !holds(check));
  if (missed.length === 0) return checks.length > 0 ? 'met' : 'not measured';
  return `missed: ${missed.map(({ what, measured, relation, bound }) => `${what} ${measured} (${relation} ${bound})`).join('; ')}`;
}

/** A table in Markdown, which reads well in a terminal too. */
export function scaleTable(rows: readonly SeenRow[]): string {
  const head = ['figure', 'before', 'goal', 'seen', 'verdict'];
  const cells = rows.map(({ figure, before, goal, seen, checks }) => [figure, before, goal, seen, verdictOf(checks)]);
  return [head, head.map(() => '---'), ...cells].map(line => `| ${line.join(' | ')} |`).join('\n');
}

/** In the order of the list; what was not measured anew stays, and what is no longer in the list goes. */
export function mergedRows(
  order: readonly Pick<ScaleRow, 'id'>[],
  earlier: readonly SeenRow[],
  news: readonly SeenRow[],
): readonly SeenRow[] {
  const byId = new Map([...earlier, ...news].map(row => [row.id, row]));
  return order.flatMap(({ id }) => byId.get(id) ?? []);
}
