import type { Dispatcher } from 'undici';
import { asApiError } from './exchange.ts';
import { endedByUs, type Follower, follow, followShared } from './follow.ts';
import type { SharedConnections } from './sharedconnections.ts';

export type StreamTarget = {
  readonly origin: string;
  /** Path with query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Longest wait for the answer to begin. */
  readonly timeoutMs: number;
};

/** Carries answers that go on: many on one connection by HTTP/2, or each on one of its own where there is HTTP/1.1 only. */
export class Streams {
  readonly #shared: SharedConnections | undefined;
  readonly #single: Dispatcher;

  /** `shared` undefined: HTTP/1.1 whatever the server offers. */
  constructor(shared: SharedConnections | undefined, single: Dispatcher) {
    this.#shared = shared;
    this.#single = single;
  }

  /** Resolves when the server ends the answer, throws ApiError otherwise. */
  async follow({ origin, path, headers, timeoutMs }: StreamTarget, follower: Follower): Promise<void> {
    const place = await this.#shared?.place().catch((error: unknown) => {
      follower.onStatus(0);
      throw asApiError(error);
    });
    if (place === undefined) {
      const options = { origin, path, method: 'GET', headers, headersTimeout: timeoutMs, bodyTimeout: 0 } as const;
      return follow(this.#single, options, follower);
    }
    try {
      if (follower.signal.aborted) throw endedByUs();
      await followShared(place.session, { ...headers, ':path': path }, timeoutMs, follower);
    } finally {
      place.release();
    }
  }

  /** Takes no more; connections end with what runs on them. */
  async close(): Promise<void> {
    await Promise.all([this.#shared?.close(), this.#single.close()]);
  }

  /** Ends everything at once. */
  async destroy(): Promise<void> {
    await Promise.all([this.#shared?.destroy(), this.#single.destroy()]);
  }
}
