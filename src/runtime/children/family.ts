import { apiVersionOf, type KubeObject, keyOf, keyString, kindId, parseKey, type ResourceKind } from '../api/object.ts';
import type { KindView } from '../cache/kindview.ts';
import type { ChildRef, OwnedKind } from '../pass/controller.ts';
import type { ChildRecords } from './childrecords.ts';
import type { Author, Client } from './client.ts';
import { labelValue, type Marks, ownerKeyOf, ownerUidOf, type Standing, standingOf } from './ownership.ts';

/** An owned kind with where it is cached; no view: it is read by name only. */
export type OwnedKindView = {
  readonly definition: OwnedKind;
  readonly kind: ResourceKind;
  readonly view: KindView | undefined;
};

/** Index of children by the owner of one kind that their labels or references name: `namespace/name`, the name cut as in labels. */
const OWNER_KEY_INDEX = 'runtime/owner';
const UID_INDEX = 'runtime/uid';

/** One root kind and the kinds that its objects own. */
export class Family {
  readonly marks: Marks;
  /** The root kind. */
  readonly kind: ResourceKind;
  readonly root: KindView;
  readonly owned: readonly OwnedKindView[];
  readonly client: Client;
  readonly records: ChildRecords;
  readonly #byType: ReadonlyMap<string, readonly OwnedKindView[]>;

  constructor(parts: {
    readonly marks: Marks;
    readonly root: KindView;
    readonly owned: readonly OwnedKindView[];
    readonly client: Client;
    readonly records: ChildRecords;
  }) {
    this.marks = parts.marks;
    this.kind = parts.root.kind;
    this.root = parts.root;
    this.owned = parts.owned;
    this.client = parts.client;
    this.records = parts.records;
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
    const standing = standingOf(this.marks, owner, definition, child, wanted);
    // A policy that rewrites everything on it cannot make it somebody else's while the process that wrote it lives.
    return standing === 'foreign' && this.#hasWritten(owner, child) ? 'ours' : standing;
  }

  /** What is in the cache and names this owner, of whatever incarnation: candidates, whose standing is still to be asked. */
  candidatesOf(owned: OwnedKindView, ownerKey: string): KubeObject[] {
    const { namespace, name } = parseKey(ownerKey);
    const named = owned.view?.byIndex(this.#ownerIndex, keyString({ namespace, name: labelValue(name) })) ?? [];
    // Where a kind is declared twice, both may see the child.
    return named.filter(child => this.ownedKindOf(child) === owned);
  }

  /** One live read of a child, past the cache; undefined when there is none. Throws ApiError. */
  live({ kind, view }: OwnedKindView, child: KubeObject, author: Author): Promise<KubeObject | undefined> {
    return view === undefined ? this.client.look(kind, child, author) : this.client.get(kind, child, author);
  }

  /** Whether children of that kind may exist of which neither a watch nor the records of this process know. */
  mayHaveUnseen(owned: OwnedKindView, owner: KubeObject): boolean {
    return owned.view === undefined && !this.records.knowsFromTheStart(owner.metadata.uid ?? '');
  }

  /** Children of which this process knows though nothing on them names their owner any more. */
  straysOf(owned: OwnedKindView, owner: KubeObject): KubeObject[] {
    return [...this.records.of(owner.metadata.uid ?? '').keys()].flatMap(id => {
      const [kind, key = ''] = id.split('|');
      const child = kind === kindId(owned.kind) ? owned.view?.get(parseKey(key)) : undefined;
      return child !== undefined && this.ownedKindOf(child) === owned ? [child] : [];
    });
  }

  /** The root objects that a child may belong to, as the queue names them: by its labels, its references, or because we wrote it. */
  ownerKeysOf(child: KubeObject): readonly string[] {
    const named = ownerKeyOf(this.marks, this.kind, child);
    const references = child.metadata.ownerReferences ?? [];
    const uids = [
      named && ownerUidOf(this.marks, child),
      ...references.filter(({ kind }) => kind === this.kind.kind).map(({ uid }) => uid),
      this.records.ownerOf(this.childId(this.ownedKindOf(child), child)),
    ];
    const owners = [...new Set(uids)].flatMap(uid => (uid === undefined ? [] : this.root.byIndex(UID_INDEX, uid)));
    if (owners.length > 0) return owners.map(owner => keyString(keyOf(owner)));
    return named === undefined ? [] : [keyString(named)];
  }

  get #ownerIndex(): string {
    return `${OWNER_KEY_INDEX}/${kindId(this.kind)}`;
  }

  #hasWritten(owner: KubeObject, child: KubeObject): boolean {
    const written = this.records.get(owner.metadata.uid ?? '', this.childId(this.ownedKindOf(child), child));
    return written?.hash !== undefined && written.uid === child.metadata.uid;
  }

  /** Adds the indexes that the runtime itself reads. */
  addIndexes(): void {
    this.root.addIndex(UID_INDEX, object => (object.metadata.uid === undefined ? [] : [object.metadata.uid]));
    for (const { view } of this.owned) {
      view?.addIndex(this.#ownerIndex, child => this.#ownersNamedOn(child));
    }
  }

  #ownersNamedOn(child: KubeObject): readonly string[] {
    const { ownerReferences = [], namespace = '' } = child.metadata;
    const named = ownerKeyOf(this.marks, this.kind, child);
    const referred = ownerReferences
      .filter(({ kind }) => kind === this.kind.kind)
      .map(({ name }) => ({ namespace: this.kind.namespaced ? namespace : '', name: labelValue(name) }));
    return [...new Set([...(named === undefined ? [] : [named]), ...referred].map(keyString))];
  }

  /** Names one child among all kinds. */
  childId(owned: OwnedKindView, object: KubeObject): string {
    return `${kindId(owned.kind)}|${keyString(keyOf(object))}`;
  }

  refOf(object: KubeObject): ChildRef {
    const { namespace, name } = keyOf(object);
    return { apiVersion: object.apiVersion, kind: object.kind, namespace, name };
  }
}
