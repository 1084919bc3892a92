import type { Clock } from './clock.ts';

type Sleeper = { readonly at: number; readonly wake: () => void };

/** Time that passes only where somebody sleeps: as fast as it can, in the order of waking. */
export class LeapingClock implements Clock {
  #now = 0;
  readonly #sleepers: Sleeper[] = [];

  now(): Date {
    return new Date(Date.parse('2026-01-01T00:00:00Z') + this.#now);
  }

  monotonic(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise(resolve => {
      const sleeper = { at: this.#now + Math.max(ms, 0), wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.#forget(sleeper);
        resolve();
      });
    });
  }

  leap(): void {
    const next = this.#sleepers.toSorted((a, b) => a.at - b.at)[0];
    if (next === undefined) return;
    this.#forget(next);
    this.#now = Math.max(this.#now, next.at);
    next.wake();
  }

  #forget(sleeper: Sleeper): void {
    const index = this.#sleepers.indexOf(sleeper);
    if (index >= 0) this.#sleepers.splice(index, 1);
  }
}

/** Lets the sockets go on, and moves time only when they have nothing to say. */
export async function leaping<T>(clock: LeapingClock, result: Promise<T>): Promise<T> {
  let over = false;
  void result.finally(() => {
    over = true;
  });
  while (!over) {
    for (let turn = 0; turn < 50 && !over; turn += 1) await new Promise(resolve => setImmediate(resolve));
    if (!over) clock.leap();
  }
  return result;
}
