/** What `npm test` says of its steps: what they took of what they may, and what was slowest. */
import { limits, shareOf, stateOf } from './budgets.ts';
import type { Outcome } from './execute.ts';
import type { Timed } from './report.ts';
import type { Step } from './steps.ts';

/** One line for each step, and one for all, of which `whole` is what they took together. */
export function tableOf(outcomes: readonly Outcome[], whole: Pick<Outcome, 'took' | 'charge'>): string {
  const state = stateOf(new Map(outcomes.map(({ step, charge }) => [step.name, charge])));
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, each) => total + of(each), 0);
  const rows = outcomes.map(each => [
    each.step.name,
    ...[each.took, each.charge, shareOf(each.step.name, state)].map(seconds),
    ...[each.passed, each.failed].map(String),
  ]);
  return columns([
    ['step', 'took', 'counts', 'budget', 'passed', 'failed'],
    ...rows,
    [
      `all, ${state}`,
      ...[whole.took, whole.charge, limits[state]].map(seconds),
      ...[sum(each => each.passed), sum(each => each.failed)].map(String),
    ],
  ]);
}

const TEN = 10;

export function slowestOf(what: string, all: readonly Timed[]): string {
  const slowest = [...all].sort((a, b) => b.seconds - a.seconds).slice(0, TEN);
  if (slowest.length === 0) return '';
  return [`slowest ${what}`, ...slowest.map(each => `${seconds(each.seconds).padStart(8)}  ${each.name}`)].join('\n');
}

/** For `npm test -- --help`. */
export function stepsTable(steps: readonly Step[]): string {
  return columns([
    ['step', 'warm', 'cold', ''],
    ...steps.map(({ name, checks }) => [
      name,
      seconds(shareOf(name, 'warm')),
      seconds(shareOf(name, 'cold')),
      `  ${checks}`,
    ]),
  ]);
}

/** The first column to the left, numbers to the right, text after them as it is. */
function columns(rows: readonly (readonly string[])[]): string {
  const width = (column: number) => Math.max(...rows.map(row => row[column]?.length ?? 0));
  const cell = (text: string, column: number) => {
    if (text.startsWith('  ')) return text.trimStart();
    return column === 0 ? text.padEnd(width(0)) : text.padStart(Math.max(8, width(column)));
  };
  return rows.map(row => row.map(cell).join('  ').trimEnd()).join('\n');
}

function seconds(count: number): string {
  return `${Math.round(count)} s`;
}
