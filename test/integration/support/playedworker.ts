/** A guest worker that a test plays: the rights are those of the chart's account, what it says and whether it lives is the test's. */
import type { TestBed } from '../../../hack/testbed/testbed.ts';
import { guestState } from '../../../src/api/gueststate.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { shardLease } from '../../../src/controllers/gueststate/shards.ts';
import { shardOf } from '../../../src/domain/contract/shard.ts';
import { collectionPath, pathOf } from '../../../src/runtime/api/object.ts';
import { connect } from '../../../src/runtime/http/connection.ts';
import { Transport } from '../../../src/runtime/http/transport.ts';
import { LEASE } from '../../../src/runtime/leader/lease.ts';
import type { Any } from './api.ts';

const OPERATOR = 'steward-system';
/** As many shards as the chart has by default. */
const SHARDS = 8;
const RENEWAL_MS = 300;

export class PlayedWorker {
  readonly #transport: Transport;
  readonly #renewals = new Map<string, NodeJS.Timeout>();

  private constructor(transport: Transport) {
    this.#transport = transport;
  }

  static async on(bed: TestBed): Promise<PlayedWorker> {
    const kubeconfig = await bed.kubeconfigFor(OPERATOR, 'steward-guest');
    return new PlayedWorker(new Transport({ connection: connect({ kubeconfig }), userAgent: 'played-worker' }));
  }

  /** Lease of the shard that a namespace is in. */
  leaseOf(namespace: string): string {
    return shardLease(shardOf(namespace, SHARDS));
  }

  /** Makes the record of a ManagedVM; `of`: UID of whom it says that it is. */
  async record({ metadata: { namespace, name, uid } }: Any, of: string = uid): Promise<void> {
    const object = { apiVersion: 'managed.systems/v1alpha1', kind: guestState.kind, metadata: { namespace, name } };
    await this.#call('POST', collectionPath(guestState, namespace), { ...object, spec: { managedVM: of } });
  }

  /** Changes fields of the record's status; null takes one out. Rejects with the API server's words. */
  async says(namespace: string, name: string, status: object): Promise<void> {
    const said = { status: { worker: this.leaseOf(namespace), ...status } };
    await this.#call('PATCH', `${pathOf(guestState, { namespace, name })}/status`, said);
  }

  /** Tries to say something as the status of a ManagedVM. */
  async speaksFor({ metadata: { namespace, name } }: Any, status: object): Promise<void> {
    await this.#call('PATCH', `${pathOf(managedVM, { namespace, name })}/status`, { status });
  }

  /** Holds the shard of a namespace from now on. */
  async live(namespace: string): Promise<void> {
    const name = this.leaseOf(namespace);
    const metadata = { name, namespace: OPERATOR };
    const path = pathOf(LEASE, metadata);
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: {} };
    await this.#call('POST', collectionPath(LEASE, OPERATOR), lease).catch(() => undefined);
    // Its clock is off: only that this changes may count.
    let renewals = 0;
    const renew = async () => {
      renewals += 1;
      const renewTime = new Date(renewals).toISOString().replace('Z', '000Z');
      const spec = { holderIdentity: 'played', leaseDurationSeconds: 1, renewTime };
      await this.#call('PUT', path, { ...(await this.#call('GET', path)), spec });
    };
    await renew();
    this.#renewals.set(
      name,
      setInterval(() => void renew().catch(() => undefined), RENEWAL_MS),
    );
  }

  /** From now on nobody renews the Lease. */
  die(namespace: string): void {
    const name = this.leaseOf(namespace);
    clearInterval(this.#renewals.get(name));
    this.#renewals.delete(name);
  }

  close(): Promise<void> {
    for (const renewal of this.#renewals.values()) clearInterval(renewal);
    return this.#transport.close();
  }

  async #call(method: 'GET' | 'POST' | 'PUT' | 'PATCH', path: string, body?: object): Promise<Any> {
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const sent = body && { contentType, body: JSON.stringify(body) };
    return (await this.#transport.call({ method, path, ...sent })).value;
  }
}
