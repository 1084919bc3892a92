import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesOf, keyFilesOf, madeStream, STREAM } from '../../domain/record/stream.fixtures.ts';
import { readQuestion, verifyFolder } from './verifyfolder.ts';

const made = madeStream(120);
const other = madeStream(3, { stream: 'namespace-lab', keys: [...made.keys] });
const ids = made.keys.map(({ id }) => id);
let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'records-'));
});
afterAll(() => rmSync(root, { recursive: true }));

function folder(name: string, streams: readonly (typeof made)[]): string {
  const path = join(root, name);
  mkdirSync(join(path, 'keys'), { recursive: true });
  for (const [file, text] of keyFilesOf(made.keys)) writeFileSync(join(path, 'keys', file), text);
  for (const { lines, head } of streams) {
    mkdirSync(join(path, head.stream));
    for (const [file, text] of filesOf(lines)) writeFileSync(join(path, head.stream, file), text);
    writeFileSync(join(path, head.stream, 'head.json'), JSON.stringify(head));
  }
  return path;
}

const verify = (...words: string[]) => {
  const question = readQuestion(words);
  return question === undefined ? undefined : verifyFolder(question);
};

describe('steward verify (MO-16, GE-8)', () => {
  it('says of each stream how many records it has, from when to when, its head and its keys', () => {
    const path = folder('whole', [made, other]);
    mkdirSync(join(path, 'lost+found'));
    writeFileSync(join(path, STREAM, '.000000000101.jsonl.new'), 'half a li');
    expect(verify(path)).toEqual({
      exitCode: 0,
      text: [
        `contract-acme: 120 records, first 2026-12-01T00:00:00.000Z, last 2026-12-01T02:00:00.000Z, head 120:${made.head.hash}, keys ${ids.join(' ')}, ok`,
        `namespace-lab: 3 records, first 2026-12-01T00:00:00.000Z, last 2026-12-01T00:03:00.000Z, head 3:${other.head.hash}, keys ${ids.join(' ')}, ok`,
        '',
      ].join('\n'),
    });
  });

  it('names file, line and record of a fault, ends with 1, and goes on with the other streams', () => {
    const path = folder('changed', [made, other]);
    const lines = made.lines.with(69, made.lines[70] ?? '');
    for (const [file, text] of filesOf(lines)) writeFileSync(join(path, STREAM, file), text);
    const answer = verify(path);
    expect(answer?.exitCode).toBe(1);
    expect(answer?.text.split('\n')).toEqual([
      'contract-acme: 69 records, first 2026-12-01T00:00:00.000Z, last 2026-12-01T01:09:00.000Z, broken',
      '  contract-acme/000000000051.jsonl, line 20, record 71: record 70 is missing before it',
      expect.stringMatching(/^namespace-lab: 3 records.*, ok$/),
      '',
    ]);
  });

  it('gives all of it as JSON', () => {
    const answer = verify('-o', 'json', folder('json', [other]));
    expect(JSON.parse(answer?.text ?? '')).toEqual({
      streams: [
        expect.objectContaining({ stream: 'namespace-lab', records: 3, head: other.head, keys: ids, faults: [] }),
      ],
    });
  });

  it('holds the streams to a head and a key that were written down elsewhere', () => {
    const path = folder('anchored', [made]);
    const head = (sequence: number) => `${STREAM}=${sequence}:${made.head.hash}`;
    expect(verify(path, '--head', head(120), '--key', ids[0] ?? '')?.exitCode).toBe(0);
    expect(verify(path, '--head', head(130))?.text).toMatch(/the head says 130: the end was cut off/);
    expect(verify(path, '--key', ids[1] ?? '')?.text).toMatch(/line 1, record 1: it names the key/);
    expect(verify(path, '--head', `contract-gone=4:${made.head.hash}`)?.text).toMatch(
      /contract-gone: 0 records, broken/,
    );
  });

  it('ends with 2 where there is nothing to look at', () => {
    mkdirSync(join(root, 'empty'));
    expect(verify(join(root, 'empty'))).toMatchObject({
      exitCode: 2,
      text: expect.stringMatching(/no stream of records/),
    });
    expect(verify(join(root, 'nowhere'))).toMatchObject({ exitCode: 2, text: expect.stringMatching(/ENOENT/) });
  });

  it.each([
    [[]],
    [['a', 'b']],
    [['a', '-o', 'yaml']],
    [['a', '--key', 'x']],
    [['a', '--head', 'x=0:y']],
    [['-x', 'a']],
  ])('does not guess what %j means', words => {
    expect(readQuestion(words)).toBeUndefined();
  });
});
