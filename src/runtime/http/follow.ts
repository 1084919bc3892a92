import { type ClientHttp2Session, constants, type IncomingHttpHeaders } from 'node:http2';
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

/** Over HTTP/1.1, on a connection of its own. */
export function follow(
  pool: Dispatcher,
  options: Dispatcher.DispatchOptions,
  { sink, onStatus, signal }: Follower,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let headers: CallAnswer['headers'] = {};
    const refusal: Buffer[] = [];
    let cancel = () => {};
    const settle = (finish: () => void) => {
      signal.removeEventListener('abort', cancel);
      finish();
    };
    pool.dispatch(options, {
      onRequestStart(controller) {
        cancel = () => controller.abort(endedByUs());
        if (signal.aborted) cancel();
        else signal.addEventListener('abort', cancel);
      },
      onResponseStart(_controller, statusCode, received) {
        status = statusCode;
        headers = received;
        onStatus(status);
      },
      onResponseData(controller, chunk) {
        try {
          if (status < 400) sink(chunk);
          else if (refusal.length < ERROR_CHUNK_LIMIT) refusal.push(chunk);
        } catch (error) {
          controller.abort(error instanceof Error ? error : new Error(String(error)));
        }
      },
      onResponseEnd() {
        settle(status < 400 ? resolve : () => reject(apiError({ status, headers, body: textOf(refusal) })));
      },
      onResponseError(_controller, error) {
        if (status === 0) onStatus(0);
        settle(() => reject(asApiError(error)));
      },
    });
  });
}

/** Over HTTP/2, beside others on the same connection. */
export function followShared(
  session: ClientHttp2Session,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
  { sink, onStatus, signal }: Follower,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stream = session.request(headers);
  let [status, received]: [number, IncomingHttpHeaders] = [0, {}];
  const refusal: Buffer[] = [];
  const fail = (error: unknown) => {
    reject(asApiError(error));
    stream.close(constants.NGHTTP2_CANCEL);
  };
  const ended = () => {
    if (status === 0 || stream.rstCode !== constants.NGHTTP2_NO_ERROR)
      fail(new Error('the stream was cut, or the connection that it shares'));
    else if (status >= 400) reject(apiError({ status, headers: received, body: textOf(refusal) }));
    else resolve();
  };
  stream
    .on('response', answer => {
      [status, received] = [Number(answer[':status']), answer];
      clearTimeout(late);
      onStatus(status);
    })
    .on('data', (chunk: Buffer) => {
      try {
        if (status < 400) sink(chunk);
        else if (refusal.length < ERROR_CHUNK_LIMIT) refusal.push(chunk);
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
    if (status === 0) onStatus(0);
  });
}

export function endedByUs(): ApiError {
  return new ApiError(0, 'Unreachable', 'watch ended by us');
}
