import { excerpt } from '../../domain/contract/excerpt.ts';

/** Why a guest was not reached, or no longer is. A word of ours, never one of the guest's. */
export type FailureReason =
  /** No connection to the address within the limit. */
  | 'NoAnswer'
  /** The address refuses connections, or no route leads to it. */
  | 'NotReachable'
  /** Something answers that does not speak SSH, not in time, or against its rules. */
  | 'NotSSH'
  /** It offers nothing but algorithms that we do not use. */
  | 'OldAlgorithms'
  /** It proved itself with another host key than the one on record. */
  | 'HostKeyMismatch'
  /** It does not let the provider's key in. */
  | 'LoginRefused'
  /** The connection broke; what was under way may or may not have happened. */
  | 'ConnectionLost'
  /** A command did not end within its limit; it may run on. */
  | 'TimedOut'
  /** It sent more than anybody reads. */
  | 'TooMuchOutput'
  /** It answered something that no script of ours says. */
  | 'NotUnderstood';

/** The guest could not be reached, or broke off. `detail` may quote the guest: one line, bounded, without control characters. */
export class GuestFailure extends Error {
  override readonly name = 'GuestFailure';
  readonly reason: FailureReason;

  constructor(reason: FailureReason, detail: string) {
    super(excerpt(detail));
    this.reason = reason;
  }
}

/** What ssh2 reports, in our words: `level` is where in the protocol it happened (ssh2's README, Client event `error`). */
export function failureOf(error: Error & { readonly level?: string; readonly code?: unknown }): GuestFailure {
  if (error instanceof GuestFailure) return error;
  return new GuestFailure(reasonOf(error.level, error.code, error.message), error.message);
}

function reasonOf(level: string | undefined, code: unknown, message: string): FailureReason {
  if (level === 'client-authentication') return 'LoginRefused';
  if (level === 'client-timeout') return 'NotSSH';
  if (level === 'handshake') return /no matching|Handshake failed: no/i.test(message) ? 'OldAlgorithms' : 'NotSSH';
  if (level === 'protocol') return 'NotSSH';
  if (code === 'ECONNREFUSED' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'EADDRNOTAVAIL') {
    return 'NotReachable';
  }
  return 'ConnectionLost';
}
