import { canonicalJson } from '../../domain/record/canonicaljson.ts';
import type { RecordedObject } from '../../domain/record/entry.ts';
import { difference } from '../../domain/record/facts.ts';
import type { Keys } from '../../domain/record/pages.ts';
import { factsOf, isOrdered, personBehind, type RecordedKind } from '../../domain/record/recordable.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { TokenBucket } from '../../runtime/queue/tokenbucket.ts';
import { Desk, type DeskParts, type Seen } from './desk.ts';
import type { Page } from './pagestore.ts';
import type { SigningKeys } from './signingkeys.ts';
import { Stopped } from './stopped.ts';

export type RecorderParts = Omit<DeskParts, 'keys' | 'wrote'> & {
  readonly signing: SigningKeys;
  /** The manager that wrote the spec last; undefined where nobody says so. */
  readonly specManager: (recorded: RecordedKind, object: KubeObject) => Promise<string | undefined>;
};

/** Of one object: so many changes at once are recorded one by one, then one in so many seconds. */
const BURST = 20;
const SECONDS_EACH = 600;
/** What cannot be exported for so many streams cannot for any: the others come first in the next round. */
const MOST_FAILURES = 8;
/** When it is looked again whether a person has acted. */
const STOPPED_MS = 30_000;

/** What there is of an object under its name: its UID, and the stream where it belongs. `Unknown`: it cannot be read. */
export type Found = { readonly uid: string | undefined; readonly stream: string } | 'Gone' | 'Unknown';

/** `seen`: what was left out last, so that a second look at the same is not another change. */
type Flow = { readonly bucket: TokenBucket; leftOut: number; seen: string };

/** Finds what is new of the objects that it is shown, and has it recorded in their streams (MO-16, GE-8). */
export class Recorder {
  readonly #parts: RecorderParts;
  readonly #desks = new Map<string, Desk>();
  /** By UID of objects that change much. */
  readonly #flows = new Map<string, Flow>();
  #loading: Promise<void> | undefined;
  #keys: Promise<Keys> | undefined;
  #begun = false;
  /** Which stream was tidied last, by its place. */
  #turn = -1;
  /** By stream; '' for all of them. */
  readonly #stopped = new Map<string, Stopped>();
  records = 0;
  leftOut = 0;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  get desks(): readonly Desk[] {
    return [...this.#desks.values()];
  }

  /** Streams in which nothing is recorded before a person has acted. */
  get stopped(): ReadonlyMap<string, Stopped> {
    return this.#stopped;
  }

  /** Records what is new of an object; nothing where nothing is. Resolves to the milliseconds after which to show it again. Throws ApiError. */
  async record(recorded: RecordedKind, object: KubeObject, stream: string): Promise<number | undefined> {
    await this.load();
    const desk = this.#deskNamed(stream);
    if (this.#stoppedFor(desk.name) !== undefined) return STOPPED_MS;
    await this.#guarded(desk.name, () => desk.ready());
    const { uid = '' } = object.metadata;
    const facts = factsOf(recorded, object);
    const known = desk.standings.get(uid);
    const change = known === undefined ? undefined : difference(known.facts, facts);
    if (known !== undefined && change === undefined) return undefined;
    const flow = this.#flowOf(uid);
    if (known !== undefined && !flow.bucket.take()) return this.#leaveOut(flow, canonicalJson(facts));
    const changed = change && Object.keys({ ...change.before, ...change.after });
    const ordered = changed?.some(isOrdered) ?? true;
    const person = personBehind(recorded, object, changed);
    const manager = ordered ? await this.#parts.specManager(recorded, object) : undefined;
    const who = { ...(manager === undefined ? {} : { manager }), ...(person === undefined ? {} : { person }) };
    const leftOut = flow.leftOut === 0 ? {} : { leftOut: flow.leftOut };
    const written = await this.#write(desk, {
      object: recordedObject(recorded, object),
      facts,
      who,
      observer: recorded.observer,
      ...leftOut,
    });
    if (written) flow.leftOut = 0;
    return written ? undefined : STOPPED_MS;
  }

  /** Resolves to the milliseconds until there is a place again. */
  #leaveOut(flow: Flow, seen: string): number {
    if (seen !== flow.seen) {
      flow.leftOut += 1;
      this.leftOut += 1;
    }
    flow.seen = seen;
    return Math.ceil(flow.bucket.nextAt() - this.#parts.clock.monotonic());
  }

  /** Whether an object is not told of in the stream where it belongs. */
  isElsewhere({ metadata }: KubeObject, stream: string): boolean {
    return this.#loading !== undefined && !this.#deskNamed(stream).standings.has(metadata.uid ?? '');
  }

