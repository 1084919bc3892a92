import { ApiError } from '../api/errors.ts';
import { type KubeObject, keyString, type ObjectKey, type ResourceKind } from '../api/object.ts';
import type { Cache, Section } from './cache.ts';
import type { IndexFunction, StoreListener } from './store.ts';

const NAMESPACE_INDEX = 'runtime/namespace';
const namespaceOf: IndexFunction = ({ metadata }) => [metadata.namespace ?? ''];

/**
 * What an empty answer means. served: there is nothing. missing: the kind is not installed. unreadable: nothing is known, because the
 * API server refuses to say, has not said yet, or is not asked (another namespace); what is held may be of the past.
 */
export type KindState = 'served' | 'missing' | 'unreadable';

/** One controller's view of one kind: the sections it asked for, read as one. */
export class KindView {
  readonly kind: ResourceKind;
  readonly sections: readonly Section[];
  readonly #cache: Cache;
  /** Of thousands of namespaces one is looked at. */
  readonly #byNamespace: ReadonlyMap<string, readonly Section[]>;

  constructor(cache: Cache, kind: ResourceKind, sections: readonly Section[]) {
    this.#cache = cache;
    this.kind = kind;
    this.sections = [...new Set(sections)];
    this.#byNamespace = Map.groupBy(this.sections, section => section.namespace);
  }

  get(key: ObjectKey): KubeObject | undefined {
    const id = keyString(key);
    for (const section of this.#covering(key.namespace)) {
      const object = section.store.get(id);
      if (object !== undefined) return object;
    }
    return undefined;
  }

  list(namespace?: string): KubeObject[] {
    const found = new Map<string, KubeObject>();
    for (const { store } of this.#covering(namespace)) {
      // Made by the first who asks: most kinds are never asked for by namespace.
      if (namespace !== undefined) store.addIndex(NAMESPACE_INDEX, namespaceOf);
      const objects = namespace === undefined ? store.values() : store.byIndex(NAMESPACE_INDEX, namespace);
      for (const object of objects) found.set(identity(object), object);
    }
    return [...found.values()];
  }

  byIndex(index: string, value: string): KubeObject[] {
    const [only] = this.sections;
    if (only !== undefined && this.sections.length === 1) return only.store.byIndex(index, value);
    const found = this.sections.flatMap(section => section.store.byIndex(index, value));
    return [...new Map(found.map(object => [identity(object), object])).values()];
  }

  /** How many {@link byIndex} finds; with one section without looking at them. */
  count(index: string, value: string): number {
    const [only] = this.sections;
    return only !== undefined && this.sections.length === 1
      ? only.store.count(index, value)
      : this.byIndex(index, value).length;
  }

  addIndex(name: string, of: IndexFunction): void {
    for (const section of this.sections) section.store.addIndex(name, of);
  }

  listen(listener: StoreListener): void {
    for (const section of this.sections) section.store.listen(listener);
  }

  /** Nothing more can be expected to come: filled, or not served. */
  settled(): boolean {
    return this.sections.every(section => this.#cache.state(section) !== 'pending');
  }

  /** In one namespace, or in all that are looked at. */
  state(namespace?: string): KindState {
    const states = this.#covering(namespace).map(section => this.#cache.state(section));
    if (states.length === 0 || states.includes('unreadable') || states.includes('pending')) return 'unreadable';
    return states.includes('missing') ? 'missing' : 'served';
  }

  available(namespace?: string): boolean {
    return this.state(namespace) === 'served';
  }

  /** Why the kind is unreadable, in the API server's words where it has said some; undefined where it is not. */
  refusal(namespace?: string): ApiError | undefined {
    if (this.state(namespace) !== 'unreadable') return undefined;
    const covering = this.#covering(namespace);
    const refusal = covering.map(section => section.refusal()).find(error => error !== undefined);
    if (refusal !== undefined) return refusal;
    const where = namespace === undefined || namespace === '' ? '' : ` in namespace ${namespace}`;
    const why = covering.length === 0 ? 'are not watched' : 'have not been listed yet';
    return new ApiError(0, 'KindNotReadable', `${this.kind.plural}${where} ${why}`);
  }

  #covering(namespace: string | undefined): readonly Section[] {
    if (namespace === undefined) return this.sections;
    const near = namespace === '' ? [] : (this.#byNamespace.get(namespace) ?? []);
    return [...(this.#byNamespace.get('') ?? []), ...near];
  }
}

function identity(object: KubeObject): string {
  return object.metadata.uid ?? `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}
