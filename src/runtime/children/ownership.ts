import { hash } from 'node:crypto';
import { sortedJson } from '../api/json.ts';
import {
  apiVersionOf,
  type KubeObject,
  type ObjectKey,
  type OwnerReference,
  type ResourceKind,
} from '../api/object.ts';

export const MANAGED_BY = 'app.kubernetes.io/managed-by';

/** How children are marked: who manages them, and for which owner. */
export type Marks = {
  /** Value of {@link MANAGED_BY}. */
  readonly manager: string;
  /** Prefix of our labels and annotations. */
  readonly prefix: string;
};

const LONGEST_LABEL = 63;
/** Grows when hashing or marking changes, so that an upgrade knows its own older hashes. */
const HASH_VERSION = 'v1';
const HASH = /^v\d+-[\w-]{22}$/;

/** The labels that lead from a child to its owner, wherever the child lives. */
export function ownerLabels(marks: Marks, kind: ResourceKind, owner: KubeObject): Record<string, string> {
  return {
    [MANAGED_BY]: marks.manager,
    [`${marks.prefix}/owner-kind`]: kind.kind,
    [`${marks.prefix}/owner-namespace`]: owner.metadata.namespace ?? '',
    [`${marks.prefix}/owner-name`]: labelValue(owner.metadata.name),
    [ownerUidKey(marks)]: owner.metadata.uid ?? '',
  };
}

/** Names may have 253 characters, label values 63: a longer name is cut and told apart by a hash. */
export function labelValue(name: string): string {
  if (name.length <= LONGEST_LABEL) return name;
  return `${name.slice(0, LONGEST_LABEL - 9)}-${hash('sha256', name, 'hex').slice(0, 8)}`;
}

/** On every child. Children are watched by it, because `managed-by` is a name that others write too. */
export function ownerUidKey({ prefix }: Pick<Marks, 'prefix'>): string {
  return `${prefix}/owner-uid`;
}

export function ownerUidOf(marks: Marks, child: KubeObject): string | undefined {
  return child.metadata.labels?.[ownerUidKey(marks)];
}

/**
 * The owner that a child's labels name, when it is of this kind. A name beyond 63 characters is the cut one.
 */
export function ownerKeyOf(marks: Marks, kind: ResourceKind, child: KubeObject): ObjectKey | undefined {
  const labels = child.metadata.labels;
  const name = labels?.[`${marks.prefix}/owner-name`];
  if (labels === undefined || name === undefined || labels[`${marks.prefix}/owner-kind`] !== kind.kind)
    return undefined;
  return { namespace: labels[`${marks.prefix}/owner-namespace`] ?? '', name };
}

