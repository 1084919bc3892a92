import type { Logger } from 'pino';
import { Broken } from '../../domain/record/chain.ts';
import type { Facts, Matter, RecordedObject, Who } from '../../domain/record/entry.ts';
import { readEntry } from '../../domain/record/entry.ts';
import { difference } from '../../domain/record/facts.ts';
import {
  append,
  carried,
  emptyStream,
  type Keys,
  mustRotate,
  type PageRef,
  readStream,
  type Stream,
  surplus,
  withoutOldest,
} from '../../domain/record/pages.ts';
import { isOrdered, requirementsOf } from '../../domain/record/recordable.ts';
import { readPublicKey } from '../../domain/record/recordkey.ts';
import type { Standings } from '../../domain/record/standing.ts';
import type { Clock } from '../../runtime/api/clock.ts';
import type { Page, PageStore } from './pagestore.ts';
import type { RecordExport } from './recordexport.ts';
import { Stopped } from './stopped.ts';

/** What is to be recorded of an object as it was seen. */
export type Seen = {
  readonly object: RecordedObject;
  /** What holds of it now; `Gone`: it is there no more; a stream: that one holds it from now on. */
  readonly facts: Facts | 'Gone' | { readonly movedTo: string };
  /** Who ordered it so, where the order differs from what was recorded. */
  readonly who: Who;
  /** Who says what is observed of it. */
  readonly observer: string;
  readonly because?: string | undefined;
  /** Changes that were left out since it was recorded last. */
  readonly leftOut?: number;
};

type Note = { readonly seen: Seen; readonly done: () => void; readonly failed: (error: unknown) => void };

export type DeskParts = {
  readonly pages: PageStore;
  /** Where records are exported to; undefined: nowhere. */
  readonly exported: RecordExport | undefined;
  readonly keys: () => Promise<Keys>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told of each write. */
  readonly wrote: (records: number) => void;
};

/** Objects whose records are put together: as many as a page holds. */
const TOGETHER = 50;

/**
 * Writes one stream, one write after the other. What it believes of the stream lasts until a write fails: then it is read anew, so that a lost answer or
 * another writer can neither double a record nor fork the chain.
 */
export class Desk {
  readonly name: string;
  readonly #parts: DeskParts;
  #stream: Stream | undefined;
  /** The last page as it was read or written. */
  #last: Page | undefined;
  readonly #waiting: Note[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #exportedTo = 0;

  constructor(name: string, parts: DeskParts) {
    this.name = name;
    this.#parts = parts;
  }

  /** What it says of living objects, as far as it has been read. */
  get standings(): Standings {
    return this.#stream?.standings ?? new Map();
  }

  get pages(): number {
    return this.#stream?.pages.length ?? 0;
  }

