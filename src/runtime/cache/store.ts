import { deepEqual } from '../api/json.ts';
import { compareResourceVersions, type KubeObject, keyOf, keyString } from '../api/object.ts';

export type IndexFunction = (object: KubeObject) => readonly string[];

/** A change of the store. `origin` names the writer when it was our own write, and exactly that write. */
export type StoreEvent = {
  readonly key: string;
  readonly old: KubeObject | undefined;
  readonly object: KubeObject | undefined;
  /** From the first list: the object may have been there for long. */
  readonly initial: boolean;
  readonly origin: unknown;
};
export type StoreListener = (event: StoreEvent) => void;

/** Most values belong to one object: a Set for each would take a quarter of the cache's memory. */
type Index = { readonly of: IndexFunction; readonly keys: Map<string, string | Set<string>> };
type OpenWrite = { count: number; readonly heldBack: StoreEvent[] };

/** A complete list on its way. */
export type Listing = {
  /** The first of its store: what there is is told when it is known as a whole. */
  readonly initial: boolean;
  /** UIDs of what has come, by key. */
  readonly uids: Map<string, string | undefined>;
  /** What waits for the end, which tells whether it is news. */
  readonly waiting: Map<string, KubeObject>;
};

/**
 * Objects of one kind in one scope, as one watch tells them and as our own writes leave them (read-your-own-writes).
 * The newest resourceVersion wins whichever way it comes; each change is told to the listeners exactly once.
 */
