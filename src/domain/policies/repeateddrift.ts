import { type GuestPutBack, REPEATED_WITHIN_DAYS } from '../../api/guestputback.ts';
import type { ManagedApplicationStatus } from '../../api/managedapplication.ts';
import type { ConditionInput } from '../contract/condition.ts';
import type { Verdict } from '../contract/finding.ts';
import type { News } from '../guest/news.ts';
import { counted, enumerated, named, since } from '../guest/words.ts';

const REASON = 'DriftRepeated';

/** The verdict of what is as planned, where some of it was put back more than once within days: it is kept, and does not stay so (GE-10). */
export function withRepeatedDrift(verdict: Verdict, putBack: readonly GuestPutBack[] = []): Verdict {
  const repeated = putBack.filter(({ at }) => at.length > 1);
  if (verdict.status !== 'True' || repeated.length === 0) return verdict;
  const steps = repeated.map(({ step, at }) => `${named(step, 40)} (${at.length} times${since(at[0])})`);
  return {
    ...{ status: 'True', reason: REASON },
    message: `${verdict.message} ${counted(repeated.length, 'step')} put back more than once within ${REPEATED_WITHIN_DAYS} days: ${enumerated(steps)}. Somebody with root changes what the provider answers for, or it does not stay so by itself.`,
  };
}

/** What an event tells of it, once it is said for the first time. */
export function driftNews(
  before: ManagedApplicationStatus | undefined,
  conditions: readonly ConditionInput[],
): readonly News[] {
  const is = conditions.find(({ type }) => type === 'Configured');
  const was = before?.conditions?.find(({ type }) => type === 'Configured');
  if (is?.reason !== REASON || was?.reason === REASON) return [];
  return [{ type: 'Warning', reason: REASON, message: is.message }];
}