  /** Records that are not exported yet. */
  get notExported(): number {
    return (this.#stream?.head.sequence ?? 0) - this.#exportedTo;
  }

  /** Takes the pages that are there. Throws Stopped where they are no whole stream, or less than was exported. */
  async load(pages?: readonly Page[]): Promise<void> {
    const found = pages ?? (await this.#parts.pages.list(this.name));
    const inOrder = found.toSorted((a, b) => a.spec.number - b.spec.number);
    const stream = unbroken(() =>
      readStream(
        this.name,
        inOrder.map(({ spec }) => spec),
      ),
    );
    // An export that cannot be read holds nothing up: what does not fit it is noticed when it is written to.
    const exported = await this.#parts.exported?.head(this.name).catch(() => undefined);
    if (exported !== undefined && exported.sequence > stream.head.sequence)
      throw new Stopped(
        'StreamBroken',
        `record ${exported.sequence} of ${this.name} was exported, but its pages end with ${stream.head.sequence}`,
      );
    if (exported !== undefined && hashAt(inOrder, exported.sequence) !== exported.hash)
      throw new Stopped('StreamBroken', `record ${exported.sequence} of ${this.name} is not the one that was exported`);
    this.#exportedTo = exported?.sequence ?? 0;
    this.#last = inOrder.at(-1);
    this.#stream = stream;
  }

  /** Reads the stream where nothing is believed of it. Throws Stopped, ApiError. */
  async ready(): Promise<void> {
    if (this.#stream === undefined) await this.#inTurn(() => this.#read());
  }

  /** Resolves when what was seen stands in the stream, or did already. Throws ApiError, Stopped. */
  record(seen: Seen): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ seen, done, failed });
      if (this.#waiting.length === 1) void this.#inTurn(() => this.#serve());
    });
  }

  /** Names the next key where keys are rotated. */
  async rotate(keys: Keys): Promise<void> {
    await this.#inTurn(async () => {
      const stream = await this.#read();
      if (mustRotate(stream, keys)) await this.#append(stream, []);
    });
  }

  /** Exports what is not exported, and lets the oldest pages leave the cluster that are. Throws Stopped, ApiError, and what the export throws. */
  async tidy(): Promise<void> {
    await this.#inTurn(() => this.#exportAndForget());
  }

  /** Says on the last page why nothing is recorded any more, or that it is again. */
  async say(stopped: Stopped | undefined): Promise<void> {
    const { pages, clock } = this.#parts;
    const page = this.#last ?? (await pages.list(this.name)).toSorted((a, b) => a.spec.number - b.spec.number).at(-1);
    const before = page?.status?.conditions?.find(({ type }) => type === 'Ready');
    const [status, reason, message] =
      stopped === undefined
        ? (['True', 'Written', 'Records are written again.'] as const)
        : (['False', stopped.reason, `Nothing is recorded any more: ${stopped.message}.`] as const);
    if (page === undefined || (before === undefined && stopped === undefined) || before?.message === message) return;
    const lastTransitionTime = `${clock.now().toISOString().slice(0, 19)}Z`;
    const condition = {
      type: 'Ready',
      status,
      reason,
      message,
      lastTransitionTime,
      observedGeneration: page.metadata.generation ?? 0,
    };
    const written = await pages.writeStatus(page, { conditions: [condition] });
    if (this.#last !== undefined) this.#last = written;
  }

  async #serve(): Promise<void> {
    while (this.#waiting.length > 0) {
      const notes = this.#waiting.slice(0, TOGETHER);
      try {
        await this.#recordAll(notes.map(({ seen }) => seen));
        for (const { done } of notes) done();
      } catch (error) {
        for (const { failed } of notes) failed(error);
      } finally {
        this.#waiting.splice(0, notes.length);
      }
    }
  }

  /** One write after another until nothing is new: what the first has taken is no difference for the second. */
  async #recordAll(all: readonly Seen[]): Promise<void> {
    for (let stream = await this.#read(); ; ) {
      const matters = all.flatMap(seen => mattersOf(seen, stream.standings, this.#parts.clock.now()));
      if (matters.length === 0) return;
      stream = await this.#append(stream, matters);
    }
  }

  /** One write. One that failed leaves nothing that is believed: it may have been made all the same. */
  async #append(stream: Stream, matters: readonly Matter[]): Promise<Stream> {
    const { keys, pages, clock, wrote } = this.#parts;
    try {
      const signing = await keys();
      const write = unbroken(() => append(stream, matters, signing, clock.now()));
      this.#last = await pages.write(write, this.#last);
      this.#stream = write.stream;
      wrote(write.stream.head.sequence - stream.head.sequence);
      return write.stream;
    } catch (error) {
      this.#stream = undefined;
      this.#last = undefined;
      throw error;
    }
  }

  async #exportAndForget(): Promise<void> {
    const { exported, pages } = this.#parts;
    let stream = await this.#read();
    if (exported === undefined || stream.head.sequence === 0) return;
    if (this.notExported > 0) await this.#export(exported, stream);
    for (let oldest = surplus(stream); oldest !== undefined; oldest = surplus(stream)) {
      const page = await pages.get(this.name, oldest.number);
      if (page !== undefined && !(await exported.holds(page.spec))) return;
      stream = await this.#carry(stream, oldest);
      if (page !== undefined) await pages.delete(page);
      stream = withoutOldest(stream);
      this.#stream = stream;
    }
    if (this.notExported > 0) await this.#export(exported, stream);
  }

  /** Tells again what of the page must be told, in as many writes as that takes. */
  async #carry(stream: Stream, oldest: PageRef): Promise<Stream> {
    const matters = carried(stream, oldest, this.#parts.clock.now());
    return matters.length === 0 ? stream : this.#carry(await this.#append(stream, matters), oldest);
  }

  async #export(exported: RecordExport, stream: Stream): Promise<void> {
    for (const { number, last } of stream.pages) {
      if (last <= this.#exportedTo) continue;
      const page = number === this.#last?.spec.number ? this.#last : await this.#parts.pages.get(this.name, number);
      if (page === undefined)
        throw new Stopped('StreamBroken', `page ${number} of ${this.name} is gone, and was not exported`);
      for (const key of keysNamedOn(page)) await exported.writeKey(key);
      await exported.write(page.spec);
    }
    await exported.writeHead(stream.head, stream.key ?? '');
    this.#exportedTo = stream.head.sequence;
  }

  async #read(): Promise<Stream> {
    if (this.#stream === undefined) await this.load();
    return this.#stream ?? emptyStream(this.name);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

function unbroken<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Broken) throw new Stopped('StreamBroken', error.message);
    throw error;
  }
}

function hashAt(pages: readonly Page[], sequence: number): string | undefined {
  const page = pages.find(({ spec }) => spec.first <= sequence && sequence <= spec.head.sequence);
  const line = page?.spec.entries[sequence - page.spec.first];
  return line === undefined ? undefined : readEntry(line).hash;
}

function keysNamedOn({ spec }: Page) {
  return spec.entries.flatMap(line => {
    const { what, after } = readEntry(line);
    const key =
      what.startsWith('Key') && typeof after?.publicKey === 'string' ? readPublicKey(after.publicKey) : undefined;
    return key === undefined ? [] : [key];
  });
}

/** What is new of what was seen: what was ordered and what is observed are two records, for they are of two writers. */
function mattersOf(seen: Seen, standings: Standings, at: Date): Matter[] {
  const { object, facts, who, observer, because, leftOut } = seen;
  const known = standings.get(object.uid);
  const base = { at, object, ...(leftOut ? { leftOut } : {}) };
  const why = (names: readonly string[]) => ({ requirements: requirementsOf(object.kind, names), because });
  if (facts === 'Gone')
    return known === undefined ? [] : [{ ...base, what: 'Gone', who: {}, why: why(['']), before: known.facts }];
  if ('movedTo' in facts)
    return known === undefined
      ? []
      : [
          {
            ...base,
            what: 'Moved',
            who: { manager: 'steward-record' },
            why: why(['']),
            after: { stream: facts.movedTo },
          },
        ];
  if (known === undefined) return [{ ...base, what: 'Appeared', who, why: why(Object.keys(facts)), after: facts }];
  const change = difference(known.facts, facts as Facts);
  if (change === undefined) return [];
  return [true, false].flatMap(ordered => {
    const of = (side: Facts): Facts =>
      Object.fromEntries(Object.entries(side).filter(([name]) => isOrdered(name) === ordered));
    const [before, after] = [of(change.before), of(change.after)];
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    const by = ordered ? who : { manager: observer };
    return names.length === 0 ? [] : [{ ...base, what: 'Changed' as const, who: by, why: why(names), before, after }];
  });
}
