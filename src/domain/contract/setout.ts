/** When Steward may set out to do what a change says (GE-6): agreed to as it is, in its window, and not over. */
import type { ChangeRequest } from '../../api/changerequest.ts';

/** By this name Steward requests and carries out what it writes itself; admission lets nobody else use it. */
export const STEWARD = 'steward';

/** So long after the end of its window a change of a policy stands open at the most: each run has its verdict by then. Milliseconds. */
export const VERDICTS_MS = 3_600_000;

/** The window that was judged for the change as it is, postponements counted, if it is agreed to and has no result. */
export type Agreed = { readonly notBefore: Date | undefined; readonly notAfter: Date | undefined };

/**
 * Undefined: nothing may be done by it. What was judged may be another spec, so that only the status of this very generation counts. An Emergency
 * change is done first and agreed to afterwards; one that somebody has rejected is not.
 */
export function agreedWindow(change: ChangeRequest): Agreed | undefined {
  const { metadata, spec, status } = change;
  const { conditions = [], window } = status ?? {};
  if (spec.result !== undefined || metadata.deletionTimestamp !== undefined || !isJudged(change)) return undefined;
  const agreed = conditions.find(({ type }) => type === 'Agreed');
  const afterwards = spec.class === 'Emergency' && agreed !== undefined && agreed.reason !== 'Rejected';
  if (agreed?.status !== 'True' && !afterwards) return undefined;
  return { notBefore: dateOf(window?.notBefore), notAfter: dateOf(window?.notAfter) };
}

/** Whether it was judged as it is now, and not as another spec of it was. */
export function isJudged({ metadata, status }: ChangeRequest): boolean {
  return status?.observedGeneration !== undefined && status.observedGeneration === metadata.generation;
}

/** Whether an instant lies in it: its end is not in it any more. */
export function isIn({ notBefore, notAfter }: Agreed, now: Date): boolean {
  return (notBefore === undefined || notBefore <= now) && (notAfter === undefined || now < notAfter);
}

function dateOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}