/** The controller reference of a child in its owner's namespace; a cluster-scoped owner may own anything. */
export function ownerReference(kind: ResourceKind, owner: KubeObject): OwnerReference {
  return {
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** What an object is to an owner. */
export type Standing =
  /** Made for this owner under this very name, and as it was made. */
  | 'ours'
  /**
   * Made for this owner under this very name, but without the reference to it that it was made with: orphaned, restored under its living
   * owner, or somebody took the reference away. It may be taken up again where it is wanted, and is never deleted.
   */
  | 'released'
  /** Somebody else's, a copy of a child included, whatever its labels say. */
  | 'foreign';

/** Who owns, as far as it decides whose an object is. */
export type Owner = { readonly metadata: Pick<KubeObject['metadata'], 'name' | 'namespace' | 'uid'> };

/** How an owner's kind makes children of one kind, as far as it tells whose an object is. */
export type Making = {
  readonly kind: ResourceKind;
  /** The one namespace that they are made in; default: that of the owner. */
  readonly namespace?: string | undefined;
  /** Whether an object has the name that is rendered for this owner. Decides for what bears no mark; default: no. */
  readonly named?: ((owner: Owner, child: KubeObject) => boolean) | undefined;
};

/**
 * Whose an object is: the one decision for whatever reads, applies, prunes, finalizes, reaps or waits for children. A label proves nothing,
 * because clones, restores and exported manifests keep labels and annotations. Proof is the place, and a mark that no copy under another
 * name or in another namespace can carry over. Without a mark (an older version made it, somebody removed it) it is a name that we render,
 * with a reference to the owner or, outside its namespace, where users do not write, with the label.
 * `wanted`: the name is one that is rendered now.
 */
export function standingOf(marks: Marks, owner: Owner, making: Making, child: KubeObject, wanted = false): Standing {
  if (!isInPlace(owner, making, child)) return 'foreign';
  const mark = child.metadata.annotations?.[markKey(marks)];
  if (mark === markOf(making.kind, owner, child, 'alone')) return 'ours';
  const refers = refersTo(owner, child);
  if (mark === markOf(making.kind, owner, child, 'referring')) return refers ? 'ours' : 'released';
  const named = making.named?.(owner, child) ?? false;
  if (refers && (wanted || named)) return 'ours';
  if (!named || ownerUidOf(marks, child) !== owner.metadata.uid) return 'foreign';
  if (child.metadata.namespace !== owner.metadata.namespace) return 'ours';
  return HASH.test(child.metadata.annotations?.[appliedHashKey(marks)] ?? '') ? 'released' : 'foreign';
}

function isInPlace({ metadata: { namespace } }: Owner, making: Making, { metadata }: KubeObject): boolean {
  const place = making.namespace ?? namespace;
  return place === undefined || !making.kind.namespaced || metadata.namespace === place;
}

function refersTo({ metadata: { uid } }: Owner, { metadata }: KubeObject): boolean {
  return uid !== undefined && metadata.ownerReferences?.some(reference => reference.uid === uid) === true;
}

export function markKey(marks: Marks): string {
  return `${marks.prefix}/mark`;
}

/**
 * Binds a child to its kind, namespace, name and owner, and says whether it was made with a reference to that. No secret is in it: who may
 * write such an object could as well put the mark of a deleted one on another of the same name (ADR 0060).
 */
function markOf(
  kind: ResourceKind,
  owner: Owner,
  { metadata: { namespace = '', name } }: KubeObject,
  made: 'referring' | 'alone',
): string {
  return digest([kind.group, kind.kind, namespace, name, owner.metadata.uid ?? '', made]);
}

export function appliedHashKey(marks: Marks): string {
  return `${marks.prefix}/applied-hash`;
}

/** Identifies the desired content: fields that are no longer desired change it, which the live object cannot show. */
export function appliedHash(desired: KubeObject): string {
  return digest(desired);
}

function digest(content: unknown): string {
  return `${HASH_VERSION}-${hash('sha256', sortedJson(content), 'base64url').slice(0, 22)}`;
}

/** The desired object with our labels and, where it can have one, the controller reference: what {@link appliedHash} is made of. */
export function labelled(
  marks: Marks,
  kind: ResourceKind,
  owner: KubeObject,
  child: KubeObject,
  withReference: boolean,
): KubeObject {
  const { metadata } = child;
  const references =
    withReference && isNear(kind, owner, child)
      ? [...(metadata.ownerReferences ?? []), ownerReference(kind, owner)]
      : metadata.ownerReferences;
  return {
    ...child,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, ...ownerLabels(marks, kind, owner) },
      ...(references === undefined ? {} : { ownerReferences: references }),
    },
  };
}

/** The labelled object with the mark that proves whose it is, and further annotations of ours. */
export function marked(
  marks: Marks,
  childKind: ResourceKind,
  owner: KubeObject,
  child: KubeObject,
  annotations: Readonly<Record<string, string>> = {},
): KubeObject {
  const mark = markOf(childKind, owner, child, refersTo(owner, child) ? 'referring' : 'alone');
  const { metadata } = child;
  return {
    ...child,
    metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations, [markKey(marks)]: mark } },
  };
}

function isNear(kind: ResourceKind, owner: KubeObject, { metadata }: KubeObject): boolean {
  return !kind.namespaced || metadata.namespace === owner.metadata.namespace;
}
