/** Lets only so many tasks run at once. Urgent ones are served before all others that wait. */
export class Semaphore {
  readonly #limit: number;
  readonly #urgent: (() => void)[] = [];
  readonly #normal: (() => void)[] = [];
  #active = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Resolves when a place is free; the caller gives it back with {@link release}. */
  acquire(urgent: boolean): Promise<void> | undefined {
    if (this.#active < this.#limit) {
      this.#active += 1;
      return undefined;
    }
    return new Promise(resolve => {
      (urgent ? this.#urgent : this.#normal).push(resolve);
    });
  }

  release(): void {
    const next = this.#urgent.shift() ?? this.#normal.shift();
    if (next === undefined) this.#active -= 1;
    else next();
  }
}
