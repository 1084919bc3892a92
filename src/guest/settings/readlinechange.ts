import type { ApplicationPlan } from '../../domain/contract/applicationplan.ts';
import type { ApplicationFound, LineChangeFound } from '../../domain/guest/look.ts';
import { lineSteps } from '../application/linechange.ts';

const PHASES = new Map<string, NonNullable<LineChangeFound['phase']>>([
  ['begun', 'Begun'],
  ['changed', 'Changed'],
  ['done', 'Done'],
  ['back', 'Back'],
  ['failed', 'Failed'],
  ['retired', 'Retired'],
]);

type Line = readonly string[];

/** Which of the plans a look tells a change of the line of, in the order of its lines. */
export const changingPlans = (plans: readonly ApplicationPlan[]): readonly ApplicationPlan[] =>
  plans.filter(plan => lineSteps(plan).length > 0);

/** The applications with how far changes of their lines are; undefined where a line is not what the look says. */
export function withLineChanges(
  found: readonly ApplicationFound[],
  lines: readonly Line[],
  plans: readonly ApplicationPlan[],
  decoded: (word: string) => string | undefined,
): readonly ApplicationFound[] | undefined {
  const told = new Map<string, LineChangeFound>();
  for (const [index, { application }] of changingPlans(plans).entries()) {
    const [kind, name, word = '', at = '', encoded = '', ...more] = lines[index] ?? [];
    const [phase, checks] = [PHASES.get(word), decoded(encoded)];
    if (kind !== 'line' || name !== application || more.length > 0 || checks === undefined) return undefined;
    // Later than the year 5138 is no time.
    if ((phase === undefined && word !== '-') || !/^\d{1,11}$/.test(at)) return undefined;
    told.set(application, { checks, ...(phase && { phase, at: new Date(Number(at) * 1000) }) });
  }
  return found.map(each => {
    const line = told.get(each.name);
    return line === undefined ? each : { ...each, line };
  });
}
