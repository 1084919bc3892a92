import type { Client } from './client.ts';
import type { ChildRef, OwnedKind } from './controller.ts';
import type { KindView } from './kindview.ts';
import type { ChildMemory } from './memory.ts';
import {
  apiVersionOf,
  type KubeObject,
  keyOf,
  keyString,
  type ObjectKey,
  parseKey,
  type ResourceKind,
} from './object.ts';
import { labelValue, type Marks, ownerKeyOf, ownerUidOf, type Standing, standingOf } from './ownership.ts';

/** An owned kind with where it is cached; no view: it is read by name only. */
export type OwnedKindView = {
  readonly definition: OwnedKind;
  readonly kind: ResourceKind;
  readonly view: KindView | undefined;
};

/** Index of children by the owner that their labels name: `Kind|namespace/name`. Shared by all families of a kind. */
const OWNER_INDEX = 'runtime/owner';
const UID_INDEX = 'runtime/uid';

/** One root kind and the kinds that its objects own. */
export class Family {
  readonly marks: Marks;
  /** The root kind. */
  readonly kind: ResourceKind;
  readonly root: KindView;
  readonly owned: readonly OwnedKindView[];
  readonly client: Client;
  readonly memory: ChildMemory;
  readonly #byType: ReadonlyMap<string, readonly OwnedKindView[]>;

  constructor(parts: {
    readonly marks: Marks;
    readonly root: KindView;
    readonly owned: readonly OwnedKindView[];
    readonly client: Client;
    readonly memory: ChildMemory;
  }) {
    this.marks = parts.marks;
    this.kind = parts.root.kind;
    this.root = parts.root;
    this.owned = parts.owned;
    this.client = parts.client;
    this.memory = parts.memory;
    this.#byType = Map.groupBy(parts.owned, ({ kind }) => `${apiVersionOf(kind)}/${kind.kind}`);
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

  /** Whose an object of a kind that this family owns is; `wanted`: under a name that is rendered for the owner now. */
  standing(owner: KubeObject, { definition }: OwnedKindView, child: KubeObject, wanted = false): Standing {
    return standingOf(this.marks, owner, definition, child, wanted);
  }

  /** What is in the cache with labels that name this owner, of whatever incarnation: candidates, whose standing is still to be asked. */
  candidatesOf(owned: OwnedKindView, ownerKey: string): KubeObject[] {
    const { namespace, name } = parseKey(ownerKey);
    const named = owned.view?.byIndex(OWNER_INDEX, ownerId(this.kind, { namespace, name: labelValue(name) })) ?? [];
    // Where a kind is declared twice, both may see the child.
    return named.filter(child => this.ownedKindOf(child) === owned);
  }

  /** Whether children of that kind may exist of which neither a watch nor this process's memory knows. */
  mayHaveUnseen(owned: OwnedKindView, owner: KubeObject): boolean {
    return owned.view === undefined && !this.memory.knowsFromTheStart(owner.metadata.uid ?? '');
  }

  /** The root object that a child belongs to, as the queue names it. */
  ownerKeyOf(child: KubeObject): string | undefined {
    const named = ownerKeyOf(this.marks, this.kind, child);
    if (named === undefined) return undefined;
    const uid = ownerUidOf(this.marks, child);
    const [owner] = uid === undefined ? [] : this.root.byIndex(UID_INDEX, uid);
    return keyString(owner === undefined ? named : keyOf(owner));
  }

  /** Adds the indexes that the runtime itself reads. */
  addIndexes(): void {
    this.root.addIndex(UID_INDEX, object => (object.metadata.uid === undefined ? [] : [object.metadata.uid]));
    for (const { view } of this.owned) {
      view?.addIndex(OWNER_INDEX, child => {
        const { labels = {} } = child.metadata;
        const kind = labels[`${this.marks.prefix}/owner-kind`];
        const name = labels[`${this.marks.prefix}/owner-name`];
        const namespace = labels[`${this.marks.prefix}/owner-namespace`] ?? '';
        return kind === undefined || name === undefined ? [] : [`${kind}|${keyString({ namespace, name })}`];
      });
    }
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

function ownerId(kind: ResourceKind, owner: ObjectKey): string {
  return `${kind.kind}|${keyString(owner)}`;
}