export class Store {
  readonly #objects = new Map<string, KubeObject>();
  readonly #indexes = new Map<string, Index>();
  readonly #listeners: StoreListener[] = [];
  /** What we deleted and whose DELETED event is still to come, by key: nothing up to it may come back. */
  readonly #erased = new Map<string, { readonly uid: string; readonly version: string }>();
  /** Keys that we are writing: what the watch says of them is told when the answer is there. */
  readonly #open = new Map<string, OpenWrite>();
  /** Versions that the answers to our writes told before the watch did. */
  readonly #ahead = new Set<string>();
  /** The watch has told everything up to this resourceVersion. */
  #seen = '';

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): KubeObject | undefined {
    return this.#objects.get(key);
  }

  values(): IterableIterator<KubeObject> {
    return this.#objects.values();
  }

  /** Adds an index; what is stored already is indexed too. */
  addIndex(name: string, of: IndexFunction): void {
    if (this.#indexes.has(name)) return;
    const index: Index = { of, keys: new Map() };
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) enter(index, key, object);
  }

  byIndex(name: string, value: string): KubeObject[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`no index ${name}`);
    const found: KubeObject[] = [];
    const keys = index.keys.get(value) ?? [];
    for (const key of typeof keys === 'string' ? [keys] : keys) {
      const object = this.#objects.get(key);
      if (object !== undefined) found.push(object);
    }
    return found;
  }

  /** How many {@link byIndex} finds, without looking for them. */
  count(name: string, value: string): number {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`no index ${name}`);
    const keys = index.keys.get(value);
    return typeof keys === 'string' ? 1 : (keys?.size ?? 0);
  }

  listen(listener: StoreListener): void {
    this.#listeners.push(listener);
  }

  /** A complete list begins. Its objects are taken in as they come, so that none is held twice; only its end tells what is gone. */
  beginList(): Listing {
    return { initial: this.#seen === '', uids: new Map(), waiting: new Map() };
  }

  listed(listing: Listing, object: KubeObject): void {
    const key = keyString(keyOf(object));
    listing.uids.set(key, object.metadata.uid);
    if (!listing.initial && this.#isToTake(key, object)) this.#put(key, object, {});
    else if (versionOf(object) !== versionOf(this.#objects.get(key))) listing.waiting.set(key, object);
  }

  /** It was deleted, or left the scope, before the list has come to its end. */
  unlisted(listing: Listing, key: string): void {
    listing.uids.delete(key);
    listing.waiting.delete(key);
  }

  /** The list was complete, as of `version`: what did not come is gone, unless it was written after the list was made. */
  endList({ initial, uids, waiting }: Listing, version: string): void {
    // A restored etcd counts from an older number: then the list is the truth and nothing can be compared.
    const restored = !initial && compareResourceVersions(version, this.#seen) < 0;
    this.#seen = version;
    this.#ahead.clear();
    for (const [key, object] of waiting)
      if (restored || this.#isToTake(key, object)) this.#put(key, object, { initial });
    for (const [key, object] of this.#objects) {
      const newer = compareResourceVersions(versionOf(object), version) > 0;
      if (!uids.has(key) && (restored || !newer)) this.#remove(key, {});
    }
    for (const [key, erased] of this.#erased) {
      const known = restored || compareResourceVersions(version, erased.version) > 0;
      if (known && uids.get(key) !== erased.uid) this.#erased.delete(key);
    }
  }

  /** ADDED, MODIFIED or DELETED, in the order of the watch. */
  event(type: string, object: KubeObject): void {
    const version = versionOf(object);
    this.bookmark(version);
    this.#ahead.delete(version);
    const key = keyString(keyOf(object));
    if (type !== 'DELETED') {
      if (this.#isNews(key, object)) this.#put(key, object, {});
      return;
    }
    if (this.#erased.get(key)?.uid === object.metadata.uid) this.#erased.delete(key);
    const current = this.#objects.get(key);
    // What is newer than the event is another incarnation, or has been brought back into the selector that it had left (by our write).
    if (current !== undefined && compareResourceVersions(versionOf(current), version) <= 0) this.#remove(key, {});
  }

  /** The watch has told everything up to this resourceVersion. */
  bookmark(version: string): void {
    if (this.#seen === '' || compareResourceVersions(version, this.#seen) > 0) this.#seen = version;
  }

  /** Whether the event with this version repeats what the answer to our write has told, so that it need not be read. Asked once for each. */
  repeats(version: string): boolean {
    if (!this.#ahead.delete(version)) return false;
    this.bookmark(version);
    return true;
  }

  /** To be called before a request that changes the object; end with {@link wrote}, {@link erased} or {@link gaveUp}. */
  writing(key: string): void {
    const open = this.#open.get(key);
    if (open === undefined) this.#open.set(key, { count: 1, heldBack: [] });
    else open.count += 1;
  }

  /**
   * The answer to our write. `exact` = it made this version out of the very one that was stored (or created it), so
   * the writer needs no telling; otherwise someone else's change may be in it and everyone is told.
   */
  wrote(object: KubeObject, origin: unknown, exact: boolean): void {
    const key = keyString(keyOf(object));
    const version = versionOf(object);
    const author = exact ? origin : undefined;
    // What the watch has passed it has told already; a missing object was deleted since. Putting it back would be for good.
    const told = this.#seen !== '' && compareResourceVersions(version, this.#seen) <= 0;
    if (!told && this.#isNews(key, object)) {
      this.#ahead.add(version);
      this.#put(key, object, { origin: author }, true);
    }
    this.#close(key, event => (event.object !== undefined && versionOf(event.object) === version ? author : undefined));
  }

  /** Our DELETE was carried out at once: the object is gone, whatever older events still say. */
  erased(key: string, uid: string, origin: unknown): void {
    const current = this.#objects.get(key);
    if (current !== undefined && current.metadata.uid === uid) {
      this.#erased.set(key, { uid, version: versionOf(current) });
      this.#remove(key, { origin }, true);
    }
    this.#close(key, event => (event.object === undefined && event.old?.metadata.uid === uid ? origin : undefined));
  }

  /** The write failed, or its fate is not known. */
  gaveUp(key: string): void {
    this.#close(key, () => undefined);
  }

  /** The kind is no longer served. */
  clear(): void {
    for (const key of [...this.#objects.keys()]) this.#remove(key, {});
    this.#erased.clear();
    this.#ahead.clear();
    this.#seen = '';
  }

  #isToTake(key: string, object: KubeObject): boolean {
    return this.#isNews(key, object) || this.#readsOtherwise(key, object);
  }

  /** The same version as the API server reads it by another schema: with new defaults, or without fields that it no longer knows. */
  #readsOtherwise(key: string, object: KubeObject): boolean {
    const current = this.#objects.get(key);
    return current !== undefined && versionOf(current) === versionOf(object) && !deepEqual(current, object);
  }

  #isNews(key: string, object: KubeObject): boolean {
    const erased = this.#erased.get(key);
    if (erased?.uid === object.metadata.uid) return false;
    if (erased !== undefined && compareResourceVersions(versionOf(object), erased.version) <= 0) return false;
    const current = this.#objects.get(key);
    return current === undefined || compareResourceVersions(versionOf(object), versionOf(current)) > 0;
  }

  #put(key: string, object: KubeObject, how: { initial?: boolean; origin?: unknown }, now = false): void {
    const old = this.#objects.get(key);
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) {
      if (old !== undefined) leave(index, key, old);
      enter(index, key, object);
    }
    this.#tell({ key, old, object, initial: how.initial === true, origin: how.origin }, now);
  }

  #remove(key: string, how: { origin?: unknown }, now = false): void {
    const old = this.#objects.get(key);
    if (old === undefined) return;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) leave(index, key, old);
    this.#tell({ key, old, object: undefined, initial: false, origin: how.origin }, now);
  }

  #tell(event: StoreEvent, now: boolean): void {
    const open = now ? undefined : this.#open.get(event.key);
    if (open !== undefined) open.heldBack.push(event);
    else for (const listener of this.#listeners) listener(event);
  }

  #close(key: string, originOf: (event: StoreEvent) => unknown): void {
    const open = this.#open.get(key);
    if (open === undefined) return;
    open.count -= 1;
    const events = open.heldBack.map(event => ({ ...event, origin: event.origin ?? originOf(event) }));
    open.heldBack.length = 0;
    if (open.count > 0) {
      open.heldBack.push(...events);
      return;
    }
    this.#open.delete(key);
    for (const event of events) for (const listener of this.#listeners) listener(event);
  }
}

function versionOf(object: KubeObject | undefined): string {
  return object?.metadata.resourceVersion ?? '';
}

/** An object that was stored under a looser schema may be nothing that an index can read: it is found under no value then. */
function valuesOf(index: Index, object: KubeObject): readonly string[] {
  try {
    return index.of(object);
  } catch {
    return [];
  }
}

function enter(index: Index, key: string, object: KubeObject): void {
  for (const value of valuesOf(index, object)) {
    const keys = index.keys.get(value);
    if (keys === undefined) index.keys.set(value, key);
    else if (typeof keys !== 'string') keys.add(key);
    else if (keys !== key) index.keys.set(value, new Set([keys, key]));
  }
}

function leave(index: Index, key: string, object: KubeObject): void {
  for (const value of valuesOf(index, object)) {
    const keys = index.keys.get(value);
    const last = typeof keys === 'string' ? keys === key : keys?.delete(key) === true && keys.size === 0;
    if (last) index.keys.delete(value);
  }
}