  /** Of one kind, as `find` has it, which asks nobody: what is told as living and is there no more is gone; what another stream tells of now has moved. */
  async sweep({ kind, observer }: RecordedKind, find: (object: RecordedObject) => Found): Promise<void> {
    await this.load();
    for (const desk of this.desks) await this.#guarded(desk.name, () => desk.ready());
    const notes = this.desks.flatMap(desk => {
      if (this.#stoppedFor(desk.name) !== undefined) return [];
      const of = [...desk.standings.values()].filter(({ object }) => object.kind === kind.kind);
      return of.flatMap(({ object }) => {
        const facts = this.#leaving(desk, object, find(object));
        return facts === undefined ? [] : [this.#write(desk, { object, facts, who: {}, observer })];
      });
    });
    await Promise.all(notes);
  }

  /** Rotates keys where somebody has asked for it, exports, keeps the streams bounded, and looks whether what stopped them is mended. */
  async tidy(): Promise<void> {
    this.#keys = undefined;
    for (const [stream] of this.#stopped)
      if (stream !== '') await this.#guarded(stream, () => this.#deskNamed(stream).load());
    await this.load();
    const keys = await this.#guarded('', () => this.#currentKeys());
    if (keys === undefined) return;
    if (keys.next !== undefined) await this.#rotate(keys);
    const failures: unknown[] = [];
    const desks = this.desks;
    for (let tried = 0; tried < desks.length && failures.length < MOST_FAILURES; tried++) {
      this.#turn = (this.#turn + 1) % desks.length;
      const desk = desks[this.#turn];
      if (desk === undefined || this.#stoppedFor(desk.name) !== undefined) continue;
      await this.#guarded(desk.name, () => desk.tidy()).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Reads all streams, once; again where that failed. Throws ApiError. */
  load(): Promise<void> {
    this.#loading ??= this.#loadAll().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #loadAll(): Promise<void> {
    const pages = await this.#parts.pages.list();
    this.#begun ||= pages.length > 0;
    const streams = Map.groupBy(pages, ({ spec }: Page) => spec.stream);
    for (const [stream, of] of streams) await this.#guarded(stream, () => this.#deskNamed(stream).load(of));
    await this.#guarded('', () => this.#currentKeys());
  }

  /** All streams name the next key; when the last of them has, the former one goes. */
  async #rotate(keys: Keys): Promise<void> {
    for (const desk of this.desks) {
      if (this.#stoppedFor(desk.name) !== undefined) return;
      await desk.rotate(keys);
    }
    await this.#parts.signing.rotated(keys);
    this.#keys = undefined;
    this.#parts.log.info({ key: keys.next?.id }, 'keys rotated');
  }

  #leaving(desk: Desk, object: RecordedObject, found: Found): Seen['facts'] | undefined {
    if (found === 'Unknown') return undefined;
    if (found === 'Gone' || found.uid !== object.uid) {
      this.#flows.delete(object.uid);
      return 'Gone';
    }
    const now = this.#deskNamed(found.stream);
    return now !== desk && now.standings.has(object.uid) ? { movedTo: now.name } : undefined;
  }

  /** False: the stream is stopped. */
  async #write(desk: Desk, seen: Seen): Promise<boolean> {
    const result = await this.#guarded(desk.name, async () => {
      await desk.record(seen);
      return true;
    });
    return result ?? false;
  }

  /** What a person must decide is said once, where people look; undefined then. */
  async #guarded<T>(stream: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await work();
      if (this.#stopped.delete(stream)) await this.#say(stream, undefined);
      return result;
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      const of = error.reason === 'KeyLost' ? '' : stream;
      const before = this.#stopped.get(of);
      this.#stopped.set(of, error);
      if (before?.message !== error.message) await this.#say(of, error);
      return undefined;
    }
  }

  async #say(stream: string, stopped: Stopped | undefined): Promise<void> {
    const { log } = this.#parts;
    if (stopped === undefined) log.info({ stream }, 'records are written again');
    else log.error({ stream, reason: stopped.reason }, `nothing is recorded any more: ${stopped.message}`);
    const desks = stream === '' ? this.desks : [this.#deskNamed(stream)];
    for (const desk of desks)
      await desk
        .say(stopped)
        .catch((error: unknown) => log.warn({ stream: desk.name, error: String(error) }, 'condition not written'));
  }

  #stoppedFor(stream: string): Stopped | undefined {
    return this.#stopped.get('') ?? this.#stopped.get(stream);
  }

  #currentKeys(): Promise<Keys> {
    this.#keys ??= this.#parts.signing.read(this.#begun).catch((error: unknown) => {
      this.#keys = undefined;
      throw error;
    });
    return this.#keys;
  }

  #flowOf(uid: string): Flow {
    const flow = this.#flows.get(uid) ?? {
      bucket: new TokenBucket(this.#parts.clock, 1 / SECONDS_EACH, BURST),
      leftOut: 0,
      seen: '',
    };
    this.#flows.set(uid, flow);
    return flow;
  }

  #deskNamed(name: string): Desk {
    const desk =
      this.#desks.get(name) ??
      new Desk(name, { ...this.#parts, keys: () => this.#currentKeys(), wrote: count => this.#wrote(count) });
    this.#desks.set(name, desk);
    return desk;
  }

  #wrote(records: number): void {
    this.#begun = true;
    this.records += records;
  }
}

export function recordedObject({ kind }: RecordedKind, { metadata }: KubeObject): RecordedObject {
  const { namespace, name, uid = '', generation } = metadata;
  return {
    kind: kind.kind,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    uid,
    ...(generation === undefined ? {} : { generation }),
  };
}
