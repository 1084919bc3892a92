import { createHash } from 'node:crypto';
import { TokenReview } from '../../api/upstream.ts';
import { at, listAt, textAt } from '../../domain/contract/json.ts';
import type { Clock } from '../../runtime/api/clock.ts';
import { collectionPath } from '../../runtime/api/object.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { TokenBucket } from '../../runtime/queue/tokenbucket.ts';

/** Known: may send. Stranger: nobody whom the API server knows, or a token for another audience. Forbidden: somebody, and not a sender. */
export type Sender = 'Known' | 'Stranger' | 'Forbidden' | 'TooMany';

/** How long an answer holds: a token that is taken back is refused after that. */
const HELD_MS = 60_000;
const MOST_HELD = 64;
/** Longest token that is looked at. */
const LONGEST = 8192;

/** Who sends, asked of the API server (TokenReview) with the audience that only tokens for us have. */
export class Senders {
  readonly #transport: Pick<Transport, 'call'>;
  readonly #clock: Clock;
  readonly #audience: string;
  readonly #names: ReadonlySet<string>;
  readonly #held = new Map<string, { readonly sender: Sender; readonly until: number }>();
  /** Strangers with ever new tokens must not make us ask the API server as often; who is known is not asked about. */
  readonly #questions: TokenBucket;

  constructor(
    transport: Pick<Transport, 'call'>,
    clock: Clock,
    { audience, senders }: { readonly audience: string; readonly senders: readonly string[] },
  ) {
    this.#transport = transport;
    this.#clock = clock;
    this.#audience = audience;
    this.#names = new Set(senders);
    this.#questions = new TokenBucket(clock, 2, 20);
  }

  /** Of the value of an Authorization header. Throws ApiError where the API server does not answer. */
  async of(authorization: string | undefined): Promise<Sender> {
    const [, token = ''] = /^Bearer ([\w.~+/=-]+)$/i.exec(authorization?.slice(0, LONGEST) ?? '') ?? [];
    if (token === '') return 'Stranger';
    const key = createHash('sha256').update(token).digest('base64');
    const held = this.#held.get(key);
    if (held !== undefined && held.until > this.#clock.monotonic()) return held.sender;
    if (!this.#questions.take()) return 'TooMany';
    const sender = await this.#asked(token);
    if (this.#held.size >= MOST_HELD) this.#held.delete(this.#held.keys().next().value ?? '');
    this.#held.delete(key);
    this.#held.set(key, { sender, until: this.#clock.monotonic() + HELD_MS });
    return sender;
  }

  async #asked(token: string): Promise<Sender> {
    const { group, version, kind } = TokenReview;
    const review = { apiVersion: `${group}/${version}`, kind, spec: { token, audiences: [this.#audience] } };
    const { value } = await this.#transport.call({
      ...{ method: 'POST', path: collectionPath(TokenReview), contentType: 'application/json' },
      body: JSON.stringify(review),
    });
    // An API server that does not know audiences names none, and then the token proves nothing.
    const isForUs = listAt(value, 'status', 'audiences').includes(this.#audience);
    if (at(value, 'status', 'authenticated') !== true || !isForUs) return 'Stranger';
    return this.#names.has(textAt(value, 'status', 'user', 'username') ?? '') ? 'Known' : 'Forbidden';
  }
}
