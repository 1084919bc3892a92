import { Broken, type Followed, follow, fromTheBeginning } from './chain.ts';
import type { Head } from './entry.ts';
import { type RecordKey, readPublicKeyFile } from './recordkey.ts';

/** What lies in the folder of a stream, and what is known of it from outside. */
export type ExportedStream = {
  readonly stream: string;
  /** Names of the files with records, in any order, and how each is read. */
  readonly files: readonly { readonly name: string; readonly read: () => string }[];
  /** What its `head.json` says; undefined where there is none. */
  readonly head: string | undefined;
  /** Heads that somebody has kept elsewhere: by them it is noticed when the end was cut off together with `head.json`. */
  readonly anchors?: readonly Head[];
  /** The key that the stream must begin with, where somebody has written it down: else all of it may have been made anew with another. */
  readonly firstKey?: string | undefined;
};

/** Files of public keys by name, e.g. `4f….pem`. */
export type KeyFiles = ReadonlyMap<string, string>;

/** The place of a fault, and what is wrong there. */
export type Fault = {
  /** Below the folder that was looked at. */
  readonly file: string;
  readonly line?: number | undefined;
  readonly sequence?: number | undefined;
  readonly wrong: string;
};

/** What a stream was found to be. */
export type StreamVerdict = {
  readonly stream: string;
  /** Records that hold, from the first on. */
  readonly records: number;
  readonly first?: string | undefined;
  readonly last?: string | undefined;
  readonly head: Head;
  /** Ids of the keys that signed, in their order. */
  readonly keys: readonly string[];
  /** Empty: all of it holds. The records after the first fault are not looked at, for nothing binds them any more. */
  readonly faults: readonly Fault[];
};

const FILE_NAME = /^(\d{12})\.jsonl$/;

/** The name of the file whose first record has the sequence. */
export function fileName(sequence: number): string {
  return `${String(sequence).padStart(12, '0')}.jsonl`;
}

type Walk = {
  followed: Followed;
  first?: string;
  last?: string;
  readonly keys: RecordKey[];
};

/** Looks at a stream from its first record to its head (MO-16, GE-8). Never throws for what the files hold. */
export function verifyStream(exported: ExportedStream, keyFiles: KeyFiles): StreamVerdict {
  const { stream, files, anchors = [] } = exported;
  const walk: Walk = { followed: fromTheBeginning(stream), keys: [] };
  const head = readHead(exported.head);
  const heads = [...(head === undefined ? [] : [head]), ...anchors];
  const faults = [...strangers(stream, files), ...walkFiles(walk, exported, heads)];
  if (faults.length === 0) faults.push(...firstKeyFaults(walk, exported), ...headFaults(walk, exported, head));
  if (faults.length === 0) faults.push(...keyFaults(walk.keys, keyFiles));
  const { followed, first, last, keys } = walk;
  return {
    stream,
    records: followed.head.sequence,
    first,
    last,
    head: followed.head,
    keys: keys.map(({ id }) => id),
    faults,
  };
}

function strangers(stream: string, files: ExportedStream['files']): Fault[] {
  return files
    .filter(({ name }) => !FILE_NAME.test(name))
    .map(({ name }) => ({
      file: `${stream}/${name}`,
      wrong: 'it is no file of records: its name is not that of a first record',
    }));
}

