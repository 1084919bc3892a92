import { describe, expect, it } from 'vitest';
import { beginningOf, type Head, readEntry, seal } from './entry.ts';
import { publicKeyFile, type Signer } from './recordkey.ts';
import { change, exportedOf, filesOf, keyFilesOf, madeStream, naming, newSigner, STREAM } from './stream.fixtures.ts';
import { fileName, verifyStream } from './verify.ts';

/** Of 200 records in four files; the key is rotated with record 100. */
const made = madeStream(200);
const second = fileName(51);

type Folder = { files: Map<string, string>; head: Head; keys: Map<string, string> };

function folder(): Folder {
  return { files: filesOf(made.lines), head: made.head, keys: new Map(keyFilesOf(made.keys)) };
}

function verdictOf({ files, head, keys }: Folder) {
  return verifyStream(exportedOf(files, head), keys);
}

/** The folder with other lines in it, in files as they were. */
function withLines(change: (lines: string[]) => string[]): Folder {
  const lines = [...folder().files.values()].map(text => text.slice(0, -1).split('\n'));
  const files = new Map([...folder().files.keys()].map((name, index) => [name, lines[index] ?? []]));
  files.set(second, change([...(files.get(second) ?? [])]));
  return { ...folder(), files: new Map([...files].map(([name, of]) => [name, `${of.join('\n')}\n`])) };
}

const at = <Item>(items: readonly Item[], index: number): Item => {
  const item = items[index];
  if (item === undefined) throw new Error(`there is no item ${index}`);
  return item;
};

/** All records from `sequence` on made anew and signed with another key, each of them whole by itself. */
function resigned(sequence: number, signer: Signer, first = change(sequence)): string[] {
  const before = sequence === 1 ? undefined : readEntry(at(made.lines, sequence - 2));
  let head = before === undefined ? beginningOf(STREAM) : { stream: STREAM, sequence: sequence - 1, hash: before.hash };
  const lines = made.lines.slice(0, sequence - 1);
  for (let next = sequence; next <= made.lines.length; next++) {
    const sealed = seal(head, next === sequence ? first : change(next), signer);
    lines.push(sealed.line);
    head = sealed.head;
  }
  return lines;
}

const thief = newSigner();
const forged: readonly (readonly [
  string,
  () => Folder,
  { file: string; line?: number; sequence?: number; wrong: RegExp },
])[] = [
  [
    'a changed byte',
    () => withLines(lines => lines.with(9, at(lines, 9).replace('"Running"', '"Runnin9"'))),
    { file: second, line: 10, sequence: 60, wrong: /its hash is not that of what it says/ },
  ],
  [
    'a removed record',
    () => withLines(lines => lines.toSpliced(9, 1)),
    { file: second, line: 10, sequence: 61, wrong: /record 60 is missing before it/ },
  ],
  [
    'two swapped records',
    () => withLines(lines => lines.with(9, at(lines, 10)).with(10, at(lines, 9))),
    { file: second, line: 10, sequence: 61, wrong: /record 60 is missing before it/ },
  ],
  [
    'an inserted record',
    () => withLines(lines => lines.toSpliced(9, 0, at(lines, 8))),
    { file: second, line: 10, sequence: 59, wrong: /it is here twice or out of order/ },
  ],
  [
    'a removed file',
    () => {
      const without = folder();
      without.files.delete(second);
      return without;
    },
    { file: fileName(101), sequence: 101, wrong: /records 51 to 100 are missing before it/ },
  ],
  [
    'an end that was cut off, against the head',
    () => {
      const cut = folder();
      cut.files.delete(fileName(151));
      return cut;
    },
    { file: 'head.json', sequence: 151, wrong: /the records end with 150, but the head says 200/ },
  ],
  [
    'records signed anew with another key',
    () => ({ ...folder(), files: filesOf(resigned(60, thief)) }),
    { file: second, line: 10, sequence: 60, wrong: /its signature is not of the key/ },
  ],
  [
    'a forged rotation to another key',
    () => ({ ...folder(), files: filesOf(resigned(60, thief, naming('KeyRotated', thief))) }),
    { file: second, line: 10, sequence: 60, wrong: /its signature is not of the key/ },
  ],
  [
    'a file that is there twice',
    () => {
      const doubled = folder();
      doubled.files.set(fileName(201), at([...doubled.files.values()], 1));
      return doubled;
    },
    { file: fileName(201), line: 1, sequence: 51, wrong: /it is here twice or out of order/ },
  ],
  [
    'a file of a key that was changed',
    () => {
      const changed = folder();
      changed.keys.set(`${made.keys[0].id}.pem`, publicKeyFile(thief));
      return changed;
    },
    { file: `keys/${made.keys[0].id}.pem`, wrong: new RegExp(`it holds another key, ${thief.id}`) },
  ],
];

