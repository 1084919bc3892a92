import type { Clock } from '../api/clock.ts';

/** So many at once, and then so many a second. */
export class TokenBucket {
  readonly #clock: Clock;
  /** Milliseconds from one token to the next. */
  readonly #intervalMs: number;
  readonly #burstMs: number;
  /** Monotonic time when the bucket is full again, or was. */
  #fullAt: number;

  constructor(clock: Clock, perSecond: number, burst: number) {
    this.#clock = clock;
    this.#intervalMs = 1000 / perSecond;
    this.#burstMs = burst * this.#intervalMs;
    this.#fullAt = clock.monotonic();
  }

  /** Monotonic time from which there is a token; past where there is one now. */
  nextAt(): number {
    return this.#fullAt + this.#intervalMs - this.#burstMs;
  }

  /** Takes a token; false: there is none. */
  take(): boolean {
    const now = this.#clock.monotonic();
    if (this.nextAt() > now) return false;
    this.#fullAt = Math.max(this.#fullAt, now) + this.#intervalMs;
    return true;
  }
}
