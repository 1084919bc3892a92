import type { Duplex } from 'node:stream';
import { type Dispatcher, Pool, ProxyAgent } from 'undici';
import { type Clock, systemClock } from '../api/clock.ts';
import { ApiError } from '../api/errors.ts';
import type { Connection, Credentials } from './connection.ts';
import { apiError, asApiError, type CallAnswer, exchange, messageOf, parse } from './exchange.ts';
import { Semaphore } from './semaphore.ts';
import { CONNECT_TIMEOUT_MS, SharedConnections } from './sharedconnections.ts';
import { Streams } from './streams.ts';
import { LARGEST_MESSAGE, openTunnel } from './tunnel.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What an interceptor sees of a request. */
export type CallInfo = {
  readonly method: Method;
  /** Path with query. */
  readonly path: string;
  /** JSON text, if there is a body. */
  readonly body: string | undefined;
  readonly contentType: string | undefined;
  readonly watch: boolean;
};
/** Faults are injected here. Throwing before `send` = never sent; throwing after it = response lost after commit. */
export type Intercept = {
  call?(info: CallInfo, send: () => Promise<CallAnswer>): Promise<CallAnswer>;
  /** Wraps the sink of a watch stream: chunks can be dropped, delayed, repeated; throwing cuts the stream. */
  stream?(info: CallInfo, deliver: (chunk: Buffer) => void): (chunk: Buffer) => void;
};

export type CallRequest = {
  readonly method: Method;
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
  /** Served before other calls that wait for a place. */
  readonly urgent?: boolean;
  /** Neither counted nor gated, and never repeated in place: for the lease itself, which has a deadline to keep. */
  readonly exempt?: boolean;
  /** For all of it, credentials included; after it nothing is sent any more. Default: 65 s for each answer. */
  readonly timeoutMs?: number;
};
export type StreamRequest = {
  readonly path: string;
  readonly accept?: string;
  /** Told when the server has begun to answer, which may be long before the first line. */
  readonly onOpen?: () => void;
};

export type TunnelRequest = {
  readonly path: string;
  /** Subprotocol of WebSocket. */
  readonly protocol: string;
};

export type TransportSettings = {
  readonly connection: Connection;
  readonly userAgent: string;
  readonly inFlight?: number;
  readonly clock?: Clock;
  readonly intercept?: Intercept | undefined;
  /** Told of every answer (status 0: none) and the milliseconds it took. */
  readonly onAnswer?: (method: Method, status: number, ms: number) => void;
};

/** Tokens, CA and client certificate are looked at again when older than this. */
const CREDENTIALS_MAX_AGE_MS = 30_000;
/** The API server ends any request after 60 s itself. */
const CALL_TIMEOUT_MS = 65_000;
/** Below the API server's own 90 s, so that we never write to a connection it is just closing. */
const KEEP_ALIVE_MS = 45_000;
/** With the kernel's 1 s × 10 probes a dead peer is noticed after 25 s, however quiet a watch by HTTP/1.1 is. */
const TCP_KEEP_ALIVE_MS = 15_000;
const SWITCHING_PROTOCOLS = 101;
const RETRIES_IN_PLACE = 3;
const LONGEST_RETRY_AFTER_S = 30;

type Pools = { readonly calls: Dispatcher; readonly streams: Streams; readonly tunnels: Dispatcher };
type Session = Pools & { readonly headers: Record<string, string> };

/**
 * HTTP to one API server. Calls and watches have connections of their own: what many watches tell at once must never hold back a
 * write. Knows nothing of objects; errors are ApiError or NotLeader.
 */
export class Transport {
  readonly #settings: TransportSettings;
  readonly #clock: Clock;
  readonly #places: Semaphore;
  readonly #inFlight: number;
  readonly #origin: string;
  readonly #basePath: string;
  #gate: () => boolean = () => true;
  #session: Session | undefined;
  #material = '';
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<Session> | undefined;
  readonly #retired = new Set<Session>();
  readonly #tunnels = new Set<Duplex>();
  #closed = false;

  constructor(settings: TransportSettings) {
    this.#settings = settings;
    this.#clock = settings.clock ?? systemClock;
    this.#inFlight = settings.inFlight ?? 32;
    this.#places = new Semaphore(this.#inFlight);
    const url = new URL(settings.connection.server);
    this.#origin = url.origin;
    this.#basePath = url.pathname === '/' ? '' : url.pathname.replace(/\/$/, '');
  }

  /** Everything but GET is refused with NotLeader, at the last moment before it is sent, while this returns false. */
  setWriteGate(gate: () => boolean): void {
    this.#gate = gate;
  }

