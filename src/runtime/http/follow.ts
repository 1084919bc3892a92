import { type ClientHttp2Session, constants } from 'node:http2';
import type { Dispatcher } from 'undici';
import { ApiError } from '../api/errors.ts';
import { apiError, asApiError, type CallAnswer, textOf } from './exchange.ts';

/** Whoever follows an answer that goes on until the server ends it. */
export type Follower = {
  readonly sink: (chunk: Buffer) => void;
  /** Told once; 0 where there was no answer. */
  readonly onStatus: (status: number) => void;
  /** Ends it from here. */
  readonly signal: AbortSignal;
};

/** Any metav1.Status fits into this many chunks. */
const ERROR_CHUNK_LIMIT = 64;

/** What has come of an answer: given to its follower, or kept where it is a refusal. */
class Received {
  readonly #follower: Follower;
  #status = 0;
  #headers: CallAnswer['headers'] = {};
  readonly #refusal: Buffer[] = [];

  constructor(follower: Follower) {
    this.#follower = follower;
  }

  get begun(): boolean {
    return this.#status !== 0;
  }

  begin(status: number, headers: CallAnswer['headers']): void {
    [this.#status, this.#headers] = [status, headers];
    this.#follower.onStatus(status);
  }

  /** Throws what the follower throws. */
  take(chunk: Buffer): void {
    if (this.#status < 400) this.#follower.sink(chunk);
    else if (this.#refusal.length < ERROR_CHUNK_LIMIT) this.#refusal.push(chunk);
  }

  /** Once it is whole: the server's refusal, if it is one. */
  refusal(): ApiError | undefined {
    if (this.#status < 400) return undefined;
    return apiError({ status: this.#status, headers: this.#headers, body: textOf(this.#refusal) });
  }
}

/** Over HTTP/1.1, on a connection of its own. */
export function follow(pool: Dispatcher, options: Dispatcher.DispatchOptions, follower: Follower): Promise<void> {
  const { onStatus, signal } = follower;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const received = new Received(follower);
  let cancel = () => {};
  pool.dispatch(options, {
    onRequestStart(controller) {
      cancel = () => controller.abort(endedByUs());
      if (signal.aborted) cancel();
      else signal.addEventListener('abort', cancel);
    },
    onResponseStart(_controller, status, headers) {
      received.begin(status, headers);
    },
    onResponseData(controller, chunk) {
      try {
        received.take(chunk);
      } catch (error) {
        controller.abort(error instanceof Error ? error : new Error(String(error)));
      }
    },
    onResponseEnd() {
      const refusal = received.refusal();
      if (refusal === undefined) resolve();
      else reject(refusal);
    },
    onResponseError(_controller, error) {
      if (!received.begun) onStatus(0);
      reject(asApiError(error));
    },
  });
  return promise.finally(() => signal.removeEventListener('abort', cancel));
}

/** Over HTTP/2, beside others on the same connection. */
export function followShared(
  session: ClientHttp2Session,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
  follower: Follower,
): Promise<void> {
  const { onStatus, signal } = follower;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stream = session.request(headers);
  const received = new Received(follower);
  const fail = (error: unknown) => {
    reject(asApiError(error));
    stream.close(constants.NGHTTP2_CANCEL);
  };
  const ended = () => {
    const isWhole = received.begun && stream.rstCode === constants.NGHTTP2_NO_ERROR;
    if (!isWhole) return fail(new Error('the stream was cut, or the connection that it shares'));
    const refusal = received.refusal();
    if (refusal === undefined) resolve();
    else reject(refusal);
  };
  stream
    .on('response', answer => {
      clearTimeout(late);
      received.begin(Number(answer[':status']), answer);
    })
    .on('data', (chunk: Buffer) => {
      try {
        received.take(chunk);
      } catch (error) {
        fail(error);
      }
    })
    .on('end', ended)
    .on('close', ended)
    .on('error', fail);
  const late = setTimeout(() => fail(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  const cancel = () => fail(endedByUs());
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel);
  return promise.finally(() => {
    clearTimeout(late);
    signal.removeEventListener('abort', cancel);
    // Without it a stream of a busy connection may be held until the connection ends.
    stream.destroy();
    if (!received.begun) onStatus(0);
  });
}

export function endedByUs(): ApiError {
  return new ApiError(0, 'Unreachable', 'watch ended by us');
}
