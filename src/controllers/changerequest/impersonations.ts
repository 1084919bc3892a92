/** `steward impersonations FILE…`: what the API server's audit log tells of decisions in another's name. */
import { createReadStream } from 'node:fs';
import { type Impersonation, impersonationIn } from '../../domain/change/impersonation.ts';

/** kube-apiserver writes lines of at most a request and its answer, which etcd bounds to 1.5 MiB each. */
const LONGEST_LINE = 4 << 20;
const NEWLINE = 0x0a;

export type Output = { readonly out: (line: string) => void; readonly error: (line: string) => void };

/** Reads each file once, from its beginning, with the memory of one line; `-` is standard input. 0: none found; 1: some; 2: not all could be read. */
export async function reportImpersonations(files: readonly string[], { out, error }: Output): Promise<number> {
  if (files.length === 0) {
    error('usage: steward impersonations FILE…   (audit logs of the API server, JSON; - is standard input)');
    return 2;
  }
  let found = 0;
  let unread = 0;
  for (const file of files) {
    const bytes = file === '-' ? process.stdin : createReadStream(file);
    for await (const line of linesOf(bytes)) {
      const read = line === undefined ? 'unread' : readLine(line);
      if (read === 'unread') unread += 1;
      else if (read !== undefined) {
        found += 1;
        out(`${read.when}  ${read.who} as ${read.as}: ${read.verb} ${read.what}`);
      }
    }
  }
  if (unread > 0) error(`${unread} lines could not be read: they are no JSON, or longer than ${LONGEST_LINE} bytes`);
  if (unread > 0) return 2;
  return found > 0 ? 1 : 0;
}

function readLine(line: string): Impersonation | 'unread' | undefined {
  try {
    return impersonationIn(line);
  } catch (error) {
    if (error instanceof SyntaxError) return 'unread';
    throw error;
  }
}

/** Lines as they come, a last one without an end among them; undefined for one that is too long. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string | undefined> {
  let kept: Buffer[] = [];
  let length = 0;
  const take = (): string | undefined => {
    const line = length > LONGEST_LINE ? undefined : Buffer.concat(kept).toString('utf8');
    [kept, length] = [[], 0];
    return line;
  };
  const keep = (part: Buffer): void => {
    length += part.length;
    if (length > LONGEST_LINE) kept = [];
    else kept.push(part);
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      keep(chunk.subarray(from, end));
      yield take();
      from = end + 1;
    }
    keep(chunk.subarray(from));
  }
  if (length > 0) yield take();
}
