import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_ENTRIES, type RecordPageSpec } from '../../api/recordpage.ts';
import { Broken } from './chain.ts';
import type { Facts, Matter } from './entry.ts';
import { difference } from './facts.ts';
import {
  type Append,
  append,
  carried,
  emptyStream,
  type Keys,
  readStream,
  type Stream,
  surplus,
  withoutOldest,
} from './pages.ts';
import { exportedOf, filesOf, keyFilesOf, newSigner, STREAM } from './stream.fixtures.ts';
import { verifyStream } from './verify.ts';

const [current, next] = [newSigner(), newSigner()];
const AT = new Date('2026-12-01T00:00:00Z');
const WHY = { requirements: ['GE-8'] };
const objectOf = (uid: string) => ({ kind: 'ManagedVM', namespace: 'acme', name: `vm-${uid}`, uid });

/** What is to be recorded when an object is seen with these facts, as the writer does it. */
function seen(stream: Stream, uid: string, facts: Facts | undefined): Matter[] {
  const known = stream.standings.get(uid);
  const base = { at: AT, who: { manager: 'test' }, why: WHY, object: objectOf(uid) };
  if (facts === undefined) return known === undefined ? [] : [{ ...base, what: 'Gone', before: known.facts }];
  if (known === undefined) return [{ ...base, what: 'Appeared', after: facts }];
  const change = difference(known.facts, facts);
  return change === undefined ? [] : [{ ...base, what: 'Changed', ...change }];
}

/** The pages as the API server keeps them: a write that was decided on another version than there is now is refused. */
class Pages {
  readonly all = new Map<number, RecordPageSpec>();

  write({ page, created }: Append): boolean {
    const there = this.all.get(page.number);
    const read = created ? undefined : page.entries.slice(0, there?.entries.length);
    const asRead = created
      ? there === undefined
      : read?.join() === there?.entries.join() && there?.entries.length !== page.entries.length;
    if (asRead) this.all.set(page.number, page);
    return asRead;
  }

  read(): Stream {
    return readStream(STREAM, [...this.all.values()]);
  }

  lines(): string[] {
    return [...this.all.values()].toSorted((a, b) => a.number - b.number).flatMap(({ entries }) => entries);
  }
}

/** All of it appended, with as many writes as it takes. */
function appended(stream: Stream, matters: readonly Matter[], keys: Keys, pages: Pages): Stream {
  let left = matters;
  let now = stream;
  while (left.length > 0) {
    const write = append(now, left, keys, AT);
    expect(pages.write(write)).toBe(true);
    left = left.slice(write.taken);
    now = write.stream;
  }
  return now;
}

const observation = fc.record({
  uid: fc.constantFrom('a', 'b', 'c'),
  facts: fc.option(fc.record({ state: fc.nat(3) }), { nil: undefined }),
});

