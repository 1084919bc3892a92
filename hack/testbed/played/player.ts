/** The loop that every played component runs: look at one object after the other, and again at those that changed or went wrong. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../client/client.ts';
import type { Key } from '../client/store.ts';

/** Milliseconds until an object is looked at again after an error. */
const retryAfter = 500;

/** Brings one object to where the played component would. */
export type Play = (key: Key) => Promise<void>;

/** Thrown by a {@link Play} that wants to look again, though nothing is wrong, in so many milliseconds. */
export class LookAgain extends Error {
  override name = 'LookAgain';
  readonly after: number;
  constructor(after: number) {
    super(`look again in ${after} ms`);
    this.after = after;
  }
}

export class Player {
  readonly #dirty = new Set<Key>();
  readonly #busy = new Set<Key>();
  readonly #play: Play;
  readonly #report: (line: string) => void;
  readonly #signal: AbortSignal;

  /** `play` is never run twice at a time for one key. */
  constructor(play: Play, signal: AbortSignal, report: (line: string) => void) {
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
        await sleep(this.#pause(key, error), undefined, { ref: false });
        this.#dirty.add(key);
      }
    }
    this.#busy.delete(key);
  }

  #pause(key: Key, error: unknown): number {
    if (error instanceof LookAgain) return error.after;
    // Someone else wrote first: the watch brings their version.
    if (error instanceof ApiError && (error.status === 409 || error.status === 404)) return 50;
    this.#report(`${key}: ${error instanceof Error ? error.message : error}`);
    return retryAfter;
  }
}