describe('verification of records (MO-16, GE-8)', () => {
  it('passes on a stream of 10 000 records', () => {
    const { lines, head, keys } = madeStream(10_000);
    const verdict = verifyStream(exportedOf(filesOf(lines), head), keyFilesOf(keys));
    expect(verdict).toEqual({
      ...{ stream: STREAM, records: 10_000, head, keys: keys.map(({ id }) => id), faults: [] },
      first: '2026-12-01T00:00:00.000Z',
      last: '2026-12-07T22:40:00.000Z',
    });
  });

  it.each(forged)('names the place of %s', (_, manipulate, { file, line, sequence, wrong }) => {
    const { faults } = verdictOf(manipulate());
    const place = file.startsWith('keys/') ? file : `${STREAM}/${file}`;
    expect(faults).toEqual([expect.objectContaining({ file: place, wrong: expect.stringMatching(wrong) })]);
    expect([faults[0]?.line, faults[0]?.sequence]).toEqual([line, sequence]);
  });

  it.each<[string, (folder: Folder) => void, RegExp]>([
    [
      'a copy under a name of its own',
      ({ files }) => files.set('copy.jsonl', at([...files.values()], 1)),
      /no file of records/,
    ],
    [
      'a file that begins too early',
      ({ files }) => files.set(fileName(40), at([...files.values()], 1)),
      /missing|twice/,
    ],
    [
      'a last line without its end',
      ({ files }) => files.set(second, at([...files.values()], 1).slice(0, -1)),
      /cut off/,
    ],
    ['an empty file', ({ files }) => files.set(second, ''), /cut off/],
    ['a line that is no record', ({ files }) => files.set(second, '{}\n'), /the line is no record/],
    ['blanks within a line', ({ files }) => files.set(second, '{"a": 1}\n'), /not the canonical form/],
    ['a missing key file', ({ keys }) => keys.clear(), /the public key that signed is missing/],
    ['a private key in a key file', ({ keys }) => keys.set(`${made.keys[1].id}.pem`, 'PRIVATE KEY'), /no public key/],
  ])('names %s', (_, manipulate, wrong) => {
    const changed = folder();
    manipulate(changed);
    const { faults } = verdictOf(changed);
    expect(faults[0]?.wrong).toMatch(wrong);
  });

  it.each<[string, Partial<Parameters<typeof verifyStream>[0]>, RegExp]>([
    ['a head that is missing', { head: undefined }, /missing or cannot be read/],
    [
      'a head of another stream',
      { head: JSON.stringify({ ...made.head, stream: 'contract-b' }) },
      /of the stream contract-b/,
    ],
    [
      'a head with another hash',
      { head: JSON.stringify({ ...made.head, hash: 'f'.repeat(64) }) },
      /the head that was kept says/,
    ],
    [
      'an end cut off with its head, against one kept elsewhere',
      { anchors: [{ ...made.head, sequence: 230 }] },
      /the head says 230/,
    ],
    ['records made anew as a whole, against a key that was written down', { firstKey: thief.id }, /must begin with/],
    ['a folder without records', { files: [] }, /no record/],
  ])('names %s', (_, known, wrong) => {
    const { files, head, keys } = folder();
    const { faults } = verifyStream({ ...exportedOf(files, head), ...known }, keys);
    expect(faults[0]?.wrong).toMatch(wrong);
  });

  it('takes a head that is behind the records for what a writer leaves that ended between two files', () => {
    const early = readEntry(at(made.lines, 119));
    expect(verdictOf({ ...folder(), head: { stream: STREAM, sequence: 120, hash: early.hash } }).faults).toEqual([]);
  });

  it('finds a record of another stream, however whole it is', () => {
    const other = madeStream(60, { stream: 'contract-b', keys: [...made.keys] });
    const { faults } = verdictOf({ ...folder(), files: filesOf(other.lines) });
    expect(faults[0]).toMatchObject({ line: 1, sequence: 1, wrong: 'it is of the stream contract-b' });
  });
});
