import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Head } from '../../domain/record/entry.ts';
import { type Fault, type StreamVerdict, verifyStream } from '../../domain/record/verify.ts';
import { messageOf } from '../../runtime/http/exchange.ts';

/** What `steward verify` is asked. */
export type Question = {
  readonly folder: string;
  readonly json: boolean;
  /** Heads that were kept elsewhere. */
  readonly heads: readonly Head[];
  /** Id of the key that streams must begin with. */
  readonly firstKey: string | undefined;
};

export const USAGE = `usage: steward verify FOLDER [-o json] [--key ID] [--head STREAM=SEQUENCE:HASH]...

Checks exported records without a cluster: every hash, signature and rotation of keys, and that none is missing, doubled or out of order.
  --key ID    every stream must begin with this key, whose id somebody has written down (SHA-256 of the public key)
  --head ...  a head that was kept elsewhere: the stream must contain it
ends with 0 (all of it holds), 1 (something is wrong: file, line, sequence) or 2 (it could not be looked at)
`;

/** The folder of public keys, beside those of the streams. */
const KEYS = 'keys';
const HEAD = /^([a-z0-9.-]+)=([1-9]\d*):([0-9a-f]{64})$/;

/** Reads the command line after `verify`; undefined where it is not understood. */
export function readQuestion(words: readonly string[]): Question | undefined {
  const folders: string[] = [];
  const heads: Head[] = [];
  let json = false;
  let firstKey: string | undefined;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (!word.startsWith('-')) {
      folders.push(word);
      continue;
    }
    index += 1;
    const value = words[index] ?? '';
    if (word === '-o' && value === 'json') json = true;
    else if (word === '--key' && /^[0-9a-f]{64}$/.test(value)) firstKey = value;
    else if (word === '--head' && HEAD.test(value)) heads.push(headOf(value));
    else return undefined;
  }
  const [folder, ...more] = folders;
  return folder === undefined || more.length > 0 ? undefined : { folder, json, heads, firstKey };
}

function headOf(text: string): Head {
  const [, stream = '', sequence = '', hash = ''] = HEAD.exec(text) ?? [];
  return { stream, sequence: Number(sequence), hash };
}

export type Answer = { readonly exitCode: 0 | 1 | 2; readonly text: string };

/** Looks at a folder of exported records. What cannot be read is said, and ends with 2. */
export function verifyFolder(question: Question): Answer {
  try {
    const verdicts = verdictsOn(question);
    const faulty = verdicts.some(({ faults }) => faults.length > 0);
    const text = question.json
      ? `${JSON.stringify({ streams: verdicts }, undefined, 2)}\n`
      : `${verdicts.map(said).join('\n')}\n`;
    return { exitCode: faulty ? 1 : 0, text };
  } catch (error) {
    return { exitCode: 2, text: `${question.folder}: ${messageOf(error)}\n` };
  }
}

/** What each stream of a folder was found to be. Throws where it cannot be read. */
export function verdictsOn({ folder, heads, firstKey }: Omit<Question, 'json'>): StreamVerdict[] {
  const streams = foldersIn(folder).filter(name => name !== KEYS);
  const known = [...new Set([...streams, ...heads.map(({ stream }) => stream)])].sort();
  if (known.length === 0) throw new Error('there is no stream of records in it');
  const keys = new Map(filesIn(join(folder, KEYS)).map(name => [name, readFileSync(join(folder, KEYS, name), 'utf8')]));
  return known.map(stream => {
    const names = filesIn(join(folder, stream));
    const head = names.includes('head.json') ? readFileSync(join(folder, stream, 'head.json'), 'utf8') : undefined;
    const files = names
      .filter(name => name !== 'head.json')
      .map(name => ({ name, read: () => readFileSync(join(folder, stream, name), 'utf8') }));
    return verifyStream(
      { stream, files, head, anchors: heads.filter(anchor => anchor.stream === stream), firstKey },
      keys,
    );
  });
}

function foldersIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter(entry => entry.isDirectory() && !isHidden(entry.name)).map(({ name }) => name);
}

/** What a writer leaves that was ended while it wrote is hidden, and no part of the records. A folder that is missing is empty. */
function filesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter(entry => entry.isFile() && !isHidden(entry.name)).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Storage keeps folders of its own beside what is stored, e.g. lost+found. */
function isHidden(name: string): boolean {
  return name.startsWith('.') || name === 'lost+found';
}

function said({ stream, records, first, last, head, keys, faults }: StreamVerdict): string {
  const span = first === undefined || last === undefined ? '' : `, first ${first}, last ${last}`;
  const count = `${stream}: ${records} ${records === 1 ? 'record' : 'records'}${span}`;
  if (faults.length > 0) return [`${count}, broken`, ...faults.map(fault => `  ${saidOf(fault)}`)].join('\n');
  return `${count}, head ${head.sequence}:${head.hash}, ${keys.length === 1 ? 'key' : 'keys'} ${keys.join(' ')}, ok`;
}

function saidOf({ file, line, sequence, wrong }: Fault): string {
  const place = [
    file,
    ...(line === undefined ? [] : [`line ${line}`]),
    ...(sequence === undefined ? [] : [`record ${sequence}`]),
  ];
  return `${place.join(', ')}: ${wrong}`;
}
