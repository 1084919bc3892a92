import { Duplex } from 'node:stream';
import { type Dispatcher, WebSocket } from 'undici';
import { ApiError } from '../api/errors.ts';
import { messageOf } from './exchange.ts';

export type TunnelTarget = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Subprotocol of WebSocket that both sides must speak. */
  readonly protocol: string;
};

/** Largest message that is taken, in bytes: what carries a stream sends no more than it has read at once. */
export const LARGEST_MESSAGE = 1024 * 1024;

/** What is seen of the exchange below a WebSocket, which itself tells neither the status of a refusal nor why there was no answer. */
type Seen = { status: number; error?: Error; socket?: Duplex };

/**
 * A stream of bytes that is carried by the binary messages of a WebSocket. `signal` bounds the wait for it, not its life.
 * Rejects with ApiError: the status of who refused it, or 0 where nobody answered in time, or not by the rules.
 */
export function openTunnel(dispatcher: Dispatcher, target: TunnelTarget, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const { url, headers, protocol } = target;
    const seen: Seen = { status: 0 };
    const webSocket = new WebSocket(url, { protocols: [protocol], headers, dispatcher: dispatcher.compose(see(seen)) });
    webSocket.binaryType = 'arraybuffer';
    let late = false;
    const abort = () => {
      late = true;
      webSocket.close();
    };
    const over = () => signal.removeEventListener('abort', abort);
    webSocket.addEventListener('open', () => {
      over();
      if (seen.socket !== undefined) resolve(new Tunnel(webSocket, seen.socket));
    });
    webSocket.addEventListener('close', () => {
      over();
      // Of a connection that became something else than a WebSocket undici lets go without ending it.
      seen.socket?.destroy();
      reject(refusalOf(seen, late));
    });
    webSocket.addEventListener('error', () => {});
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
  });
}

function refusalOf({ status, error }: Seen, late: boolean): ApiError {
  if (status >= 400) return new ApiError(status, 'Unknown', `the API server answered ${status}`);
  if (late) return new ApiError(0, 'Unreachable', 'no answer in time');
  return new ApiError(0, 'Unreachable', error === undefined ? 'no WebSocket' : messageOf(error));
}

class Tunnel extends Duplex {
  readonly #webSocket: WebSocket;
  readonly #socket: Duplex;
  /** A write that waits until the one before has left. */
  #waiting: (() => void) | undefined;

  constructor(webSocket: WebSocket, socket: Duplex) {
    super({ allowHalfOpen: false });
    this.#webSocket = webSocket;
    this.#socket = socket;
    webSocket.addEventListener('message', ({ data }) => {
      if (!(data instanceof ArrayBuffer)) this.destroy(new Error('a message of text in a stream of bytes'));
      else if (!this.push(Buffer.from(data))) socket.pause();
    });
    webSocket.addEventListener('close', () => {
      this.push(null);
      this.#goOn();
    });
    socket.on('drain', () => this.#goOn());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#webSocket.send(chunk);
    if (this.#socket.writableNeedDrain) this.#waiting = done;
    else done();
  }

  override _final(done: () => void): void {
    this.#webSocket.close();
    done();
  }

  /** Does not wait for the other side to agree. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#webSocket.close();
    this.#socket.end(() => this.#socket.destroy());
    done(error);
  }

  #goOn(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }
}

function see(seen: Seen): Dispatcher.DispatcherComposeInterceptor {
  return dispatch => (options, handler) => dispatch(options, watched(handler, seen));
}

function watched(handler: Dispatcher.DispatchHandler, seen: Seen): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (...args) => handler.onRequestStart?.(...args),
    onRequestUpgrade: (controller, status, headers, socket) => {
      seen.socket = socket;
      return handler.onRequestUpgrade?.(controller, status, headers, socket);
    },
    onResponseStart: (controller, status, headers, message) => {
      seen.status = status;
      return handler.onResponseStart?.(controller, status, headers, message);
    },
    onResponseData: (...args) => handler.onResponseData?.(...args),
    onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
    onResponseError: (controller, error) => {
      seen.error = error;
      return handler.onResponseError?.(controller, error);
    },
  };
}
