/** The loop that every played component runs: look at one object after the other, and again at those that changed or went wrong. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from './client.ts';
import type { Key } from './store.ts';

/** Milliseconds until an object is looked at again after an error. Short: a refusal by quota is lifted by a test that waits for us. */
const retryAfter = 500;

export class Player {
  readonly #dirty = new Set<Key>();
  readonly #busy = new Set<Key>();
  readonly #play: (key: Key) => Promise<void>;
  readonly #report: (line: string) => void;
  readonly #signal: AbortSignal;

  /** `play` brings one object to where the played component would; it is never run twice at a time for one key. */
  constructor(play: (key: Key) => Promise<void>, signal: AbortSignal, report: (line: string) => void) {
    this.#play = play;
    this.#signal = signal;
    this.#report = report;
  }

  /** Asks for a look at the object, now or after the look that is under way. */
  readonly enqueue = (key: Key): void => {
    this.#dirty.add(key);
    void this.#run(key);
  };

  async #run(key: Key): Promise<void> {
    if (this.#busy.has(key)) return;
    this.#busy.add(key);
    while (this.#dirty.delete(key) && !this.#signal.aborted) {
      try {
        await this.#play(key);
      } catch (error) {
        if (this.#signal.aborted) break;
        // Someone else wrote first: the watch brings their version and with it another look.
        const conflict = error instanceof ApiError && (error.status === 409 || error.status === 404);
        if (!conflict) this.#report(`${key}: ${error instanceof Error ? error.message : error}`);
        await sleep(conflict ? 50 : retryAfter, undefined, { ref: false });
        this.#dirty.add(key);
      }
    }
    this.#busy.delete(key);
  }
}
