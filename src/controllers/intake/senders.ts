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
  /** Until when an answer holds. Who is known has a place that no stranger takes. */
  readonly #known = new Map<string, number>();
  readonly #others = new Map<string, { readonly sender: Sender; readonly until: number }>();
  /** Strangers with ever new tokens must not make us ask the API server as often; who was known is asked about whenever he is to be. */
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
    const now = this.#clock.monotonic();
    const [knownUntil, other] = [this.#known.get(key), this.#others.get(key)];
    if (knownUntil !== undefined && knownUntil > now) return 'Known';
    if (other !== undefined && other.until > now) return other.sender;
    if (knownUntil === undefined && !this.#questions.take()) return 'TooMany';
    const sender = await this.#asked(token);
    this.#known.delete(key);
    if (sender === 'Known') keep(this.#known, key, now + HELD_MS);
    else keep(this.#others, key, { sender, until: now + HELD_MS });
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

/** As the newest, in the place of the oldest where there is no other. */
function keep<Value>(held: Map<string, Value>, key: string, value: Value): void {
  held.delete(key);
  if (held.size >= MOST_HELD) held.delete(held.keys().next().value ?? '');
  held.set(key, value);
}
