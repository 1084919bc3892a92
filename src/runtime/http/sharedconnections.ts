import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { isIP } from 'node:net';
import { type ConnectionOptions, connect as connectTLS, type TLSSocket } from 'node:tls';
import { ApiError } from '../api/errors.ts';
import { messageOf } from './exchange.ts';

/** Room for one stream on a connection; to be given back when the stream has ended. */
export type Place = { readonly session: ClientHttp2Session; release(): void };

type Shared = { readonly session: ClientHttp2Session; streams: number };

const HTTPS_PORT = 443;
export const CONNECT_TIMEOUT_MS = 10_000;
/**
 * A connection whose peer leaves two pings in a row unanswered is dead, however quiet its streams are. Two, because this process itself may
 * have been held up until it looks.
 */
const PING_MS = 10_000;
const UNANSWERED_PINGS = 2;
/** Bytes that may be on their way, on one stream and on one connection. What has come is read at once, so they take no memory here. */
const STREAM_WINDOW = 1024 * 1024;
const CONNECTION_WINDOW = 4 * 1024 * 1024;

/** HTTP/2 connections to one server. Another one is opened only when each carries as many streams as the server allows. */
export class SharedConnections {
  readonly #origin: string;
  readonly #tls: ConnectionOptions;
  readonly #connections = new Set<Shared>();
  #opening: Promise<void> | undefined;
  #onlyHttp1 = false;
  #closed = false;

  constructor(origin: string, tls: ConnectionOptions) {
    this.#origin = origin;
    this.#tls = tls;
  }

  /** Undefined where the server speaks HTTP/1.1 only. Throws ApiError when it cannot be reached. */
  async place(): Promise<Place | undefined> {
    while (!this.#onlyHttp1) {
      if (this.#closed) throw new ApiError(0, 'Unreachable', 'the transport is closed');
      const free = this.#connections.values().find(hasRoom);
      if (free !== undefined) return placeOn(free);
      // All who wait share one attempt, and its failure.
      this.#opening ??= this.#open().finally(() => {
        this.#opening = undefined;
      });
      await this.#opening;
    }
    return undefined;
  }

  /** Takes no more streams; each connection ends with its last one. */
  async close(): Promise<void> {
    await this.#endAll(session => session.close());
  }

  /** Ends every stream at once. */
  async destroy(): Promise<void> {
    await this.#endAll(session => session.destroy());
  }

  async #endAll(end: (session: ClientHttp2Session) => void): Promise<void> {
    this.#closed = true;
    const sessions = [...this.#connections].map(({ session }) => session).filter(({ destroyed }) => !destroyed);
    const closed = sessions.map(session => once(session, 'close'));
    for (const session of sessions) end(session);
    await Promise.all(closed);
  }

  async #open(): Promise<void> {
    const { hostname, port } = new URL(this.#origin);
    const host = hostname.replace(/^\[|\]$/g, '');
    const where = { host, port: Number(port || HTTPS_PORT), ...(isIP(host) === 0 && { servername: host }) };
    const socket = connectTLS({ ...where, ...this.#tls, ALPNProtocols: ['h2', 'http/1.1'] });
    // After the first error there may be another, which nobody waits for.
    socket.setNoDelay().on('error', () => {});
    const late = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
    try {
      await once(socket, 'secureConnect', { signal: late });
      this.#onlyHttp1 = socket.alpnProtocol !== 'h2';
      if (this.#onlyHttp1) socket.destroy();
      else this.#share(await begun(this.#origin, socket, late));
    } catch (cause) {
      socket.destroy();
      const message = late.aborted ? `no connection within ${CONNECT_TIMEOUT_MS / 1000} s` : messageOf(cause);
      throw new ApiError(0, 'Unreachable', message, { cause });
    }
  }

  #share(session: ClientHttp2Session): void {
    const shared = { session, streams: 0 };
    this.#connections.add(shared);
    session.once('close', () => this.#connections.delete(shared));
    endWhenDead(session);
    if (this.#closed) session.destroy();
  }
}

/** A session whose server has said how many streams it allows. */
async function begun(origin: string, socket: TLSSocket, late: AbortSignal): Promise<ClientHttp2Session> {
  const settings = { enablePush: false, initialWindowSize: STREAM_WINDOW };
  const session = connect(origin, { createConnection: () => socket, settings });
  // Each of its streams is told why it ended.
  session.on('error', () => {});
  const closed = once(session, 'close', { signal: late }).then(() => {
    throw new Error('the connection was closed at once');
  });
  await Promise.race([once(session, 'remoteSettings', { signal: late }), closed]);
  session.setLocalWindowSize(CONNECTION_WINDOW);
  return session;
}

/** After a GOAWAY a session is closed: its streams go on, and it takes no more. */
function hasRoom({ session, streams }: Shared): boolean {
  const { maxConcurrentStreams = Number.POSITIVE_INFINITY } = session.remoteSettings;
  return !session.closed && !session.destroyed && streams < Math.max(maxConcurrentStreams, 1);
}

function placeOn(shared: Shared): Place {
  shared.streams += 1;
  const release = () => {
    shared.streams -= 1;
  };
  return { session: shared.session, release };
}

function endWhenDead(session: ClientHttp2Session): void {
  let unanswered = 0;
  const timer = setInterval(() => {
    if (session.destroyed) return;
    if (unanswered === UNANSWERED_PINGS)
      session.destroy(new Error(`${UNANSWERED_PINGS} pings in a row were not answered`));
    else
      session.ping(() => {
        unanswered = 0;
      });
    unanswered += 1;
  }, PING_MS);
  session.once('close', () => clearInterval(timer));
}