/** Follows the records through the files; ends with the first fault. */
function walkFiles(walk: Walk, { stream, files }: ExportedStream, heads: readonly Head[]): Fault[] {
  const inOrder = files.filter(({ name }) => FILE_NAME.test(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (inOrder.length === 0) return [{ file: stream, wrong: 'there is no record in it' }];
  for (const { name, read } of inOrder) {
    const file = `${stream}/${name}`;
    const fault = placeFault(file, name, walk.followed.head.sequence) ?? walkFile(walk, file, read(), heads);
    if (fault !== undefined) return [fault];
  }
  return [];
}

/** A file must begin where the one before has ended. */
function placeFault(file: string, name: string, sequence: number): Fault | undefined {
  const first = Number(FILE_NAME.exec(name)?.[1]);
  if (first === sequence + 1) return undefined;
  const wrong =
    first > sequence
      ? `records ${sequence + 1} to ${first - 1} are missing before it: a file was removed, or cut off at its end`
      : `it begins with record ${first}, but the files before it hold the records up to ${sequence}: it is here twice`;
  return { file, sequence: first, wrong };
}

function walkFile(walk: Walk, file: string, text: string, heads: readonly Head[]): Fault | undefined {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length === 0)
    return { file, line: lines.length + 1, wrong: 'its last line is cut off' };
  for (const [index, line] of lines.entries()) {
    const fault = walkLine(walk, line, heads);
    if (fault !== undefined) return { file, line: index + 1, ...fault };
  }
  return undefined;
}

function walkLine(walk: Walk, line: string, heads: readonly Head[]): Pick<Fault, 'sequence' | 'wrong'> | undefined {
  try {
    const { entry, followed } = follow(walk.followed, line);
    walk.followed = followed;
    walk.first ??= entry.at;
    walk.last = entry.at;
    if (followed.key !== undefined && followed.key.id !== walk.keys.at(-1)?.id) walk.keys.push(followed.key);
  } catch (error) {
    if (error instanceof Broken) return { sequence: error.sequence, wrong: error.message };
    throw error;
  }
  const { sequence, hash } = walk.followed.head;
  const denied = heads.find(head => head.sequence === sequence && head.hash !== hash);
  if (denied !== undefined)
    return { sequence, wrong: `its hash is ${hash}, but the head that was kept says ${denied.hash}` };
  return undefined;
}

function firstKeyFaults({ keys: [key] }: Walk, { stream, firstKey }: ExportedStream): Fault[] {
  if (firstKey === undefined || key === undefined || key.id === firstKey) return [];
  const wrong = `it names the key ${key.id}, but the stream must begin with ${firstKey}`;
  return [{ file: `${stream}/${fileName(1)}`, line: 1, sequence: 1, wrong }];
}

function headFaults(walk: Walk, { stream, anchors = [] }: ExportedStream, head: Head | undefined): Fault[] {
  const file = `${stream}/head.json`;
  const { sequence } = walk.followed.head;
  if (head === undefined)
    return [{ file, wrong: 'it is missing or cannot be read: nothing tells whether the end was cut off' }];
  if (head.stream !== stream) return [{ file, wrong: `it is the head of the stream ${head.stream}` }];
  const cut = [head, ...anchors].find(known => known.sequence > sequence);
  if (cut === undefined) return [];
  const wrong = `the records end with ${sequence}, but the head says ${cut.sequence}: the end was cut off`;
  return [{ file, sequence: sequence + 1, wrong }];
}

/** Reads a `head.json`; undefined where it is none. */
export function readHead(text: string | undefined): Head | undefined {
  try {
    const { stream, sequence, hash } = JSON.parse(text ?? '');
    const valid = typeof stream === 'string' && Number.isSafeInteger(sequence) && typeof hash === 'string';
    return valid ? { stream, sequence, hash } : undefined;
  } catch {
    return undefined;
  }
}

/** Every key that signed must lie beside the streams as it is: there people find it to compare it with what they wrote down. */
function keyFaults(keys: readonly RecordKey[], files: KeyFiles): Fault[] {
  return keys.flatMap(({ id }) => {
    const file = `keys/${id}.pem`;
    const text = files.get(`${id}.pem`);
    if (text === undefined) return [{ file, wrong: 'the public key that signed is missing' }];
    const found = readPublicKeyFile(text);
    if (found?.id === id) return [];
    return [{ file, wrong: found === undefined ? 'it holds no public key' : `it holds another key, ${found.id}` }];
  });
}
