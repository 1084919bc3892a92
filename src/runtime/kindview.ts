import type { Cache, Section } from './cache.ts';
import { type KubeObject, keyString, type ObjectKey, type ResourceKind } from './object.ts';
import type { IndexFunction, StoreListener } from './store.ts';

/** One controller's view of one kind: the sections it asked for, read as one. */
export class KindView {
  readonly kind: ResourceKind;
  readonly sections: readonly Section[];
  readonly #cache: Cache;

  constructor(cache: Cache, kind: ResourceKind, sections: readonly Section[]) {
    this.#cache = cache;
    this.kind = kind;
    this.sections = [...new Set(sections)];
  }

  get(key: ObjectKey): KubeObject | undefined {
    const id = keyString(key);
    for (const section of this.sections) {
      const object = section.store.get(id);
      if (object !== undefined) return object;
    }
    return undefined;
  }

  list(namespace?: string): KubeObject[] {
    const found = new Map<string, KubeObject>();
    for (const section of this.sections) {
      if (namespace !== undefined && section.namespace !== '' && section.namespace !== namespace) continue;
      for (const object of section.store.values()) {
        if (namespace === undefined || object.metadata.namespace === namespace) found.set(identity(object), object);
      }
    }
    return [...found.values()];
  }

  byIndex(index: string, value: string): KubeObject[] {
    const [only] = this.sections;
    if (only !== undefined && this.sections.length === 1) return only.store.byIndex(index, value);
    const found = this.sections.flatMap(section => section.store.byIndex(index, value));
    return [...new Map(found.map(object => [identity(object), object])).values()];
  }

  addIndex(name: string, of: IndexFunction): void {
    for (const section of this.sections) section.store.addIndex(name, of);
  }

  listen(listener: StoreListener): void {
    for (const section of this.sections) section.store.listen(listener);
  }

  /** Nothing more can be expected to come: filled, or not served. */
  settled(): boolean {
    return this.sections.every(section => !this.#cache.pending(section));
  }

  /** Whether the kind is served and every section of it is filled. */
  available(): boolean {
    return this.#cache.served(this.kind) && this.sections.every(section => section.synced());
  }
}

function identity(object: KubeObject): string {
  return object.metadata.uid ?? `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}