  /** One request and its JSON answer; throws ApiError for any status of 400 and above. Retry-After is honoured here. */
  async call(request: CallRequest): Promise<{ status: number; value: unknown }> {
    const { timeoutMs } = request;
    if (timeoutMs === undefined) return this.#insist(request);
    const over = new AbortController();
    const late = this.#clock.sleep(timeoutMs, over.signal).then(() => {
      throw new ApiError(0, 'Unreachable', `no answer within ${timeoutMs / 1000} s`);
    });
    try {
      return await Promise.race([this.#insist(request, over.signal), late]);
    } finally {
      over.abort();
    }
  }

  async #insist(request: CallRequest, over?: AbortSignal): Promise<{ status: number; value: unknown }> {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await this.#place(request, over);
      if (answer.status < 400) return { status: answer.status, value: parse(answer.body) };
      const error = apiError(answer);
      if (attempt >= RETRIES_IN_PLACE) throw error;
      if (answer.status === 401 && attempt === 0) this.#refreshedAt = Number.NEGATIVE_INFINITY;
      else if (request.exempt === true || !mayRetry(error)) throw error;
      else await this.#clock.sleep(Math.min(error.retryAfter ?? 0, LONGEST_RETRY_AFTER_S) * 1000);
      if (this.#closed) throw error;
    }
  }

  /** A watch: every chunk goes to `sink` in order; resolves when the server ends it, throws ApiError otherwise. */
  async stream(request: StreamRequest, sink: (chunk: Buffer) => void, signal: AbortSignal): Promise<void> {
    const session = await this.#current();
    const info: CallInfo = { method: 'GET', path: request.path, body: undefined, contentType: undefined, watch: true };
    const cut = new AbortController();
    const ended = AbortSignal.any([signal, cut.signal]);
    let failure: unknown;
    // An interceptor may deliver later than the connection does, so a sink that throws ends the stream from here.
    const guarded = (chunk: Buffer) => {
      if (ended.aborted) return;
      try {
        sink(chunk);
      } catch (error) {
        failure = error;
        cut.abort();
      }
    };
    const deliver = this.#settings.intercept?.stream?.(info, guarded) ?? guarded;
    const headers = { ...session.headers, accept: request.accept ?? 'application/json' };
    const target = { origin: this.#origin, path: this.#basePath + request.path, headers, timeoutMs: CALL_TIMEOUT_MS };
    const startedAt = this.#clock.monotonic();
    const onStatus = (status: number) => {
      this.#settings.onAnswer?.('GET', status, this.#clock.monotonic() - startedAt);
      if (status > 0 && status < 400) request.onOpen?.();
    };
    try {
      await session.streams.follow(target, { sink: deliver, onStatus, signal: ended });
    } catch (error) {
      throw asApiError(failure ?? error);
    }
    if (failure !== undefined) throw asApiError(failure);
  }

  /**
   * A stream of bytes through the API server to what is behind one of its subresources, by WebSocket. `signal` bounds the wait for it, not its
   * life. Throws ApiError: the status of a refusal, or 0.
   */
  async tunnel({ path, protocol }: TunnelRequest, signal: AbortSignal): Promise<Duplex> {
    const session = this.#fresh() ?? (await this.#current());
    const startedAt = this.#clock.monotonic();
    const told = (status: number) => this.#settings.onAnswer?.('GET', status, this.#clock.monotonic() - startedAt);
    // Who serves no JSON there refuses whoever asks for it (406).
    const headers = { ...session.headers, accept: '*/*' };
    const target = { url: this.#origin + this.#basePath + path, headers, protocol };
    const tunnel = await openTunnel(session.tunnels, target, signal).catch((error: unknown) => {
      if (error instanceof ApiError) told(error.status);
      if (error instanceof ApiError && error.status === 401) this.#refreshedAt = Number.NEGATIVE_INFINITY;
      throw error;
    });
    told(SWITCHING_PROTOCOLS);
    this.#tunnels.add(tunnel);
    tunnel.once('close', () => this.#tunnels.delete(tunnel));
    if (this.#closed) tunnel.destroy();
    return tunnel;
  }

  /** Ends every request, watch and tunnel at once and closes all connections. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const tunnel of this.#tunnels) tunnel.destroy();
    const sessions = [...this.#retired, ...(this.#session === undefined ? [] : [this.#session])];
    this.#session = undefined;
    await Promise.all(
      sessions.flatMap(({ calls, streams, tunnels }) => [calls.destroy(), streams.destroy(), tunnels.destroy()]),
    );
  }

  async #place(request: CallRequest, over?: AbortSignal): Promise<CallAnswer> {
    const startedAt = this.#clock.monotonic();
    let status = 0;
    if (request.exempt !== true) await this.#places.acquire(request.urgent === true);
    try {
      const answer = await this.#exchange(request, over);
      status = answer.status;
      return answer;
    } finally {
      if (request.exempt !== true) this.#places.release();
      this.#settings.onAnswer?.(request.method, status, this.#clock.monotonic() - startedAt);
    }
  }

  async #exchange(request: CallRequest, over?: AbortSignal): Promise<CallAnswer> {
    const session = this.#fresh() ?? (await this.#current());
    const { method, path, body, contentType, accept } = request;
    if (over?.aborted === true) throw new ApiError(0, 'Unreachable', 'too late to be sent');
    const gate = method === 'GET' || request.exempt === true ? undefined : this.#gate;
    const headers = { ...session.headers };
    if (contentType !== undefined) headers['content-type'] = contentType;
    if (accept !== undefined) headers.accept = accept;
    const options: Dispatcher.DispatchOptions = {
      origin: this.#origin,
      path: this.#basePath + path,
      method,
      headers,
      body: body ?? null,
      headersTimeout: request.timeoutMs ?? CALL_TIMEOUT_MS,
      bodyTimeout: request.timeoutMs ?? CALL_TIMEOUT_MS,
    };
    const send = () => exchange(session.calls, options, gate);
    const intercept = this.#settings.intercept?.call;
    if (intercept === undefined) return send();
    try {
      return await intercept({ method, path, body, contentType, watch: false }, send);
    } catch (error) {
      throw asApiError(error);
    }
  }

  #fresh(): Session | undefined {
    return this.#clock.monotonic() - this.#refreshedAt < CREDENTIALS_MAX_AGE_MS ? this.#session : undefined;
  }

  async #current(): Promise<Session> {
    if (this.#closed) throw new ApiError(0, 'Unreachable', 'the transport is closed');
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#fresh() ?? this.#refreshing;
  }

  async #refresh(): Promise<Session> {
    const credentials = await this.#settings.connection.credentials().catch((cause: unknown) => {
      if (this.#session !== undefined) return undefined;
      throw new ApiError(0, 'Unreachable', `no credentials: ${messageOf(cause)}`, { cause });
    });
    this.#refreshedAt = this.#clock.monotonic();
    // Credentials that cannot be read just now are most likely still good: try the ones we have.
    if (credentials === undefined && this.#session !== undefined) return this.#session;
    const now = credentials ?? { headers: {} };
    const material = fingerprint(now);
    const pools = this.#session !== undefined && material === this.#material ? this.#session : this.#open(now);
    this.#material = material;
    const headers: Record<string, string> = {
      ...now.headers,
      accept: 'application/json',
      'user-agent': this.#settings.userAgent,
    };
    this.#session = { calls: pools.calls, streams: pools.streams, tunnels: pools.tunnels, headers };
    return this.#session;
  }

  #open(credentials: Credentials): Pools {
    this.#retire();
    const { proxy } = this.#settings.connection;
    const { ca, cert, key, servername, rejectUnauthorized } = credentials;
    const tls = definedOnly({ ca, cert, key, servername, rejectUnauthorized });
    const connect = {
      ...tls,
      timeout: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
    };
    const webSocket = { maxPayloadSize: LARGEST_MESSAGE };
    const common = { allowH2: false, pipelining: 1, keepAliveTimeout: KEEP_ALIVE_MS, webSocket };
    const pool = (connections: number | null): Dispatcher =>
      proxy === undefined
        ? new Pool(this.#origin, { ...common, connect, connections })
        : new ProxyAgent({ ...common, uri: proxy, requestTls: connect, connections });
    const isShared = proxy === undefined && this.#origin.startsWith('https:');
    return {
      // A few more than the cap, for the exempt ones: no request ever queues inside undici, past the write gate.
      calls: pool(this.#inFlight + 4),
      streams: new Streams(isShared ? new SharedConnections(this.#origin, tls) : undefined, pool(null)),
      tunnels: pool(null),
    };
  }

  /** New TLS material means new connections; the old ones end when what runs on them has ended. */
  #retire(): void {
    const old = this.#session;
    if (old === undefined) return;
    this.#retired.add(old);
    void Promise.allSettled([old.calls.close(), old.streams.close(), old.tunnels.close()]).then(() =>
      this.#retired.delete(old),
    );
  }
}

/** 429 and 5xx that name a time were not carried out: the server says so by naming it (client-go does the same). */
function mayRetry(error: ApiError): boolean {
  return error.retryAfter !== undefined && (error.status === 429 || error.status >= 500);
}

function fingerprint({ ca, cert, key, servername, rejectUnauthorized }: Credentials): string {
  return [ca, cert, key, servername, rejectUnauthorized].map(part => String(part ?? '')).join('\n');
}

function definedOnly<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
