import type { ApplicationPlan } from '../../domain/contract/applicationplan.ts';
import type { ApplicationFound, RestoreFound } from '../../domain/guest/look.ts';
import { restoreStepOf } from '../application/datarestore.ts';

const PHASES = new Map<string, NonNullable<RestoreFound['phase']>>([
  ['begun', 'Begun'],
  ['filled', 'Filled'],
  ['done', 'Done'],
  ['back', 'Back'],
  ['failed', 'Failed'],
]);

/** The applications with how far restores of their data are; undefined where a line is not what the look says of these plans. */
export function withRestores(
  found: readonly ApplicationFound[],
  lines: readonly (readonly string[])[],
  plans: readonly ApplicationPlan[],
  decoded: (word: string) => string | undefined,
): readonly ApplicationFound[] | undefined {
  const asked = plans.filter(plan => restoreStepOf(plan) !== undefined);
  if (lines.length !== asked.length) return undefined;
  const told = new Map<string, RestoreFound>();
  for (const [index, plan] of asked.entries()) {
    const [, name, order, ...words] = lines[index] ?? [];
    const read = readRestore(words, decoded);
    const { restore } = restoreStepOf(plan) ?? {};
    if (name !== plan.application || restore === undefined || order !== restore || read === undefined) return undefined;
    told.set(name, { order, ...read });
  }
  return found.map(each => {
    const restore = told.get(each.name);
    return restore === undefined ? each : { ...each, restore };
  });
}

function readRestore(
  words: readonly string[],
  decoded: (word: string) => string | undefined,
): Omit<RestoreFound, 'order'> | undefined {
  const [word = '', closed = '', tables = '', rows = '', encoded = '', ...more] = words;
  const [phase, why] = [PHASES.get(word), decoded(encoded)];
  if (more.length > 0 || why === undefined || (phase === undefined && word !== '-')) return undefined;
  // Later than the year 5138 is no time.
  if (!/^\d{1,11}$/.test(closed) || ![tables, rows].every(each => /^\d{1,15}$/.test(each))) return undefined;
  if (phase === undefined) return {};
  return {
    ...{ phase, tables: Number(tables), rows: Number(rows) },
    ...(closed !== '0' && { closed: new Date(Number(closed) * 1000) }),
    ...(why !== '' && { why }),
  };
}
