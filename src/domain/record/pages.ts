import { ENTRY_LENGTH, PAGE_ENTRIES, type RecordPageSpec } from '../../api/recordpage.ts';
import { Broken, fromTheBeginning, linked } from './chain.ts';
import { type Entry, type Head, type Matter, seal } from './entry.ts';
import type { RecordKey, Signer } from './recordkey.ts';
import { type Standing, type Standings, tell } from './standing.ts';

/** Characters on a page, from which on it is closed: no object of the API server comes near 1 MiB. */
const FULL_AT = 256 * 1024;

/** A page as far as its place in the stream tells. */
export type PageRef = { readonly number: number; readonly first: number; readonly last: number };

/** A stream as its pages tell it. */
export type Stream = {
  readonly name: string;
  /** Where it ends; `key` is the id of the key that signs next, undefined where the stream has no record yet. */
  readonly head: Head;
  readonly key: string | undefined;
  /** Pages that are still in the cluster, the oldest first. */
  readonly pages: readonly PageRef[];
  /** The last page. */
  readonly last: RecordPageSpec | undefined;
  readonly standings: Standings;
};

/** The keys that may sign: `next` only while keys are rotated. */
export type Keys = {
  readonly current: Signer;
  readonly next?: Signer | undefined;
  readonly because?: string | undefined;
};

/** One write: the page as it must be, and what the stream then is. */
export type Append = {
  readonly page: RecordPageSpec;
  /** Whether the page is a new one: no object of its name may be there. */
  readonly created: boolean;
  readonly stream: Stream;
  /** How many of the matters stand on it; the others come with the next write. */
  readonly taken: number;
};

export function emptyStream(name: string): Stream {
  return { name, head: fromTheBeginning(name).head, key: undefined, pages: [], last: undefined, standings: new Map() };
}

/** Reads a stream from the pages that are left of it. Throws Broken where they do not follow one another, or were changed. */
export function readStream(name: string, pages: readonly RecordPageSpec[]): Stream {
  const inOrder = pages.toSorted((a, b) => a.number - b.number);
  const standings = new Map<string, Standing>();
  const refs: PageRef[] = [];
  let head: Head | undefined;
  for (const page of inOrder) {
    const expected = (refs.at(-1)?.number ?? page.number - 1) + 1;
    if (page.number !== expected) throw new Broken(`page ${expected} of the stream ${name} is missing`);
    if (refs.length > 0 && head?.sequence !== page.first - 1)
      throw new Broken(`page ${page.number} does not begin where the page before it ends`);
    for (const line of page.entries) {
      const entry = linked(head ?? startOf(name, page), line);
      tell(standings, entry);
      head = { stream: name, sequence: entry.sequence, hash: entry.hash };
    }
    if (head?.hash !== page.head.hash) throw new Broken(`the head of page ${page.number} is not its last record`);
    refs.push({ number: page.number, first: page.first, last: page.head.sequence });
  }
  const last = inOrder.at(-1);
  if (last === undefined || head === undefined) return emptyStream(name);
  return { name, head, key: last.head.key, pages: refs, last, standings };
}

/** What an oldest page is bound to lies on one that was exported and has left the cluster: it is taken as it says. */
function startOf(name: string, { first, entries: [line] }: RecordPageSpec): Head | undefined {
  return first === 1 || line === undefined ? fromTheBeginning(name).head : undefined;
}

/** The next write of a stream. Throws Broken where none of the keys is the one that must sign. */
export function append(stream: Stream, matters: readonly Matter[], keys: Keys, at: Date): Append {
  const { signer, opening } = signing(stream, keys, at);
  const open = stream.last?.closed === true ? undefined : stream.last;
  const number = open?.number ?? (stream.last?.number ?? 0) + 1;
  const entries = [...(open?.entries ?? [])];
  const standings = new Map(stream.standings);
  let { head } = stream;
  let size = entries.reduce((sum, line) => sum + line.length, 0);
  let taken = 0;
  let by = opening === undefined ? signer : opening.by;
  const isFull = () => entries.length >= PAGE_ENTRIES || size + ENTRY_LENGTH > FULL_AT;
  for (const matter of opening === undefined ? matters : [opening.matter, ...matters]) {
    if (isFull()) break;
    const sealed = seal(head, matter, by);
    entries.push(sealed.line);
    tell(standings, { ...matter, ...sealed.head } as unknown as Entry);
    ({ head } = sealed);
    size += sealed.line.length;
    if (matter === opening?.matter) by = signer;
    else taken += 1;
  }
  const closed = isFull() ? { closed: true } : {};
  const first = open?.first ?? stream.head.sequence + 1;
  const page: RecordPageSpec = {
    ...{ stream: stream.name, number, first },
    ...{ head: { sequence: head.sequence, hash: head.hash, key: by.id }, ...closed, entries },
  };
  const ref = { number, first, last: head.sequence };
  const pages = open === undefined ? [...stream.pages, ref] : [...stream.pages.slice(0, -1), ref];
  return {
    page,
    created: open === undefined,
    taken,
    stream: { ...stream, head, key: by.id, pages, last: page, standings },
  };
}

/** Who signs, and the record that must come first: that names the key of a new stream, or the next key. */
function signing(
  { key }: Stream,
  { current, next, because }: Keys,
  at: Date,
): { readonly signer: Signer; readonly opening?: { readonly matter: Matter; readonly by: Signer } } {
  const newest = next ?? current;
  if (key === undefined) return { signer: newest, opening: { matter: naming('KeyNamed', newest, at), by: newest } };
  if (key === newest.id) return { signer: newest };
  if (key === current.id)
    return { signer: newest, opening: { matter: naming('KeyRotated', newest, at, because), by: current } };
  throw new Broken(`the key ${key} must sign the next record, and it is not there`);
}

function naming(what: 'KeyNamed' | 'KeyRotated', key: RecordKey, at: Date, because?: string): Matter {
  return {
    ...{ at, what, who: { manager: 'steward-record' }, why: { requirements: ['MO-16'], because } },
    after: { key: key.id, publicKey: key.publicKey },
  };
}

/** Whether the key of the stream is being rotated and its record of that is still to come. */
export function mustRotate({ key }: Stream, { current, next }: Keys): boolean {
  return next !== undefined && key === current.id;
}

/** Pages that are kept at least, however few objects live; three times those that hold all living ones besides, so that carrying costs a third. */
const PAGES_AT_LEAST = 8;

/** The oldest page, where there are more of them than are kept. */
export function surplus({ pages, standings }: Stream): PageRef | undefined {
  const kept = PAGES_AT_LEAST + 3 * Math.ceil(standings.size / PAGE_ENTRIES);
  return pages.length > kept ? pages[0] : undefined;
}

/** What of a page must be told again before it may go: every living object whose facts are not told as a whole on a later one. */
export function carried({ standings }: Stream, { last }: PageRef, at: Date): Matter[] {
  return [...standings.values()]
    .filter(({ told }) => told <= last)
    .map(({ object, facts, told }) => ({
      ...{ at, what: 'Standing' as const, who: { manager: 'steward-record' }, why: { requirements: ['GE-8'] } },
      ...{ object, after: facts, refersTo: told },
    }));
}

/** The stream once its oldest page has gone. */
export function withoutOldest(stream: Stream): Stream {
  return { ...stream, pages: stream.pages.slice(1) };
}
