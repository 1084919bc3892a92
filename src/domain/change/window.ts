/** When a change may be done: its window, as the customer's contacts have postponed it (GE-4). */
import type { ChangeRequestSpec, ChangeRequestStatus } from '../../api/changerequest.ts';
import { type ConditionInput, instant } from '../contract/condition.ts';
import { type Decision, endOf } from './decisions.ts';

export type Window = NonNullable<ChangeRequestStatus['window']>;

/** The window that holds: a postponement moves it as a whole. */
export function effectiveWindow(
  window: ChangeRequestSpec['window'],
  decisions: readonly Decision[],
): Window | undefined {
  const postponed = decisions.find(({ reason, spec }) => reason === 'Counted' && spec.decision === 'Postpone')?.spec
    .until;
  const { notBefore, notAfter } = window ?? {};
  if (postponed === undefined || notBefore === undefined) return window;
  const moved = Date.parse(postponed) - Date.parse(notBefore);
  return { notBefore: postponed, ...(notAfter && { notAfter: instant(new Date(Date.parse(notAfter) + moved)) }) };
}

/** Whether it may be done now or, once it is over, whether it was over within its window. */
export function windowCondition(spec: ChangeRequestSpec, window: Window | undefined, now: Date): ConditionInput {
  const type = 'InWindow';
  const end = endOf(spec, now);
  const at = end ?? now;
  const when = end ? ` It was finished on ${instant(end)}.` : '';
  const { notBefore, notAfter } = window ?? {};
  const moved = notBefore !== spec.window?.notBefore ? ` Postponed from ${spec.window?.notBefore}.` : '';
  if (notBefore === undefined && notAfter === undefined) {
    return { type, status: 'True', reason: 'AnyTime', message: `It has no window and may be done at any time.${when}` };
  }
  if (notBefore !== undefined && at < new Date(notBefore)) {
    return {
      type,
      status: 'False',
      reason: 'BeforeWindow',
      message: `Its window begins on ${notBefore}.${moved}${when}`,
    };
  }
  // Who has finished by its end was in time; who has not by then, is not.
  if (notAfter !== undefined && (end ? end > new Date(notAfter) : now >= new Date(notAfter))) {
    const reason = end ? 'AfterWindow' : 'WindowPassed';
    return { type, status: 'False', reason, message: `Its window ended on ${notAfter}.${moved}${when}` };
  }
  const until = notAfter === undefined ? 'has no end' : `ends on ${notAfter}`;
  return { type, status: 'True', reason: 'WindowOpen', message: `Its window ${until}.${moved}${when}` };
}
