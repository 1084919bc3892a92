/** A bucket with the interface of S3: texts under names, written only where nothing, or what was read, lies. */
import { createHash } from 'node:crypto';
import { Agent, type Dispatcher, request } from 'undici';
import { bounded, textOf, wordsFor } from './getjson.ts';
import { encodedPath, type SigningKey, signed } from './sigv4.ts';

export type BucketPlace = {
  /** Address of the store; the bucket follows in the path. */
  readonly endpoint: URL;
  readonly name: string;
  readonly region: string;
};

/** What a store asks for, and the certificates by which it is known instead of those that Node brings. */
export type Credentials = SigningKey & { readonly ca?: string | undefined };

export type BucketParts = BucketPlace & {
  /** Asked before each request: both are replaced while the process runs. */
  readonly credentials: () => Promise<Credentials>;
  readonly now: () => Date;
  /** Longest wait for the whole answer. */
  readonly timeoutMs: number;
  /** Largest text that is read. */
  readonly limitBytes: number;
};

/** What lies under a name; `etag` is how the store knows this version again. */
export type Lying = { readonly text: string; readonly etag: string };

/** The store refuses, or says nothing that can be used. `code` is its own word for it, where it has one. */
export class BucketError extends Error {
  override readonly name = 'BucketError';
  readonly status: number;
  readonly code: string | undefined;
  constructor(message: string, status = 0, code?: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
    this.code = code;
  }
}

type Answer = {
  readonly status: number;
  readonly text: string;
  readonly etag: string | undefined;
  readonly date: string | undefined;
};

/** A refusal tells its reason in less. */
const LONGEST_REFUSAL = 64 * 1024;

export class Bucket {
  readonly #parts: BucketParts;
  #closed = false;
  #agent: { readonly ca: string | undefined; readonly dispatcher: Agent } | undefined;

  constructor(parts: BucketParts) {
    this.#parts = parts;
  }

  /** What lies under the name; undefined only where the store says that there is nothing. Throws BucketError. */
  async get(name: string): Promise<Lying | undefined> {
    const answer = await this.#ask('GET', name);
    if (answer.status === 404 && codeIn(answer) === 'NoSuchKey') return undefined;
    if (answer.status !== 200) throw this.#refusal('GET', name, answer);
    const { text, etag } = answer;
    if (etag === undefined) throw new BucketError(`${this.#said('GET', name)}: the store tells no ETag`, 200);
    return { text, etag };
  }

  /**
   * Puts a text under a name where nothing lies (`was` is undefined), or in the place of exactly what was read there. False: something else lies there by
   * now, or is being written. Whether a store keeps these conditions, only reading back shows. Throws BucketError.
   */
  async put(name: string, text: string, was: Lying | undefined): Promise<boolean> {
    const condition = was === undefined ? { 'if-none-match': '*' } : { 'if-match': was.etag };
    const answer = await this.#ask('PUT', name, text, {
      ...condition,
      'content-type': 'text/plain; charset=utf-8',
      // A bucket that locks what it holds asks for it.
      'x-amz-checksum-sha256': createHash('sha256').update(text).digest('base64'),
    });
    if (answer.status === 200) return true;
    if (answer.status === 412 || answer.status === 409) return false;
    if (was !== undefined && answer.status === 404 && codeIn(answer) === 'NoSuchKey') return false;
    throw this.#refusal('PUT', name, answer);
  }

  /** Ends what is on its way; nothing is asked any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#agent?.dispatcher.destroy();
    this.#agent = undefined;
  }

  async #ask(method: 'GET' | 'PUT', name: string, body = '', headers: Record<string, string> = {}): Promise<Answer> {
    const { endpoint, name: bucket, region, credentials, now, timeoutMs, limitBytes } = this.#parts;
    const url = new URL(endpoint);
    url.pathname = `${endpoint.pathname.replace(/\/$/, '')}/${encodedPath(`${bucket}/${name}`)}`;
    if (this.#closed) throw new BucketError(`${this.#said(method, name)}: it is closed`);
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const { ca, ...key } = await credentials();
      const { host: _host, ...sent } = signed({ method, url, headers, body }, key, region, now());
      const {
        statusCode: status,
        headers: told,
        body: answer,
      } = await request(url, {
        ...{ method, headers: sent, signal: deadline, dispatcher: this.#dispatcher(ca) },
        ...(method === 'PUT' ? { body } : {}),
      });
      const text = await textOf(bounded(answer, status === 200 ? limitBytes : LONGEST_REFUSAL));
      return { status, text, etag: single(told.etag), date: single(told.date) };
    } catch (error) {
      const words = deadline.aborted ? `it does not answer within ${timeoutMs / 1000} s` : wordsFor(error);
      throw new BucketError(`${this.#said(method, name)}: ${words}`, 0, undefined, error);
    }
  }

  /** Connections are kept while the certificates are the same. */
  #dispatcher(ca: string | undefined): Dispatcher {
    if (this.#agent === undefined || this.#agent.ca !== ca) {
      void this.#agent?.dispatcher.close();
      this.#agent = { ca, dispatcher: new Agent(ca === undefined ? {} : { connect: { ca } }) };
    }
    return this.#agent.dispatcher;
  }

  #refusal(method: string, name: string, answer: Answer): BucketError {
    const { status, date } = answer;
    const code = codeIn(answer);
    const clocks =
      code === 'RequestTimeTooSkewed'
        ? `: its clock says ${shownDate(date)}, ours ${this.#parts.now().toISOString()}`
        : '';
    const word = code === undefined ? `${status}` : `${status} ${code}`;
    return new BucketError(`${this.#said(method, name)}: the store refuses it with ${word}${clocks}`, status, code);
  }

  #said(method: string, name: string): string {
    return `${method} ${name} of bucket ${this.#parts.name} at ${this.#parts.endpoint.host}`;
  }
}

/** The word that a refusal has for itself: of somebody else's text, no more than that. */
function codeIn({ text }: Answer): string | undefined {
  return /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(text)?.[1];
}

function shownDate(date: string | undefined): string {
  const time = new Date(date ?? '');
  return Number.isNaN(time.getTime()) ? 'nothing' : time.toISOString();
}

function single(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
