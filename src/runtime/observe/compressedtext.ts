import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Clock } from '../api/clock.ts';

/** How old a text may be that a reader gets: readers at one time share one. */
const FRESH_MS = 1_000;
/** Least rest after a rendering, in times of what it took: who asks again and again must not take the time of everything else. */
const REST_PER_MS = 9;
/** The least effort: lines of metrics are so much alike that more effort hardly saves more. */
const LEVEL = 1;

/** A text that is rendered in pieces when somebody asks for it, and never held but compressed (gzip). */
export class CompressedText {
  readonly #pieces: () => AsyncIterable<string>;
  readonly #clock: Clock;
  #text: Promise<Buffer> | undefined;
  /** Monotonic time from which it is rendered anew. */
  #freshUntil = Number.NEGATIVE_INFINITY;

  constructor(pieces: () => AsyncIterable<string>, clock: Clock) {
    this.#pieces = pieces;
    this.#clock = clock;
  }

  /** The same for all who ask while it is rendered, or soon after. */
  get(): Promise<Buffer> {
    if (this.#text === undefined || this.#clock.monotonic() >= this.#freshUntil) {
      this.#freshUntil = Number.POSITIVE_INFINITY;
      this.#text = this.#render();
    }
    return this.#text;
  }

  async #render(): Promise<Buffer> {
    const began = this.#clock.monotonic();
    try {
      return await compressed(this.#pieces());
    } finally {
      const now = this.#clock.monotonic();
      this.#freshUntil = Math.max(began + FRESH_MS, now + (now - began) * REST_PER_MS);
    }
  }
}

/** Between two pieces everything else has its turn. */
async function compressed(pieces: AsyncIterable<string>): Promise<Buffer> {
  const source = Readable.from(pieces, { highWaterMark: 1 });
  const gzip = createGzip({ level: LEVEL });
  source.once('error', error => gzip.destroy(error));
  return Buffer.concat(await Array.fromAsync<Buffer>(source.pipe(gzip)));
}
