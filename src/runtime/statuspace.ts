import type { Clock } from './clock.ts';
import type { Condition } from './conditions.ts';
import { deepEqual } from './json.ts';

type Status = Readonly<Record<string, unknown>>;

/**
 * Keeps statuses from being written step by step while an object passes through states that last an instant.
 * News is never held back; anything else waits until so many milliseconds after the object's last status write, and is then
 * written as it is by then.
 */
export class StatusPace {
  readonly #intervalMs: number;
  readonly #clock: Clock;
  /** Monotonic time of the last write, by UID. */
  readonly #written = new Map<string, number>();

  constructor(intervalMs: number, clock: Clock) {
    this.#intervalMs = intervalMs;
    this.#clock = clock;
  }

  /** Milliseconds that the status has to wait; 0: write it now. */
  delay(uid: string, previous: Status, next: Status): number {
    const last = this.#written.get(uid);
    if (last === undefined || isNews(previous, next) || deepEqual(previous, next)) return 0;
    return Math.max(0, last + this.#intervalMs - this.#clock.monotonic());
  }

  written(uid: string): void {
    if (this.#intervalMs > 0) this.#written.set(uid, this.#clock.monotonic());
  }

  forget(uid: string): void {
    this.#written.delete(uid);
  }
}

/** What somebody may wait for: another generation is observed, or the status of a condition has changed. */
export function isNews(previous: Status, next: Status): boolean {
  if (previous.observedGeneration !== next.observedGeneration) return true;
  return !deepEqual(verdicts(previous), verdicts(next));
}

function verdicts({ conditions }: Status): Record<string, string> {
  if (!Array.isArray(conditions)) return {};
  return Object.fromEntries((conditions as Condition[]).map(({ type, status }) => [type, status]));
}
