import { type GuestPutBack, REPEATED_WITHIN_DAYS } from '../../api/guestputback.ts';
import { cut } from '../../domain/contract/excerpt.ts';

/** Most steps that are noted, and most instants of each. */
const MOST_STEPS = 16;
const MOST_INSTANTS = 8;

/** What was put back of an application in the last days, with the steps that were just now; undefined: nothing. By the worker's own clock alone. */
export function putBackOf(
  before: readonly GuestPutBack[] = [],
  steps: readonly string[],
  at: string,
): GuestPutBack[] | undefined {
  const since = Date.parse(at) - REPEATED_WITHIN_DAYS * 24 * 60 * 60_000;
  const healed = new Set(steps.map(step => cut(step, 64)));
  const known = before.map(({ step, at: instants }) => ({
    step,
    at: instants.filter(each => Date.parse(each) > since),
  }));
  const kept = known.map(each =>
    healed.has(each.step) ? { ...each, at: [...each.at, at].slice(-MOST_INSTANTS) } : each,
  );
  const fresh = [...healed].filter(step => !known.some(each => each.step === step)).map(step => ({ step, at: [at] }));
  const all = [...kept, ...fresh].filter(each => each.at.length > 0);
  // Those that were put back last, where there are too many.
  const newest = all.toSorted((a, b) => (a.at.at(-1) ?? '').localeCompare(b.at.at(-1) ?? '')).slice(-MOST_STEPS);
  return newest.length === 0 ? undefined : newest;
}
