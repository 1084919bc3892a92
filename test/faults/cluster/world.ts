/** What is in the cluster, as the tester's own watches tell it: nothing of the operator's is trusted here. */
import type { Client, KubeObject } from '../../../hack/testbed/client/client.ts';
import { pathOf } from '../../../hack/testbed/client/path.ts';
import { Store } from '../../../hack/testbed/client/store.ts';
import { incident } from '../../../src/api/incident.ts';
import { managedApplication } from '../../../src/api/managedapplication.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import * as upstream from '../../../src/api/upstream.ts';
import type { ResourceKind } from '../../../src/runtime/api/object.ts';
import { OWN_KINDS } from './ownkinds.ts';

/** Every kind of ours and every kind of their children. */
export const KINDS: readonly ResourceKind[] = [
  ...OWN_KINDS,
  upstream.VirtualMachine,
  upstream.DataVolume,
  upstream.Service,
  upstream.ServiceMonitor,
  upstream.Probe,
  upstream.PrometheusRule,
  upstream.Secret,
  upstream.VeleroSchedule,
];

export type Live = KubeObject & { readonly [field: string]: unknown };
/** An object with the name of its kind, which built-in lists leave out. */
export type Seen = { readonly kind: string; readonly object: Live };

const SCOPE = /^f-\d{4}$/;
/** What is of the whole cluster has the case's namespace in its name, and so have the rules of its policy. */
const CLUSTER_SCOPED = /^(?:steward-cluster-backups-)?(?:os|cal|plan|ctr|cpp|cbp|app)-(f-\d{4})$/;

/** The case namespace that an object belongs to, wherever it lives. */
export function scopeOf({ metadata }: KubeObject): string | undefined {
  const { namespace = '', labels = {}, name } = metadata;
  if (SCOPE.test(namespace)) return namespace;
  const owner = labels['managed.systems/owner-namespace'] ?? '';
  if (SCOPE.test(owner)) return owner;
  return CLUSTER_SCOPED.exec(name)?.[1];
}

/** Children in the namespace of keys are named by the UID of one of these, and a Problem names its Incidents by theirs. */
const NAMING: ReadonlySet<string> = new Set([managedVM.kind, managedApplication.kind, incident.kind]);

export class World {
  readonly client: Client;
  readonly #stores: readonly { readonly kind: ResourceKind; readonly store: Store<Live> }[];
  readonly #ending = new AbortController();
  /** Case namespaces by the UID of each of these that there has been. */
  readonly #owners = new Map<string, string>();
  #changes = 0;

  constructor(client: Client) {
    this.client = client;
    this.#stores = KINDS.map(kind => ({ kind, store: new Store<Live>(client, pathOf(kind)) }));
    for (const { kind, store } of this.#stores) {
      store.onChange(key => {
        this.#changes += 1;
        const object = NAMING.has(kind.kind) ? store.get(key) : undefined;
        if (object?.metadata.uid !== undefined) this.#owners.set(object.metadata.uid, object.metadata.namespace ?? '');
      });
      void store.follow(this.#ending.signal);
    }
  }

  /** Grows with everything that happens to any object. */
  get changes(): number {
    return this.#changes;
  }

  #scopes: { readonly at: number; readonly scopes: Map<string, Seen[]> } = { at: -1, scopes: new Map() };

  /** Objects by the case namespace they belong to. */
  byScope(): ReadonlyMap<string, readonly Seen[]> {
    if (this.#scopes.at !== this.#changes) this.#scopes = { at: this.#changes, scopes: this.#collect() };
    return this.#scopes.scopes;
  }

  #collect(): Map<string, Seen[]> {
    const scopes = new Map<string, Seen[]>();
    for (const { kind, store } of this.#stores) {
      for (const object of store.all()) {
        const scope = scopeOf(object);
        if (scope === undefined) continue;
        const seen = scopes.get(scope);
        if (seen === undefined) scopes.set(scope, [{ kind: kind.kind, object }]);
        else seen.push({ kind: kind.kind, object });
      }
    }
    return scopes;
  }

  scopeOfOwner(uid: string): string | undefined {
    return this.#owners.get(uid);
  }

  /** UIDs of each of {@link NAMING} that the scope has had. */
  ownersIn(scope: string): string[] {
    return [...this.#owners].flatMap(([uid, of]) => (of === scope ? [uid] : []));
  }

  /** Whether something is there whose owner references all name somebody who is gone. */
  hasOrphan(scope: string): boolean {
    const seen = this.byScope().get(scope) ?? [];
    const uids = new Set(seen.map(({ object }) => object.metadata.uid));
    return seen.some(({ object }) => object.metadata.ownerReferences?.some(({ uid }) => !uids.has(uid)) === true);
  }

  count(kind: string): number {
    return [...this.byScope().values()].flat().filter(seen => seen.kind === kind).length;
  }

  /** Objects of one kind that belong to a case namespace. */
  all({ kind }: ResourceKind, scope: string): Live[] {
    return (this.byScope().get(scope) ?? []).flatMap(seen => (seen.kind === kind ? [seen.object] : []));
  }

  end(): void {
    this.#ending.abort();
  }
}

/** Path of a live object of one of {@link KINDS}. */
export function pathOfSeen({ kind, object }: Seen): string {
  const of = KINDS.find(each => each.kind === kind);
  if (of === undefined) throw new Error(`no such kind: ${kind}`);
  return pathOf(of, object.metadata.namespace, object.metadata.name);
}
