/** A followed list of objects, kept current by a watch. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, type Client, type KubeObject, type List } from './client.ts';

/** `namespace/name`, or the bare name of a cluster-scoped object. */
export type Key = string;

export function keyOf({ metadata }: KubeObject): Key {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

type Event<Kind> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: Kind }
  | { readonly type: 'ERROR'; readonly object: { readonly code: number; readonly message: string } };

export class Store<Kind extends KubeObject> {
  readonly #objects = new Map<Key, Kind>();
  readonly #client: Client;
  readonly #path: string;
  readonly #query: string;
  readonly #listeners: ((key: Key) => void)[] = [];

  /** `path` is that of the collection; `selector` a query such as `labelSelector=a%3Db`. */
  constructor(client: Client, path: string, selector = '') {
    this.#client = client;
    this.#path = path;
    this.#query = selector;
  }

  get(key: Key): Kind | undefined {
    return this.#objects.get(key);
  }

  all(): Iterable<Kind> {
    return this.#objects.values();
  }

  /** `listener` is told of every object that appears, changes or goes. */
  onChange(listener: (key: Key) => void): this {
    this.#listeners.push(listener);
    return this;
  }

  /** Follows until `signal` aborts; whatever goes wrong, it lists anew. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#watch(await this.#list(), signal);
      } catch {
        if (!signal.aborted) await sleep(250);
      }
    }
  }

  async #list(): Promise<string> {
    const { metadata, items } = await this.#client.get<List<Kind>>(`${this.#path}?${this.#query}`);
    const gone = new Set(this.#objects.keys());
    for (const item of items) {
      const key = keyOf(item);
      gone.delete(key);
      const known = this.#objects.get(key)?.metadata.resourceVersion;
      this.#objects.set(key, item);
      if (known !== item.metadata.resourceVersion) this.#tell(key);
    }
    for (const key of gone) {
      this.#objects.delete(key);
      this.#tell(key);
    }
    return metadata.resourceVersion;
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const query = `watch=true&allowWatchBookmarks=true&resourceVersion=${resourceVersion}&${this.#query}`;
    for await (const line of this.#client.watch(`${this.#path}?${query}`, signal)) {
      const event = JSON.parse(line) as Event<Kind>;
      if (event.type === 'ERROR') throw new ApiError(event.object.code, '', event.object.message);
      if (event.type === 'BOOKMARK') continue;
      const key = keyOf(event.object);
      if (event.type === 'DELETED') this.#objects.delete(key);
      else this.#objects.set(key, event.object);
      this.#tell(key);
    }
  }

  #tell(key: Key): void {
    for (const listener of this.#listeners) listener(key);
  }
}
