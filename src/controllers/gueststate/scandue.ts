import type { GuestStateStatus } from '../../api/gueststate.ts';
import { SCAN_INTERVAL_MS } from '../../domain/patching/seen.ts';

/** Until a guest that is new to this worker is asked for the first time: it is being set up. Milliseconds. */
const FIRST_MS = 15 * 60_000;
/** Until it is asked again where it gave no answer, doubled each time up to the interval; the same where it could not read all its sources. */
const RETRY_MS = 15 * 60_000;

/** How often; others than the usual only in tests. */
export type ScanTimes = { readonly firstMs?: number; readonly intervalMs?: number };

/** What this process remembers of asking one guest. Instants. */
export type ScanMemory = {
  /** From 0 to below 1: spreads those that began together. */
  readonly jitter: number;
  /** When it came to know the guest. */
  readonly since: Date;
  /** When it asked last, and how many times in a row there was no whole answer. */
  readonly askedAt: Date | undefined;
  readonly vain: number;
  /** The boot in which it was asked last: what waits for a restart has another answer in the next. */
  readonly bootId: string | undefined;
};

/** When the guest's package manager is to be asked: once in the interval, after each patch run, after a restart, and again where it failed. */
export function scanDueAt(
  { updates, steps = [], bootId }: Pick<GuestStateStatus, 'updates' | 'steps' | 'bootId'>,
  memory: ScanMemory,
  { firstMs = FIRST_MS, intervalMs = SCAN_INTERVAL_MS }: ScanTimes = {},
): Date {
  const after = (from: Date, ms: number) => new Date(from.getTime() + ms);
  const { jitter, askedAt } = memory;
  if (memory.vain > 0 && askedAt !== undefined) {
    const wait = Math.min(RETRY_MS * 2 ** Math.min(memory.vain - 1, 20), intervalMs);
    return after(askedAt, wait * (0.5 + 0.5 * jitter));
  }
  const patchedSince = (known: Date) =>
    steps.some(({ id, phase, at }) => id.startsWith('patch-') && phase === 'Ended' && new Date(at) > known);
  // A guest that was patched is set up.
  if (updates === undefined)
    return patchedSince(new Date(0)) ? memory.since : after(memory.since, firstMs * (0.5 + 0.5 * jitter));
  // What is no news is not written: then it was asked later than the record says.
  const known = new Date(Math.max(Date.parse(updates.at), askedAt?.getTime() ?? 0));
  const restarted = memory.bootId !== undefined && bootId !== undefined && bootId !== memory.bootId;
  if (patchedSince(known) || restarted) return known;
  // A little later than the interval, never earlier: an answer of that age is written down even if it says the same.
  return after(known, intervalMs * (1 + 0.1 * jitter));
}
