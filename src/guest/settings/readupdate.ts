import { type ApplicationPlan, updatingStep } from '../../domain/contract/applicationplan.ts';
import type { ApplicationFound, ApplicationUpdate } from '../../domain/guest/look.ts';

const OUTCOMES = ['Running', 'Updated', 'RolledBack', 'Failed'] as const;
const VERSION = /^[A-Za-z0-9.+~:-]{1,64}$/;
/** Later than the year 5138 is no time. */
const SECONDS = /^\d{1,11}$/;

type Line = readonly string[];

/** Which of the plans a look tells an update of, in the order of its lines. */
export const updatingPlans = (plans: readonly ApplicationPlan[]): readonly ApplicationPlan[] =>
  plans.filter(plan => updatingStep(plan) !== undefined);

/** The applications with what became of their last updates; undefined where a line is not what the look says. */
export function withUpdates(
  found: readonly ApplicationFound[],
  lines: readonly Line[],
  plans: readonly ApplicationPlan[],
): readonly ApplicationFound[] | undefined {
  const told = new Map<string, ApplicationUpdate>();
  for (const [index, { application }] of updatingPlans(plans).entries()) {
    const [kind, name, ...words] = lines[index] ?? [];
    if (kind !== 'update' || name !== application || words.length !== 5) return undefined;
    if (words.every(word => word === '-')) continue;
    const update = readUpdate(words);
    if (update === undefined) return undefined;
    told.set(application, update);
  }
  return found.map(each => {
    const update = told.get(each.name);
    return update === undefined ? each : { ...each, update };
  });
}

function readUpdate([from = '', to = '', word = '', at = '', closed = '']: Line): ApplicationUpdate | undefined {
  const outcome = OUTCOMES.find(each => each === word);
  const fit = VERSION.test(from) && VERSION.test(to) && SECONDS.test(at) && (closed === '-' || SECONDS.test(closed));
  if (outcome === undefined || !fit) return undefined;
  const instant = (seconds: string) => new Date(Number(seconds) * 1000);
  return { from, to, outcome, at: instant(at), ...(closed !== '-' && { closedSince: instant(closed) }) };
}
