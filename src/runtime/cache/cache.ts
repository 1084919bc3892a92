import type { Logger } from 'pino';
import type { Clock } from '../api/clock.ts';
import type { ApiError } from '../api/errors.ts';
import { type KubeObject, keyOf, keyString, kindId, type ResourceKind } from '../api/object.ts';
import type { Transport } from '../http/transport.ts';
import { Reflector } from './reflector.ts';
import { Scope } from './scope.ts';
import { matchesSelector } from './selector.ts';
import { Store } from './store.ts';

export type CacheSettings = {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Logger;
  /** Namespaces to watch; undefined: the whole cluster. */
  readonly namespaces: readonly string[] | undefined;
  readonly relistAfterMs?: number | undefined;
  readonly watchSeconds?: number | undefined;
  readonly graceMs?: number | undefined;
};

/** What one controller needs of one kind. */
export type Demand = {
  readonly kind: ResourceKind;
  readonly namespace?: string | undefined;
  readonly selector: string;
};

/** Objects of one kind in one namespace (or all) under one selector, kept current by one reflector. */
export type Section = {
  readonly kind: ResourceKind;
  readonly namespace: string;
  readonly selector: string;
  readonly store: Store;
  /** The answer to our write, as {@link Store.wrote}; what lies outside the selector is held all the same. */
  wrote(object: KubeObject, origin: unknown, exact: boolean): void;
  state(): SectionState;
  /** Why it is unreadable. */
  refusal(): ApiError | undefined;
};

/**
 * pending: not read yet. served: the store holds what there is. missing: the API server does not serve the kind in this version.
 * unreadable: it refuses to say, so the store is empty or of the past.
 */
export type SectionState = 'pending' | 'served' | 'missing' | 'unreadable';

type RunningSection = Section & {
  readonly scope: Scope;
  reflector: Reflector | undefined;
  stop: AbortController | undefined;
};

const CRD: ResourceKind = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

const STRAYED =
  'an admission policy rewrites the labels that our objects are watched by: all objects of the kind are watched from now on';

/** Groups that every API server serves by itself. Other groups, `*.k8s.io` included, come from CRDs. */
const BUILTIN_GROUPS = new Set([
  '',
  'apps',
  'batch',
  'autoscaling',
  'policy',
  ...[
    'admissionregistration',
    'apiextensions',
    'apiregistration',
    'authentication',
    'authorization',
    'certificates',
    'coordination',
    'discovery',
    'events',
    'flowcontrol.apiserver',
    'networking',
    'node',
    'rbac.authorization',
    'resource',
    'scheduling',
    'storage',
  ].map(group => `${group}.k8s.io`),
]);

/**
 * All that is watched, once, however many controllers ask for it. A kind whose CRD is missing is waited for, picked up
 * when it appears, and emptied when it goes.
 */
export class Cache {
  readonly #settings: CacheSettings;
  /** Kinds and namespaces of which everything is wanted. */
  readonly #unselective = new Set<string>();
  readonly #sections = new Map<string, RunningSection>();
  /** By kind and namespace, so that a write in one of thousands of namespaces finds its own. */
  readonly #places = new Map<string, RunningSection[]>();
  readonly #availabilityListeners: ((kind: ResourceKind) => void)[] = [];
  readonly #definitions = new Store();
  #definitionsSynced = false;
  #definitionsReflector: Reflector | undefined;
  #signal: AbortSignal | undefined;

  constructor(settings: CacheSettings) {
    this.#settings = settings;
  }

