import type { Clock } from './clock.ts';

type Sleeper = { readonly at: number; readonly wake: () => void };

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  readonly #start: number;
  #elapsed = 0;
  #sleepers: Sleeper[] = [];

  constructor(start: Date = new Date('2026-01-01T00:00:00Z')) {
    this.#start = start.getTime();
  }

  now(): Date {
    return new Date(this.#start + this.#elapsed);
  }

  monotonic(): number {
    return this.#elapsed;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise(resolve => {
      const sleeper = { at: this.#elapsed + Math.max(ms, 0), wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter(other => other !== sleeper);
        resolve();
      });
    });
  }

  /** Moves time on, waking every sleeper at its own moment. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    for (let next = this.#first(); next !== undefined && next.at <= end; next = this.#first()) await this.#wake(next);
    this.#elapsed = end;
    await turn();
  }

  /** Moves on to the next sleeper, if there is one. */
  async advanceToNext(): Promise<void> {
    const next = this.#first();
    if (next !== undefined) await this.#wake(next);
  }

  #first(): Sleeper | undefined {
    return this.#sleepers.reduce<Sleeper | undefined>((a, b) => (a === undefined || b.at < a.at ? b : a), undefined);
  }

  async #wake(sleeper: Sleeper): Promise<void> {
    this.#sleepers = this.#sleepers.filter(other => other !== sleeper);
    this.#elapsed = Math.max(this.#elapsed, sleeper.at);
    sleeper.wake();
    await turn();
  }
}

/** Lets everything run that only waits for a promise. */
async function turn(): Promise<void> {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
}
