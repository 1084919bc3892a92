import type { Logger } from 'pino';
import type { Clock } from '../api/clock.ts';
import { deepEqual } from '../api/json.ts';
import { type KubeObject, keyOf, keyString, kindId, type ResourceKind } from '../api/object.ts';
import type { Cache } from '../cache/cache.ts';
import type { KindView } from '../cache/kindview.ts';
import type { StoreEvent } from '../cache/store.ts';
import type { Client } from '../children/client.ts';
import type { Family } from '../children/family.ts';
import { PRIORITY } from '../queue/priority.ts';
import type { KeyQueue } from '../queue/queue.ts';
import type { AnyController, Asked, Reader, WatchedKind } from './controller.ts';
import { originOf } from './loop.ts';
import { keepAsking } from './polling.ts';

export type SourceSettings = {
  readonly definition: AnyController;
  readonly family: Family;
  readonly watched: readonly { readonly definition: WatchedKind; readonly view: KindView }[];
  readonly read: Reader;
  readonly client: Client;
  readonly cache: Cache;
  readonly queue: KeyQueue;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Turns changes of the cache into keys of root objects. Silent until {@link start}, which begins with all of them. */
export class Sources {
  readonly #settings: SourceSettings;
  #started = false;

  constructor(settings: SourceSettings) {
    this.#settings = settings;
    const { family, watched, cache } = settings;
    family.root.listen(event => this.#onRoot(event));
    for (const { view } of family.owned) view?.listen(event => this.#onChild(event));
    for (const { definition, view } of watched) view.listen(event => this.#onWatched(definition, event));
    cache.onAvailability(kind => this.#onAvailability(kind));
  }

  start(signal: AbortSignal): void {
    if (this.#started) return;
    this.#started = true;
    this.#addRoots(PRIORITY.initial);
    for (const { view } of this.#settings.family.owned) {
      for (const child of view?.list() ?? []) this.#addOwner(child, PRIORITY.initial);
    }
    this.#poll(signal);
  }

  #poll(signal: AbortSignal): void {
    const { definition, family, queue, read, client, clock, log } = this.#settings;
    const objects = () => family.root.list();
    const enqueue = (key: string) => queue.add(key, PRIORITY.fanOut);
    const asked: Asked = {
      ...{ read, monotonic: () => clock.monotonic() },
      list: (kind, namespace) => client.list(kind, namespace),
      listAll: (kind, where) => client.listAll(kind, where),
    };
    for (const source of definition.polls ?? []) {
      void keepAsking(source, { objects, asked, enqueue, clock, log, signal });
    }
  }

  #onRoot({ key, old, object, initial, origin }: StoreEvent): void {
    const { definition, family, queue } = this.#settings;
    const ended = old?.metadata.uid !== object?.metadata.uid ? old?.metadata.uid : undefined;
    if (ended !== undefined) family.records.deleteOwner(ended);
    if (!this.#started || origin === originOf(definition.name, key)) return;
    queue.add(key, rootPriority(old, object, initial));
  }

  #onChild({ old, object, initial, origin }: StoreEvent): void {
    if (!this.#started) return;
    for (const child of [old, object]) {
      if (child !== undefined) this.#addOwner(child, initial ? PRIORITY.initial : PRIORITY.child, origin);
    }
  }

  #addOwner(child: KubeObject, priority: number, origin?: unknown): void {
    const { definition, family, queue } = this.#settings;
    for (const owner of family.ownerKeysOf(child)) {
      if (origin !== originOf(definition.name, owner)) queue.add(owner, priority);
    }
  }

  #onWatched(watched: WatchedKind, { old, object, initial, origin }: StoreEvent): void {
    if (!this.#started || isTheSame(watched, old, object)) return;
    const { definition, queue, read, log } = this.#settings;
    for (const changed of [old, object]) {
      if (changed === undefined) continue;
      for (const key of keysOf(watched, changed, read, log)) {
        const id = keyString(key);
        if (origin !== originOf(definition.name, id)) queue.add(id, initial ? PRIORITY.initial : PRIORITY.fanOut);
      }
    }
  }

  /** A kind has come, has gone or cannot be read: every object may have something to do or to say. */
  #onAvailability(kind: ResourceKind): void {
    const { family, watched } = this.#settings;
    const id = kindId(kind);
    const views = [family.root, ...family.owned, ...watched.map(({ view }) => view)];
    const concerned = views.some(other => kindId(other.kind) === id);
    if (this.#started && concerned) this.#addRoots(PRIORITY.fanOut);
  }

  #addRoots(priority: number): void {
    const { family, queue } = this.#settings;
    for (const object of family.root.list()) queue.add(keyString(keyOf(object)), priority);
  }
}

function rootPriority(old: KubeObject | undefined, object: KubeObject | undefined, initial: boolean): number {
  if (old === undefined) return initial ? PRIORITY.initial : PRIORITY.added;
  // The same version by another schema: all objects of the kind read otherwise at once, and nobody has edited one.
  return old.metadata.resourceVersion === object?.metadata.resourceVersion ? PRIORITY.fanOut : PRIORITY.edited;
}

/** Nothing of what matters has changed. Where that cannot be read, something may have. */
function isTheSame({ part }: WatchedKind, old: KubeObject | undefined, object: KubeObject | undefined): boolean {
  if (part === undefined || old === undefined || object === undefined) return false;
  try {
    return old.metadata.uid === object.metadata.uid && deepEqual(part(old), part(object));
  } catch {
    return false;
  }
}

/** A toKeys that throws must not break the watch for everyone else. */
function keysOf(watched: WatchedKind, object: KubeObject, read: Reader, log: Logger) {
  try {
    return watched.toKeys(object, read);
  } catch (error) {
    log.error({ kind: watched.kind.kind, error: String(error) }, 'toKeys failed');
    return [];
  }
}