describe('pages of records (MO-16)', () => {
  it('say after each write what the writer believes, and are a stream that verifies', () => {
    fc.assert(
      fc.property(fc.array(observation, { minLength: 1, maxLength: 120 }), observations => {
        const pages = new Pages();
        let stream = emptyStream(STREAM);
        for (const { uid, facts } of observations)
          stream = appended(stream, seen(stream, uid, facts), { current }, pages);
        const read = pages.read();
        expect([read.head, read.key, read.pages]).toEqual([stream.head, stream.key, stream.pages]);
        expect([...read.standings].sort()).toEqual([...stream.standings].sort());
        if (stream.head.sequence === 0) return;
        const verdict = verifyStream(exportedOf(filesOf(pages.lines()), stream.head), keyFilesOf([current]));
        expect(verdict.faults).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('are closed with their last record, and the next one follows', () => {
    const pages = new Pages();
    const matters = Array.from({ length: 120 }, (_, index) =>
      seen(emptyStream(STREAM), `${index}`, { state: 1 }),
    ).flat();
    const stream = appended(emptyStream(STREAM), matters, { current }, pages);
    expect(stream.pages).toEqual([
      { number: 1, first: 1, last: 50 },
      { number: 2, first: 51, last: 100 },
      { number: 3, first: 101, last: 121 },
    ]);
    expect([...pages.all.values()].map(({ closed }) => closed)).toEqual([true, true, undefined]);
  });

  it('are rotated to the next key by a record of the former one, wherever the rotation is interrupted', () => {
    const pages = new Pages();
    let stream = appended(emptyStream(STREAM), seen(emptyStream(STREAM), 'a', { state: 1 }), { current }, pages);
    const keys = { current, next, because: 'yearly' };
    const rotation = append(stream, [], keys, AT);
    pages.write(rotation);
    stream = appended(pages.read(), seen(stream, 'a', { state: 2 }), keys, pages);
    stream = appended(pages.read(), seen(stream, 'a', { state: 3 }), { current: next }, pages);
    const verdict = verifyStream(exportedOf(filesOf(pages.lines()), stream.head), keyFilesOf([current, next]));
    expect(verdict).toMatchObject({ records: 5, keys: [current.id, next.id], faults: [] });
    expect(() => append(stream, [], { current }, AT)).toThrow(Broken);
  });

  it('may leave the cluster from the oldest on, once living objects are told again, and nothing that was known is lost', () => {
    const pages = new Pages();
    let stream = emptyStream(STREAM);
    const exported: string[] = [];
    let most = 0;
    for (let round = 0; round < 1_200; round++) {
      const facts = round % 97 === 96 ? undefined : { state: round, steady: 'yes' };
      stream = appended(stream, seen(stream, round % 5 === 0 ? 'a' : `${round % 7}`, facts), { current }, pages);
      for (let oldest = surplus(stream); oldest !== undefined; oldest = surplus(stream)) {
        stream = appended(stream, carried(stream, oldest, AT), { current }, pages);
        exported.push(...(pages.all.get(oldest.number)?.entries ?? []));
        pages.all.delete(oldest.number);
        stream = withoutOldest(stream);
        // A writer that starts now knows the same.
        expect([...pages.read().standings].sort()).toEqual([...stream.standings].sort());
      }
      most = Math.max(most, pages.all.size);
    }
    expect(most).toBeLessThanOrEqual(12);
    const lines = [...exported, ...pages.lines()];
    expect(lines.length).toBeGreaterThan(1_200);
    expect(verifyStream(exportedOf(filesOf(lines), stream.head), keyFilesOf([current])).faults).toEqual([]);
  });

  it('are refused by their reader where one was changed, or is missing in the middle', () => {
    const pages = new Pages();
    const matters = Array.from({ length: 3 * PAGE_ENTRIES }, (_, index) =>
      seen(emptyStream(STREAM), `${index}`, {}),
    ).flat();
    appended(emptyStream(STREAM), matters, { current }, pages);
    const [first, second, third] = [...pages.all.values()];
    if (first === undefined || second === undefined || third === undefined) throw new Error('three pages were made');
    expect(() => readStream(STREAM, [first, third])).toThrow(/page 2 of the stream contract-acme is missing/);
    const changed = { ...second, entries: second.entries.with(3, (second.entries[3] ?? '').replace('acme', 'evil')) };
    expect(() => readStream(STREAM, [first, changed, third])).toThrow(Broken);
    expect(() => readStream(STREAM, [first, { ...second, entries: second.entries.slice(0, 9) }, third])).toThrow(
      Broken,
    );
    expect(readStream(STREAM, [second, third]).pages.map(({ number }) => number)).toEqual([2, 3]);
  });

  /**
   * Every order in which two writers that both believe that they lead can read, decide and write, each being ended and started anew after any
   * step: the chain never forks, and what is observed is on it once.
   */
  it('neither fork nor double with two leaders, in every order of their steps', () => {
    type Writer = { stream: Stream; readonly todo: number[] };
    let ends = 0;
    const step = (writer: Writer, pages: Pages): void => {
      const [value] = writer.todo;
      if (value === undefined) return;
      const matters = seen(writer.stream, 'a', { state: value });
      const write = append(writer.stream, matters, { current }, AT);
      if (matters.length === 0) writer.todo.shift();
      else if (!pages.write(write)) writer.stream = pages.read();
      else {
        writer.stream = write.stream;
        writer.todo.shift();
      }
    };
    const explore = (pages: Pages, writers: readonly [Writer, Writer], depth: number): void => {
      const lines = pages.lines();
      // What is read follows from record to record, or the reader would throw.
      expect(pages.read().head.sequence).toBe(lines.length);
      expect(lines.filter(line => JSON.parse(line).what === 'Appeared').length).toBe(Math.min(1, lines.length));
      if (depth === 0) {
        ends += 1;
        return;
      }
      for (const [index, crash] of [
        [0, false],
        [1, false],
        [0, true],
        [1, true],
      ] as const) {
        const copy = new Pages();
        for (const [number, page] of pages.all) copy.all.set(number, page);
        const both = writers.map(({ stream, todo }) => ({ stream, todo: [...todo] })) as [Writer, Writer];
        step(both[index], copy);
        if (crash) both[index].stream = copy.read();
        explore(copy, both, depth - 1);
      }
    };
    explore(
      new Pages(),
      [
        { stream: emptyStream(STREAM), todo: [1, 2] },
        { stream: emptyStream(STREAM), todo: [1, 3] },
      ],
      5,
    );
    expect(ends).toBe(4 ** 5);
  });
});
