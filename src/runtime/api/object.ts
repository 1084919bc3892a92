/** How the API server names and serves a kind: enough to build its URL. */
export type ResourceKind = {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
};

export type OwnerReference = {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
};

/** metav1.ObjectMeta as the cache holds it: managedFields are stripped. Times are RFC 3339 in UTC. */
export type ObjectMeta = {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  finalizers?: string[];
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
};

/** Any Kubernetes object. Objects from the cache are shared: never change one in place. */
export type KubeObject = {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
};

/** Names one object of a kind; namespace is '' for a cluster-scoped one. */
export type ObjectKey = { readonly namespace: string; readonly name: string };

/** `v1`, or `group/version`. */
export function apiVersionOf(kind: ResourceKind): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}

/** Names a kind whatever its version: `plural.group`, which is also the name of its CustomResourceDefinition. */
export function kindId(kind: ResourceKind): string {
  return `${kind.plural}.${kind.group}`;
}

/** URL path of a kind's collection; without a namespace (or with '') that of the whole cluster. */
export function collectionPath(kind: ResourceKind, namespace = ''): string {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  return kind.namespaced && namespace !== ''
    ? `${root}/namespaces/${namespace}/${kind.plural}`
    : `${root}/${kind.plural}`;
}

/** URL path of one object, or of one of its subresources. */
export function pathOf(kind: ResourceKind, key: ObjectKey, subresource?: string): string {
  const path = `${collectionPath(kind, key.namespace)}/${encodeURIComponent(key.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

export function keyOf(object: KubeObject): ObjectKey {
  return { namespace: object.metadata.namespace ?? '', name: object.metadata.name };
}

/** `namespace/name`, or `name` for a cluster-scoped object: the form used as map key and in logs. */
export function keyString(key: ObjectKey): string {
  return key.namespace === '' ? key.name : `${key.namespace}/${key.name}`;
}

export function parseKey(text: string): ObjectKey {
  const slash = text.indexOf('/');
  return slash < 0 ? { namespace: '', name: text } : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

/**
 * Orders two resourceVersions of one resource type: negative, zero or positive.
 * They are comparable as integers of any length (Kubernetes 1.35, KEP-5504).
 */
export function compareResourceVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
