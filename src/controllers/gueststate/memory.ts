import type { GuestState } from '../../api/gueststate.ts';
import type { Led } from '../../guest/transport/ways.ts';

/**
 * What a pass came to, as far as it says when the next is due.
 * `Kept`: the guest is as ordered, or nothing can be done about it. `Failed`: it was not reached. `Starting`: nor was it, and it may still boot. `Fruitless`: it was, and a step did not help.
 * `Working`: a step runs. `Again`: a step has ended, and what became of it is to be looked at. `Waiting`: another works in the guest.
 */
export type PassResult = 'Kept' | 'Failed' | 'Starting' | 'Fruitless' | 'Working' | 'Again' | 'Waiting';

/** First wait after a failure; doubled with each one, up to the interval of looks. */
const FIRST_RETRY_MS = 5_000;
/** The same after a step that did not help: what it costs is writes of the record, and work in the guest. */
const FRUITLESS_MS = 30_000;
const WORKING_MS = 2_000;
const WAITING_MS = 15_000;
/** Looks that are due within so many milliseconds begin together: packets that come at once cost less than each alone. */
const TOGETHER_MS = 1_000;

/** Milliseconds until a guest is looked into again after so many `vain` passes in a row; `jitter` from 0 to below 1 spreads those that began together. */
export function waitMs(result: PassResult, vain: number, intervalMs: number, jitter: number): number {
  switch (result) {
    case 'Kept':
      return intervalMs * (0.9 + 0.2 * jitter);
    case 'Failed':
    case 'Fruitless': {
      const first = result === 'Failed' ? FIRST_RETRY_MS : FRUITLESS_MS;
      return Math.min(first * 2 ** Math.min(vain - 1, 20), intervalMs) * (0.5 + 0.5 * jitter);
    }
    // Whoever ordered an account waits for this look: it is made by no other.
    case 'Starting':
      return FIRST_RETRY_MS * (0.5 + 0.5 * jitter);
    case 'Working':
      return WORKING_MS;
    case 'Again':
      return 0;
    case 'Waiting':
      return WAITING_MS * (0.5 + 0.5 * jitter);
  }
}

/** What this process remembers of one guest. Times are steady (monotonic) milliseconds. */
export class GuestMemory {
  /** Passes in a row that failed. */
  failures = 0;
  /** Steps in a row that did not help against the same differences. */
  #fruitless = 0;
  #against = '';
  /** Settings that had been as ordered, and were found otherwise without another order. */
  drifted: ReadonlySet<string> = new Set();
  /** Settings that the last look has brought up: accounts that the record did not know of. */
  recalled: ReadonlySet<string> = new Set();
  /** The way that led to it last. */
  led: Led | undefined;
  /** Fingerprint of the provider's key that has opened the guest last. */
  opened: string | undefined;
  #of = '';
  #dueAt = Number.NEGATIVE_INFINITY;
  #lease = '';
  #leaseSince = 0;

  /** Milliseconds until the next look is due. `of`: what is looked at; another instance or another order is looked at at once. */
  dueMs(of: string, now: number): number {
    return of === this.#of ? Math.max(0, this.#dueAt - now) : 0;
  }

  /** Notes what is to be put right: how often steps did not help against anything else says nothing about it. */
  puttingRight(settings: readonly string[]): void {
    const against = settings.join(' ');
    if (against !== this.#against) this.#fruitless = 0;
    this.#against = against;
  }

  /** Notes what a pass came to; returns the milliseconds until the next. */
  passed(of: string, result: PassResult, when: { now: number; intervalMs: number; jitter: number }): number {
    if (of !== this.#of) {
      this.failures = 0;
      this.#fruitless = 0;
    }
    const unreached = result === 'Failed' || result === 'Starting';
    this.failures = unreached ? this.failures + 1 : 0;
    if (result === 'Fruitless') this.#fruitless += 1;
    this.#of = of;
    const vain = unreached ? this.failures : this.#fruitless;
    const dueAt = when.now + waitMs(result, vain, when.intervalMs, when.jitter);
    this.#dueAt = result === 'Kept' ? Math.ceil(dueAt / TOGETHER_MS) * TOGETHER_MS : dueAt;
    return this.#dueAt - when.now;
  }

  /** For how long the lease has stood in the record as it does now. */
  leaseUnchangedMs(lease: NonNullable<GuestState['status']>['lease'], now: number): number {
    const text = JSON.stringify(lease ?? null);
    if (text !== this.#lease) {
      this.#lease = text;
      this.#leaseSince = now;
    }
    return now - this.#leaseSince;
  }
}

/** The memories of all guests, by UID of their records. */
export class Memories {
  readonly #guests = new Map<string, GuestMemory>();

  of(uid: string): GuestMemory {
    const known = this.#guests.get(uid);
    if (known !== undefined) return known;
    const memory = new GuestMemory();
    this.#guests.set(uid, memory);
    return memory;
  }

  forget(uid: string): void {
    this.#guests.delete(uid);
  }
}
