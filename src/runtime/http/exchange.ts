import type { Dispatcher } from 'undici';
import type { IncomingHttpHeaders } from 'undici/types/header.d.ts';
import { ApiError, NotLeader, type StatusDetails } from '../api/errors.ts';

export type CallAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};

/** One request, one answer. `gate` is asked when the request is about to be written to its connection. */
export function exchange(
  pool: Dispatcher,
  options: Dispatcher.DispatchOptions,
  gate?: () => boolean,
): Promise<CallAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let status = 0;
    let headers: IncomingHttpHeaders = {};
    pool.dispatch(options, {
      onRequestStart(controller) {
        if (gate?.() === false) controller.abort(new NotLeader());
      },
      onResponseStart(_controller, statusCode, received) {
        status = statusCode;
        headers = received;
      },
      onResponseData(_controller, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd() {
        resolve({ status, headers, body: textOf(chunks) });
      },
      onResponseError(_controller, error) {
        reject(asApiError(error));
      },
    });
  });
}

export function textOf(chunks: readonly Buffer[]): string {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first.toString() : Buffer.concat(chunks).toString();
}

export function parse(body: string): unknown {
  if (body === '') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    // Some subresources answer with plain text.
    return body;
  }
}

type StatusBody = { reason?: string; message?: string; details?: StatusDetails };

export function apiError(answer: CallAnswer): ApiError {
  const value = parse(answer.body);
  const status: StatusBody = typeof value === 'object' && value !== null ? value : {};
  const header = Number(answer.headers['retry-after']);
  const retryAfter = Number.isFinite(header) && header > 0 ? header : status.details?.retryAfterSeconds;
  const message = status.message ?? `the API server answered ${answer.status}`;
  return new ApiError(answer.status, status.reason ?? reasonOf(answer.status), message, {
    retryAfter,
    details: status.details,
  });
}

function reasonOf(status: number): string {
  const reasons: Record<number, string> = {
    401: 'Unauthorized',
    404: 'NotFound',
    410: 'Expired',
    429: 'TooManyRequests',
  };
  return reasons[status] ?? (status >= 500 ? 'InternalError' : 'Unknown');
}

export function asApiError(error: unknown): Error {
  if (error instanceof ApiError || error instanceof NotLeader) return error;
  return new ApiError(0, 'Unreachable', messageOf(error), { cause: error });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