  /** To be called for everything that is wanted before {@link sections} is asked. */
  demand(demand: Demand): void {
    if (demand.selector !== '') return;
    for (const namespace of this.#namespacesOf(demand)) this.#unselective.add(`${kindId(demand.kind)}|${namespace}`);
  }

  /** Told when a kind has become readable, has gone, or cannot be read any more. */
  onAvailability(listener: (kind: ResourceKind) => void): void {
    this.#availabilityListeners.push(listener);
  }

  /** The sections that hold what was demanded. */
  sections(demand: Demand): readonly Section[] {
    const namespaces = this.#namespacesOf(demand);
    return namespaces.map(namespace =>
      this.#section(demand.kind, namespace, this.#effectiveSelector(demand, namespace)),
    );
  }

  /** Where an object of ours shows up: every section whose scope it falls into, or that holds it nonetheless. */
  holding(kind: ResourceKind, object: KubeObject): readonly Section[] {
    const id = kindId(kind);
    const namespace = object.metadata.namespace ?? '';
    const key = keyString(keyOf(object));
    const places = namespace === '' ? [''] : ['', namespace];
    return places
      .flatMap(place => this.#places.get(`${id}|${place}`) ?? [])
      .filter(({ selector, store }) => {
        return matchesSelector(selector, object.metadata.labels) || store.get(key) !== undefined;
      });
  }

  /** How far the section is known. Without its CRD a kind is missing; who may not read CRDs is told so by the kind itself. */
  state(section: Section): SectionState {
    if (this.#definitionsSynced) return this.#isDefined(section.kind) ? section.state() : 'missing';
    return this.#definitionsReflector?.refusal === undefined ? 'pending' : section.state();
  }

  /** Everything that can be read is read. Who may read nothing at all has read nothing. */
  synced(): boolean {
    const states = [...this.#sections.values()].map(section => this.state(section));
    return !states.includes('pending') && (states.length === 0 || states.some(state => state !== 'unreadable'));
  }

  /** Sections of which nothing, or only the past, is known. */
  unreadable(): readonly Section[] {
    return [...this.#sections.values()].filter(section => this.state(section) === 'unreadable');
  }

  #isDefined(kind: ResourceKind): boolean {
    return BUILTIN_GROUPS.has(kind.group) || this.#definitions.get(kindId(kind)) !== undefined;
  }

  /** Starts watching; ends with `signal`. */
  start(signal: AbortSignal): void {
    this.#signal = signal;
    for (const section of this.#sections.values()) if (BUILTIN_GROUPS.has(section.kind.group)) this.#run(section);
    if ([...this.#sections.values()].every(section => BUILTIN_GROUPS.has(section.kind.group))) {
      this.#definitionsSynced = true;
      return;
    }
    this.#definitions.listen(({ key, old, object }) => {
      const reads = (definition: KubeObject | undefined) =>
        `${definition?.metadata.uid} ${definition?.metadata.generation}`;
      this.#definitionChanged(key, object !== undefined, old !== undefined && reads(old) !== reads(object));
    });
    const { transport, clock, log } = this.#settings;
    const onChange = () => this.#onDefinitions();
    const common = { namespace: '', metadataOnly: true, store: this.#definitions, transport, clock, log, onChange };
    this.#definitionsReflector = new Reflector({ kind: CRD, ...common });
    void this.#definitionsReflector.run(signal);
  }

  #onDefinitions(): void {
    const { synced, refusal } = this.#definitionsReflector ?? {};
    if (synced) this.#definitionsSynced = true;
    else if (refusal !== undefined) for (const section of this.#sections.values()) this.#run(section);
    for (const { kind } of this.#sections.values()) this.#tell(kind);
  }

  /** `otherwise`: with another schema, so that the same objects may have other defaults and lack other fields. */
  #definitionChanged(name: string, present: boolean, otherwise: boolean): void {
    for (const section of this.#sections.values()) {
      if (kindId(section.kind) !== name) continue;
      if (present) {
        this.#run(section);
        if (otherwise) section.reflector?.refresh();
        section.reflector?.kick();
      } else this.#halt(section);
    }
  }

  #run(section: RunningSection): void {
    if (section.reflector !== undefined || this.#signal === undefined) return;
    const { kind, namespace, scope, store } = section;
    const { transport, clock, log, relistAfterMs, watchSeconds, graceMs } = this.#settings;
    const stop = new AbortController();
    section.stop = stop;
    section.reflector = new Reflector({
      ...{ kind, namespace, scope, store, transport, clock, log },
      ...(relistAfterMs === undefined ? {} : { relistAfterMs }),
      ...(watchSeconds === undefined ? {} : { watchSeconds }),
      ...(graceMs === undefined ? {} : { graceMs }),
      onChange: () => this.#tell(kind),
    });
    void section.reflector.run(AbortSignal.any([this.#signal, stop.signal]));
  }

  #halt(section: RunningSection): void {
    section.stop?.abort();
    section.reflector = undefined;
    section.stop = undefined;
    section.store.clear();
    this.#tell(section.kind);
  }

  #tell(kind: ResourceKind): void {
    for (const listener of this.#availabilityListeners) listener(kind);
  }

  #wrote(
    { kind, namespace, selector, scope, store, reflector }: RunningSection,
    object: KubeObject,
    origin: unknown,
    exact: boolean,
  ): void {
    const wasSelective = scope.selective;
    const strayed = scope.admit(object);
    store.wrote(object, origin, exact);
    if (!strayed) return;
    if (wasSelective)
      this.#settings.log.warn({ kind: kind.kind, namespace, selector, name: object.metadata.name }, STRAYED);
    // The watch has never told of it, or has passed it by.
    if (wasSelective || store.get(keyString(keyOf(object))) === undefined) reflector?.refresh();
  }

  #namespacesOf(demand: Demand): readonly string[] {
    if (!demand.kind.namespaced) return [''];
    if (demand.namespace !== undefined) return [demand.namespace];
    return this.#settings.namespaces ?? [''];
  }

  /** One unselective watch serves all others of the same kind and namespace. */
  #effectiveSelector(demand: Demand, namespace: string): string {
    return this.#unselective.has(`${kindId(demand.kind)}|${namespace}`) ? '' : demand.selector;
  }

  #section(kind: ResourceKind, namespace: string, selector: string): RunningSection {
    const id = `${kindId(kind)}|${namespace}|${selector}`;
    const known = this.#sections.get(id);
    if (known !== undefined) return known;
    const section: RunningSection = {
      ...{ kind, namespace, selector, scope: new Scope(selector), store: new Store() },
      ...{ reflector: undefined, stop: undefined },
      wrote: (object, origin, exact) => this.#wrote(section, object, origin, exact),
      state: () => stateOf(section.reflector),
      refusal: () => section.reflector?.refusal,
    };
    this.#sections.set(id, section);
    const place = `${kindId(kind)}|${namespace}`;
    this.#places.set(place, [...(this.#places.get(place) ?? []), section]);
    return section;
  }
}

function stateOf(reflector: Reflector | undefined): SectionState {
  if (reflector === undefined) return 'pending';
  if (reflector.refusal !== undefined) return 'unreadable';
  if (reflector.missing) return 'missing';
  return reflector.synced ? 'served' : 'pending';
}
