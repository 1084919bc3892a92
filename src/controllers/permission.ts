/** A verb of the Kubernetes API as RBAC names it. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

/**
 * Where a permission holds, and so which role carries it:
 * - own: our namespaced kinds, in every watched namespace
 * - children: what we make of them, in every watched namespace
 * - cluster: cluster-scoped kinds, always cluster-wide
 * - cluster-events: the namespace `default`, where events on cluster-scoped objects go
 * - keys: the namespace of keys, and the one that they are moved from
 * - lease: the operator's own namespace
 * - operator-namespace: CronJobs and PrometheusRules, in the operator's own namespace
 * - velero: Velero's namespace
 * - drills: the sandbox of drills
 * - record-read: pages of records, in their namespace, where there is one
 * - images: the namespaces that the provider keeps images in (imageNamespaces of the chart)
 *
 * And those of the guest worker, which has an account of its own:
 * - guest: orders and records, in every watched namespace
 * - guest-portforward: the second way to guests, in every watched namespace, where the chart says so
 * - guest-cluster: cluster-scoped kinds
 * - guest-keys: the namespace of keys, and the one that they are moved from
 * - guest-operator-namespace: shards, in the operator's namespace
 *
 * And those of the runner of patches:
 * - patch: runs, records and machines, in every watched namespace
 * - patch-keys: the namespace of keys, and the one that they are moved from
 *
 * And those of the record writer, which has another:
 * - record: what is recorded, in every watched namespace
 * - record-cluster: cluster-scoped kinds
 * - record-namespace: pages, key and Lease, in the namespace of records
 *
 * And those of the teller:
 * - tell: what is news, in every watched namespace
 * - tell-cluster: cluster-scoped kinds
 * - tell-namespace: notices and Lease, in the namespace of telling
 *
 * And those of the receiver of alerts:
 * - receive: orders and incidents, in every watched namespace
 * - receive-cluster: cluster-scoped kinds
 * - receive-operator-namespace: the rules for all namespaces, in the operator's namespace
 */
export type Scope =
  | 'own'
  | 'children'
  | 'cluster'
  | 'cluster-events'
  | 'keys'
  | 'lease'
  | 'operator-namespace'
  | 'velero'
  | 'drills'
  | 'record-read'
  | 'images'
  | 'guest'
  | 'guest-portforward'
  | 'guest-cluster'
  | 'guest-keys'
  | 'guest-operator-namespace'
  | 'patch'
  | 'patch-keys'
  | 'record'
  | 'record-cluster'
  | 'record-namespace'
  | 'tell'
  | 'tell-cluster'
  | 'tell-namespace'
  | 'receive'
  | 'receive-cluster'
  | 'receive-operator-namespace';

export type Permission = {
  readonly group: string;
  /** Plural of the kind, with the subresource after a slash. */
  readonly resource: string;
  readonly verbs: readonly Verb[];
  readonly scope: Scope;
  /** Only the Leases of shards of the guest worker, the Secret and the Lease of the record writer, or the Lease of the teller or of the receiver of alerts, by their names; absent: whatever its name. */
  readonly names?: 'shards' | 'recordKey' | 'recordLease' | 'tellLease' | 'receiverLease';
  /** What it is needed for; printed beside the rule. */
  readonly why: string;
};

/** A kind as RBAC names it. */
export type Named = { readonly group: string; readonly plural: string };

/** Kinds of Kubernetes that several accounts need. */
export const events: Named = { group: 'events.k8s.io', plural: 'events' };
export const customResourceDefinitions: Named = { group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' };
export const leases: Named = { group: 'coordination.k8s.io', plural: 'leases' };

export const allow = (
  scope: Scope,
  kind: Named,
  verbs: readonly Verb[],
  why: string,
  subresource?: string,
): Permission => ({
  group: kind.group,
  resource: subresource === undefined ? kind.plural : `${kind.plural}/${subresource}`,
  verbs,
  scope,
  why,
});

export const READ: readonly Verb[] = ['get', 'list', 'watch'];
/** Server-side apply is `patch`, and `create` where the object is not there yet. */
export const OWN: readonly Verb[] = [...READ, 'create', 'patch', 'delete'];
