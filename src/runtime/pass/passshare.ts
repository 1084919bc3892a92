import type { Clock } from '../api/clock.ts';

/** However cheap a pass over a summary is: nobody looks at it more often than this. */
const LEAST_REST_MS = 250;
/** Nobody who looks at a summary waits longer for it; and a pass that hung on a request says nothing about the next. */
const LONGEST_REST_MS = 2_000;

/**
 * Keeps the passes over one object from taking more than a share of the time: after each, the next rests in proportion to how long it took.
 * For objects that sum up many others and are concerned by every change of one of them: what comes meanwhile is summed up by one pass.
 */
export class PassShare {
  readonly #restPerMs: number;
  readonly #clock: Clock;
  /** Monotonic time until which passes over a key rest. */
  readonly #restsUntil = new Map<string, number>();

  /** `share`: above 0 and at most 1, which is no rest. */
  constructor(share: number, clock: Clock) {
    this.#restPerMs = 1 / share - 1;
    this.#clock = clock;
  }

  /** Milliseconds until the next pass; 0: now. */
  restMs(key: string): number {
    const left = (this.#restsUntil.get(key) ?? 0) - this.#clock.monotonic();
    if (left > 0) return left;
    this.#restsUntil.delete(key);
    return 0;
  }

  passed(key: string, tookMs: number): void {
    if (this.#restPerMs === 0) return;
    const rest = Math.min(Math.max(tookMs * this.#restPerMs, LEAST_REST_MS), LONGEST_REST_MS);
    this.#restsUntil.set(key, this.#clock.monotonic() + rest);
  }

  forget(key: string): void {
    this.#restsUntil.delete(key);
  }
}
