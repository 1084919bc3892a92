import { Agent, request } from 'undici';
import { excerpt } from '../../domain/contract/excerpt.ts';
import type { Outcome } from '../../domain/telling/delivery.ts';
import { wordsFor } from '../../runtime/http/getjson.ts';

const TIMEOUT_MS = 15_000;
/** Of an answer so much is read, whatever its length says. */
const READ_BYTES = 2_048;
const SAID_LENGTH = 160;

export type Post = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Certificates to trust besides those that Node brings. */
  readonly ca: readonly string[] | undefined;
  /** What was sent and must not come back by the answer. */
  readonly secrets: readonly string[];
  readonly now: () => Date;
  /** Name in the receiver's certificate, where that is not its host; for tests. */
  readonly servername?: string;
  readonly timeoutMs?: number;
};

/** One POST by a connection of its own. Follows no redirect, reads little of the answer, and throws nothing. */
export async function post(asked: Post): Promise<Outcome> {
  const { url, headers, body, ca, secrets, now, servername, timeoutMs = TIMEOUT_MS } = asked;
  const deadline = AbortSignal.timeout(timeoutMs);
  const agent = new Agent({
    connect: { ...(ca !== undefined && { ca: [...ca] }), ...(servername !== undefined && { servername }) },
  });
  try {
    const answer = await request(url, { method: 'POST', dispatcher: agent, headers, body, signal: deadline });
    const { statusCode } = answer;
    const retryAfter = answer.headers['retry-after'];
    if (statusCode >= 200 && statusCode < 300) return { is: 'Taken', says: `It answered with status ${statusCode}` };
    const words = excerpt(hidden(await beginningOf(answer.body), secrets), SAID_LENGTH);
    const says = `it answered with status ${statusCode}${hint(statusCode)}${words === '' ? '' : `: ${words}`}`;
    if (statusCode === 410) return { is: 'Refused', says };
    return { is: 'Failed', says, retryAfterMs: retryAfterMs(retryAfter, now()), holds: true };
  } catch (error) {
    const says = deadline.aborted ? `it did not answer within ${timeoutMs / 1_000} s` : wordsFor(error);
    return { is: 'Failed', says, holds: true };
  } finally {
    await agent.destroy();
  }
}

function hint(statusCode: number): string {
  return statusCode >= 300 && statusCode < 400 ? ', a redirect, and none is followed' : '';
}

async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= READ_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, READ_BYTES).toString('utf8');
}

/** An answer that repeats what it was asked with. */
export function hidden(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => (secret === '' ? rest : rest.replaceAll(secret, '***')), text);
}

/** Seconds, or a date (RFC 9110); undefined where it says neither. */
export function retryAfterMs(header: string | string[] | undefined, now: Date): number | undefined {
  const text = typeof header === 'string' ? header.trim() : '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const date = /^[A-Z][a-z]{2}, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}
