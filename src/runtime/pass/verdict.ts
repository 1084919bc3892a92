import { type ApiError, isApiError, isConflict, isTransient, NotLeader } from '../api/errors.ts';
import { isUnreadable } from '../children/readable.ts';
import type { ReconcileResult } from '../observe/metrics.ts';
import type { Result } from './controller.ts';

/** What becomes of a key after a pass. */
export type Verdict = {
  /** rest: until the next event; later: after a while; retry: with back-off; terminal: until the next event, as an error. */
  readonly next: 'rest' | 'later' | 'retry' | 'terminal';
  /** Milliseconds for later, and the least for retry. */
  readonly afterMs: number;
  readonly result: ReconcileResult;
  /** Nothing an operator of the system should read about. */
  readonly quiet: boolean;
  /** A child was refused for a reason that time alone does not cure. */
  readonly refused?: boolean;
};

export type PassOutcome = {
  readonly error?: unknown;
  readonly result?: Result | undefined;
  readonly failures: readonly ApiError[];
  /** Milliseconds that a status has to wait for its turn. */
  readonly statusDelayMs?: number;
  /** Milliseconds for which children have been refused up to now. */
  readonly refusedForMs?: number;
  readonly now: Date;
};

/**
 * A child that the API server refuses (quota, invalid, someone else's) can be cured where no event tells us: it is tried again when it has
 * been refused for as long again, within these bounds. Whoever cannot wait touches the object.
 */
const REFUSED_RETRY_MS = 30_000;
const LONGEST_REFUSED_RETRY_MS = 900_000;
/** A time in the past must not become a busy loop. */
const SOONEST_MS = 100;

const REST: Verdict = { next: 'rest', afterMs: 0, result: 'success', quiet: true };

export function verdictOf(outcome: PassOutcome): Verdict {
  return outcome.error === undefined ? ofResult(outcome) : ofError(outcome.error);
}

function ofError(error: unknown): Verdict {
  if (isApiError(error) && isUnreadable(error)) return { next: 'terminal', afterMs: 0, result: 'error', quiet: false };
  if (error instanceof NotLeader || isConflict(error))
    return { next: 'retry', afterMs: 0, result: 'requeue', quiet: true };
  return { next: 'retry', afterMs: isApiError(error) ? retryAfterMs(error) : 0, result: 'error', quiet: false };
}

function ofResult({ result, statusDelayMs = 0, refusedForMs = 0, now, ...outcome }: PassOutcome): Verdict {
  const failures = outcome.failures.filter(failure => !isUnreadable(failure));
  const transient = failures.filter(isTransient);
  if (transient.length > 0) {
    const afterMs = Math.max(...transient.map(retryAfterMs));
    return { next: 'retry', afterMs, result: 'requeue', quiet: true };
  }
  const times: number[] = [];
  const refused = failures.length > 0;
  if (refused) times.push(Math.min(Math.max(refusedForMs, REFUSED_RETRY_MS), LONGEST_REFUSED_RETRY_MS));
  if (statusDelayMs > 0) times.push(statusDelayMs);
  if (result?.requeueAt !== undefined) times.push(untilThen(result.requeueAt, now));
  if (times.length === 0) return REST;
  const afterMs = Math.max(SOONEST_MS, Math.min(...times));
  return { next: 'later', afterMs, result: 'requeue_after', quiet: true, refused };
}

/** Throws RangeError for an invalid Date: taken for a number it would be no time at all. */
function untilThen(time: Date, now: Date): number {
  const ms = time.getTime() - now.getTime();
  if (Number.isNaN(ms)) throw new RangeError('requeueAt is not a time');
  return ms;
}

function retryAfterMs(error: ApiError): number {
  return (error.retryAfter ?? 0) * 1000;
}
