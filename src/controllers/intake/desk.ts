import type { Pointer } from '../../domain/intake/pointer.ts';

/** Alerts that are settled together: their rules and expressions are asked for once. */
const BATCH = 5_000;

type Waiting = { readonly pointers: readonly Pointer[]; readonly done: (error?: unknown) => void };

/** Settles one batch at a time. What comes meanwhile waits, and is settled together: a storm costs questions by the second, and not by the message. */
export class Desk {
  readonly #settle: (pointers: readonly Pointer[]) => Promise<void>;
  #waiting: Waiting[] = [];
  #busy = false;

  constructor(settle: (pointers: readonly Pointer[]) => Promise<void>) {
    this.#settle = settle;
  }

  /** Resolves when they are settled; throws what hindered it, which may be another's. */
  submit(pointers: readonly Pointer[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ pointers, done: error => (error === undefined ? resolve() : reject(error)) });
      if (!this.#busy) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const batch = this.#next();
      const error = await this.#settle(batch.flatMap(({ pointers }) => pointers)).then(
        () => undefined,
        (hindrance: unknown) => hindrance ?? new Error('not settled'),
      );
      for (const { done } of batch) done(error);
    }
    this.#busy = false;
  }

  #next(): readonly Waiting[] {
    let count = 0;
    const fits = this.#waiting.findIndex(({ pointers }, index) => {
      count += pointers.length;
      return index > 0 && count > BATCH;
    });
    const batch = fits === -1 ? this.#waiting : this.#waiting.slice(0, fits);
    this.#waiting = fits === -1 ? [] : this.#waiting.slice(fits);
    return batch;
  }
}
