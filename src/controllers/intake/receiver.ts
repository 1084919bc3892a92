import { createServer as createPlain, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { type Pointer, readWebhook } from '../../domain/intake/pointer.ts';
import type { Clock } from '../../runtime/api/clock.ts';
import { TokenBucket } from '../../runtime/queue/tokenbucket.ts';
import type { Sender } from './senders.ts';

/** Largest message: twenty thousand alerts of four hundred bytes. */
export const LARGEST_BYTES = 8 * 1024 * 1024;
/** Of all messages that are being read or wait. */
const MOST_BYTES = 4 * LARGEST_BYTES;
const REQUEST_MS = 10_000;
/** Alertmanager posts each group of alerts by itself, and many at once. */
const CONNECTIONS = 1024;
/** Messages a second, and so many at once before that counts. */
type Rate = { readonly perSecond: number; readonly burst: number };
const RATE: Rate = { perSecond: 50, burst: 1000 };
const PATH = '/alerts';

export type ReceiverParts = {
  readonly port: number;
  readonly host?: string;
  /** Certificate and key; undefined: without TLS. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly clock: Clock;
  /** Default {@link RATE}. */
  readonly rate?: Rate;
  readonly senderOf: (authorization: string | undefined) => Promise<Sender>;
  /** Resolves once everything is written. */
  readonly settle: (pointers: readonly Pointer[]) => Promise<void>;
  readonly onHeld: (error: unknown) => void;
};

export type Receiver = {
  readonly port: number;
  /** Takes a new certificate. */
  renew(tls: { readonly cert: string; readonly key: string }): void;
  close(): Promise<void>;
};

/**
 * Takes Alertmanager's messages (webhook version 4) at POST /alerts. 200 only after everything in one is written, for then Alertmanager forgets it; what cannot be
 * settled now is answered with 503, which it repeats. Throws when the port is taken.
 */
export async function startReceiver(parts: ReceiverParts): Promise<Receiver> {
  const desk = new Front(parts);
  const limits = { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, keepAliveTimeout: REQUEST_MS };
  const onRequest = (request: IncomingMessage, response: ServerResponse) =>
    void desk.answer(request, response).catch(() => response.destroy());
  const secure = parts.tls && createSecure({ ...limits, ...parts.tls }, onRequest);
  const server: Server = secure ?? createPlain(limits, onRequest);
  server.maxConnections = CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(parts.port, parts.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : parts.port,
    renew: tls => secure?.setSecureContext(tls),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Answer = { readonly status: number; readonly words: string; readonly retryAfter?: number };

class Front {
  readonly #parts: ReceiverParts;
  readonly #rate: TokenBucket;
  #bytes = 0;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
    const { perSecond, burst } = parts.rate ?? RATE;
    this.#rate = new TokenBucket(parts.clock, perSecond, burst);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, words, retryAfter } = (await this.#refusal(request)) ?? (await this.#taken(request));
    if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter));
    // What was not read of the body would be taken for the next request.
    if (!request.complete) response.setHeader('connection', 'close');
    response.statusCode = status;
    response.end(`${words}\n`);
  }

  /** What can be told from the head of a request, before anything of its body is taken. */
  async #refusal({ method, url, headers }: IncomingMessage): Promise<Answer | undefined> {
    if ((url ?? '').split('?')[0] !== PATH) return { status: 404, words: `messages are taken at ${PATH}` };
    if (method !== 'POST') return { status: 405, words: 'only POST' };
    const sender = await this.#parts.senderOf(headers.authorization).catch((error: unknown) => {
      this.#parts.onHeld(error);
      return undefined;
    });
    if (sender === undefined) return { status: 503, words: 'it cannot be asked who you are', retryAfter: 10 };
    if (sender === 'Stranger') return { status: 401, words: 'send a token of a known account, made for this audience' };
    if (sender === 'Forbidden') return { status: 403, words: 'this account is none of the senders' };
    if (sender === 'TooMany' || !this.#rate.take()) return { status: 429, words: 'too many messages', retryAfter: 5 };
    if (Number(headers['content-length'] ?? 0) > LARGEST_BYTES) return tooLarge;
    return undefined;
  }

  async #taken(request: IncomingMessage): Promise<Answer> {
    const chunks: Buffer[] = [];
    let length = 0;
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        length += chunk.length;
        this.#bytes += chunk.length;
        if (length > LARGEST_BYTES) return tooLarge;
        if (this.#bytes > MOST_BYTES) return { status: 429, words: 'too much at once', retryAfter: 5 };
        chunks.push(chunk);
      }
      const read = readWebhook(parsed(Buffer.concat(chunks.splice(0))));
      if (read === undefined) return { status: 400, words: 'this is no message of version 4 of the webhook' };
      await this.#parts.settle(read.pointers);
      return { status: 200, words: 'written' };
    } catch (error) {
      this.#parts.onHeld(error);
      return { status: 503, words: 'it cannot be settled now', retryAfter: 10 };
    } finally {
      this.#bytes -= length;
    }
  }
}

const tooLarge: Answer = { status: 413, words: `a message has at most ${LARGEST_BYTES} bytes` };

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
