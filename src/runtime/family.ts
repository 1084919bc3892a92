import type { KindView } from './cache.ts';
import type { Client } from './client.ts';
import type { ChildRef, OwnedKind } from './controller.ts';
import type { ChildMemory } from './memory.ts';
import { apiVersionOf, type KubeObject, keyOf, keyString, type ResourceKind } from './object.ts';
import type { Marks } from './ownership.ts';

/** An owned kind with where it is cached; no view: it is read by name only. */
export type OwnedKindView = {
  readonly definition: OwnedKind;
  readonly kind: ResourceKind;
  readonly view: KindView | undefined;
};

/** Index of children by the UID of their owner. */
export const OWNER_INDEX = 'owner-uid';

/** One root kind and the kinds that its objects own. */
export class Family {
  readonly marks: Marks;
  /** The root kind. */
  readonly kind: ResourceKind;
  readonly owned: readonly OwnedKindView[];
  readonly client: Client;
  readonly memory: ChildMemory;
  readonly #byType: ReadonlyMap<string, readonly OwnedKindView[]>;

  constructor(marks: Marks, kind: ResourceKind, owned: readonly OwnedKindView[], client: Client, memory: ChildMemory) {
    this.marks = marks;
    this.kind = kind;
    this.owned = owned;
    this.client = client;
    this.memory = memory;
    this.#byType = Map.groupBy(owned, view => `${apiVersionOf(view.kind)}/${view.kind.kind}`);
  }

  /** Throws when the controller does not declare the kind: a bug, not a state of the cluster. */
  ownedKindOf(object: KubeObject): OwnedKindView {
    const views = this.#byType.get(`${object.apiVersion}/${object.kind}`) ?? [];
    // One kind may be declared twice: for one fixed namespace, and for everywhere else.
    const view =
      views.find(({ definition }) => definition.namespace === object.metadata.namespace) ??
      views.find(({ definition }) => definition.namespace === undefined);
    if (view === undefined) throw new Error(`${this.kind.kind} does not own ${object.apiVersion} ${object.kind}`);
    return view;
  }

  /** Names one child among all kinds. */
  childId(owned: OwnedKindView, object: KubeObject): string {
    return `${owned.kind.plural}.${owned.kind.group}|${keyString(keyOf(object))}`;
  }

  refOf(object: KubeObject): ChildRef {
    const { namespace, name } = keyOf(object);
    return { apiVersion: object.apiVersion, kind: object.kind, namespace, name };
  }
}
