import type { Clock } from './clock.ts';
import type { Condition } from './conditions.ts';
import { deepEqual } from './json.ts';

type Status = Readonly<Record<string, unknown>>;

/** Least milliseconds between an object's last status write and the next. */
export type StatusIntervals = {
  /** Where the next brings news: another status of a condition, or another observedGeneration. */
  readonly newsMs: number;
  /** Where it does not: another reason, message or number. */
  readonly restMs: number;
};

/**
 * Keeps statuses from being written step by step while an object passes through states that last an instant: what has to
 * wait for its turn is written as it is by then.
 */
export class StatusPace {
  readonly #intervals: StatusIntervals;
  readonly #clock: Clock;
  /** Monotonic time of the last write, by UID. */
  readonly #written = new Map<string, number>();

  constructor(intervals: StatusIntervals, clock: Clock) {
    this.#intervals = intervals;
    this.#clock = clock;
  }

  /** Milliseconds that the status has to wait; 0: write it now. */
  delay(uid: string, previous: Status, next: Status): number {
    const last = this.#written.get(uid);
    if (last === undefined || deepEqual(previous, next)) return 0;
    const { newsMs, restMs } = this.#intervals;
    return Math.max(0, last + (isNews(previous, next) ? newsMs : restMs) - this.#clock.monotonic());
  }

  written(uid: string): void {
    this.#written.set(uid, this.#clock.monotonic());
  }

  forget(uid: string): void {
    this.#written.delete(uid);
  }
}

/** What somebody may wait for. */
function isNews(previous: Status, next: Status): boolean {
  if (previous.observedGeneration !== next.observedGeneration) return true;
  return !deepEqual(verdicts(previous), verdicts(next));
}

function verdicts({ conditions }: Status): Record<string, string> {
  if (!Array.isArray(conditions)) return {};
  return Object.fromEntries((conditions as Condition[]).map(({ type, status }) => [type, status]));
}
