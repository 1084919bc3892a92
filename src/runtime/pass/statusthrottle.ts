import type { Clock } from '../api/clock.ts';
import type { Condition } from '../api/conditions.ts';
import { deepEqual } from '../api/json.ts';

type Status = Readonly<Record<string, unknown>>;

/** How long a status waits, by what it says that the one before does not. Milliseconds. */
export type StatusIntervals = {
  /** Since the last write, where another status of a condition or another observedGeneration is the end of something: somebody may wait for it. */
  readonly newsMs: number;
  /** Since it was noticed, where it is news but something is still under way (Reconciling): what follows at once is written with it. */
  readonly progressMs: number;
  /** Since the last write, where it is another reason, message or number. */
  readonly restMs: number;
  /** The same while something is under way, and before as well as after: the steps of a start or a stop, told only where one lasts. */
  readonly stepMs: number;
  /** Whether the status records what cannot be found out later: that never waits. */
  readonly isRecord?: (previous: Status, next: Status) => boolean;
};

type Pending = {
  /** Monotonic time of the last write. */
  readonly written: number;
  /** Monotonic time at which news was noticed that has not been written yet. */
  noticed?: number | undefined;
};

/**
 * Keeps statuses from being written step by step while an object passes through states that last an instant: what has to
 * wait for its turn is written as it is by then.
 */
export class StatusThrottle {
  readonly #intervals: StatusIntervals;
  readonly #clock: Clock;
  /** By UID. */
  readonly #objects = new Map<string, Pending>();

  constructor(intervals: StatusIntervals, clock: Clock) {
    this.#intervals = intervals;
    this.#clock = clock;
  }

  /** Milliseconds that the status has to wait; 0: write it now. */
  delay(uid: string, previous: Status, next: Status): number {
    const object = this.#objects.get(uid);
    if (object === undefined || this.#intervals.isRecord?.(previous, next) === true) return 0;
    if (deepEqual(previous, next)) {
      object.noticed = undefined;
      return 0;
    }
    return Math.max(0, this.#due(object, previous, next) - this.#clock.monotonic());
  }

  #due(object: Pending, previous: Status, next: Status): number {
    const { newsMs, progressMs, restMs, stepMs } = this.#intervals;
    const underWay = isUnderWay(next);
    if (!isNews(previous, next)) {
      object.noticed = undefined;
      return object.written + (underWay && isUnderWay(previous) ? stepMs : restMs);
    }
    object.noticed ??= this.#clock.monotonic();
    const turn = object.written + newsMs;
    return underWay ? Math.max(turn, object.noticed + progressMs) : turn;
  }

  written(uid: string): void {
    this.#objects.set(uid, { written: this.#clock.monotonic() });
  }

  forget(uid: string): void {
    this.#objects.delete(uid);
  }
}

/** What somebody may wait for. */
function isNews(previous: Status, next: Status): boolean {
  if (previous.observedGeneration !== next.observedGeneration) return true;
  return !deepEqual(verdicts(previous), verdicts(next));
}

function isUnderWay(status: Status): boolean {
  return verdicts(status).Reconciling === 'True';
}

function verdicts({ conditions }: Status): Record<string, string> {
  if (!Array.isArray(conditions)) return {};
  return Object.fromEntries((conditions as Condition[]).map(({ type, status }) => [type, status]));
}
