import { hash } from 'node:crypto';
import { canonicalJson } from './json.ts';
import { apiVersionOf, type KubeObject, type ObjectKey, type OwnerReference, type ResourceKind } from './object.ts';

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

/** The labels that lead from a child to its owner, wherever the child lives. */
export function ownerLabels(marks: Marks, kind: ResourceKind, owner: KubeObject): Record<string, string> {
  return {
    [MANAGED_BY]: marks.manager,
    [`${marks.prefix}/owner-kind`]: kind.kind,
    [`${marks.prefix}/owner-namespace`]: owner.metadata.namespace ?? '',
    [`${marks.prefix}/owner-name`]: labelValue(owner.metadata.name),
    [`${marks.prefix}/owner-uid`]: owner.metadata.uid ?? '',
  };
}

/** Names may have 253 characters, label values 63: a longer name is cut and told apart by a hash. */
export function labelValue(name: string): string {
  if (name.length <= LONGEST_LABEL) return name;
  return `${name.slice(0, LONGEST_LABEL - 9)}-${hash('sha256', name, 'hex').slice(0, 8)}`;
}

export function ownerUidOf(marks: Marks, child: KubeObject): string | undefined {
  return child.metadata.labels?.[`${marks.prefix}/owner-uid`];
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

/**
 * Whether the live object, which has the name of a child of this owner, is this owner's: by its label, or, when someone
 * took the labels away, by its owner reference or our annotation. The label decides where there is one, so what
 * another owner left behind is not taken over.
 */
export function isOwnedBy(marks: Marks, live: KubeObject, owner: KubeObject): boolean {
  const uid = ownerUidOf(marks, live);
  if (uid !== undefined) return uid === owner.metadata.uid;
  if (live.metadata.annotations?.[appliedHashKey(marks)] !== undefined) return true;
  return live.metadata.ownerReferences?.some(reference => reference.uid === owner.metadata.uid) === true;
}

export function appliedHashKey(marks: Marks): string {
  return `${marks.prefix}/applied-hash`;
}

/** Identifies the desired content: fields that are no longer desired change it, which the live object cannot show. */
export function appliedHash(desired: KubeObject): string {
  return `${HASH_VERSION}-${hash('sha256', canonicalJson(desired), 'base64url').slice(0, 22)}`;
}

/** The desired object with our labels and, where it can have one, the controller reference. */
export function marked(
  marks: Marks,
  kind: ResourceKind,
  owner: KubeObject,
  child: KubeObject,
  withReference: boolean,
): KubeObject {
  const { metadata } = child;
  const near = !kind.namespaced || metadata.namespace === owner.metadata.namespace;
  const references =
    withReference && near
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
