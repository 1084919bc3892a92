import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Agent, request } from 'undici';
import { JSONItems } from './jsonitems.ts';

export type GetOptions = {
  readonly headers?: Readonly<Record<string, string>>;
  /** Certificates to trust instead of those that Node brings. */
  readonly ca?: string | undefined;
  /** Longest wait for the whole answer. */
  readonly timeoutMs: number;
  /** Largest answer that is read; of one that is packed, before and after it is unpacked. */
  readonly limitBytes: number;
  /** Whether the document itself is packed with gzip, which no header says. */
  readonly gzip?: boolean;
  readonly signal: AbortSignal;
  /**
   * Told of each object in the lists of `{"data": {"result": […]}}` as it comes; in the document stands null for it. So an answer of many
   * megabytes is read piece by piece, and others have their turn in between.
   */
  readonly onItem?: (item: unknown) => void;
};

/**
 * One GET of a JSON document by a connection of its own, for systems that are asked seldom. Follows no redirect.
 * Throws an Error whose message says what went wrong in words that stay the same as long as the fault does.
 */
export async function getJSON(url: URL, options: GetOptions): Promise<unknown> {
  const { headers = {}, ca, timeoutMs, limitBytes, gzip = false, onItem } = options;
  const deadline = AbortSignal.timeout(timeoutMs);
  const agent = new Agent(ca === undefined ? {} : { connect: { ca } });
  try {
    const signal = AbortSignal.any([deadline, options.signal]);
    const answer = await request(url, {
      dispatcher: agent,
      headers: { accept: 'application/json', ...headers },
      signal,
    });
    if (answer.statusCode !== 200) throw new Error(`it answers with status ${answer.statusCode}`);
    const packed = bounded(answer.body, limitBytes);
    const body = gzip ? bounded(unpacked(packed), limitBytes) : packed;
    if (onItem === undefined) return parsed(await textOf(body));
    const items = new JSONItems(text => onItem(parsed(text)));
    for await (const chunk of body) items.push(chunk);
    return parsed(items.rest());
  } catch (error) {
    if (deadline.aborted) throw new Error(`it does not answer within ${timeoutMs / 1000} s`, { cause: error });
    throw new Error(wordsFor(error), { cause: error });
  } finally {
    await agent.destroy();
  }
}

/** The chunks of a body; throws where they are more than that. */
export async function* bounded(body: AsyncIterable<Buffer>, limitBytes: number): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limitBytes) throw new Error(`its answer is larger than ${limitBytes} bytes`);
    yield chunk;
  }
}

/** Unpacks piece by piece, so that a small answer cannot fill the memory. */
async function* unpacked(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* pipeline(body, createGunzip(), error => void error) as AsyncIterable<Buffer>;
  } catch (error) {
    const broken = error instanceof Error && 'errno' in error && 'code' in error && `${error.code}`.startsWith('Z_');
    throw broken ? new Error('its answer is not packed with gzip', { cause: error }) : error;
  }
}

export async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(body)).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('its answer is no JSON');
  }
}

/** A connection error by its code: its message may name addresses, and differs from one attempt to the next. */
export function wordsFor(error: unknown): string {
  if (!(error instanceof Error)) return 'it cannot be asked';
  return 'code' in error && typeof error.code === 'string' ? `it cannot be reached (${error.code})` : error.message;
}
