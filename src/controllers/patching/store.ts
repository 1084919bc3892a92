import { type GuestState, type GuestStateStatus, guestState } from '../../api/gueststate.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { type PatchRun, type PatchRunStatus, patchRun } from '../../api/patchrun.ts';
import { VirtualMachineInstance } from '../../api/upstream.ts';
import { isNotFound } from '../../runtime/api/errors.ts';
import {
  collectionPath,
  type KubeObject,
  keyOf,
  type ObjectKey,
  pathOf,
  type ResourceKind,
} from '../../runtime/api/object.ts';
import type { Transport } from '../../runtime/http/transport.ts';

export type Run = PatchRun & KubeObject;
export type Record = GuestState & KubeObject;

const JSON_TYPE = 'application/json';
const AT_ONCE = 200;

/**
 * What the runner reads and writes of the cluster: each time anew, for what it does follows from it. Every write names the version that was read,
 * so that of two who write one is refused. Throws ApiError.
 */
export class PatchStore {
  readonly #transport: Transport;
  /** Where runs may be; none: anywhere. */
  readonly #namespaces: readonly string[];

  constructor(transport: Transport, namespaces: readonly string[]) {
    this.#transport = transport;
    this.#namespaces = namespaces;
  }

  /** The runs of a policy, those that are over too. */
  async runsOf(policyUid: string): Promise<readonly Run[]> {
    const places = this.#namespaces.length === 0 ? [''] : this.#namespaces;
    const found = await Promise.all(places.map(namespace => this.#list(namespace, policyUid)));
    return found.flat();
  }

  async #list(namespace: string, policyUid: string): Promise<readonly Run[]> {
    const selector = `fieldSelector=${encodeURIComponent(`spec.policy.uid=${policyUid}`)}`;
    const runs: Run[] = [];
    for (let more = '', first = true; first || more !== ''; first = false) {
      const path = `${collectionPath(patchRun, namespace)}?limit=${AT_ONCE}&${selector}${more}`;
      const { value } = await this.#transport.call({ method: 'GET', path });
      const { items, metadata } = value as { items: Run[]; metadata: { continue?: string } };
      runs.push(...items);
      more = metadata.continue ? `&continue=${encodeURIComponent(metadata.continue)}` : '';
    }
    return runs;
  }

  run(key: ObjectKey): Promise<Run | undefined> {
    return this.#get<Run>(patchRun, key);
  }

  record(key: ObjectKey): Promise<Record | undefined> {
    return this.#get<Record>(guestState, key);
  }

  managedVM(key: ObjectKey): Promise<(ManagedVM & KubeObject) | undefined> {
    return this.#get<ManagedVM & KubeObject>(managedVM, key);
  }

  instance(key: ObjectKey): Promise<KubeObject | undefined> {
    return this.#get(VirtualMachineInstance, key);
  }

  writeRun(read: Run, status: PatchRunStatus): Promise<Run> {
    return this.#put(patchRun, { ...read, status });
  }

  writeRecord(read: Record, status: GuestStateStatus): Promise<Record> {
    return this.#put(guestState, { ...read, status });
  }

  async #put<T extends KubeObject>(kind: ResourceKind, object: T): Promise<T> {
    const path = pathOf(kind, keyOf(object), 'status');
    const body = JSON.stringify(object);
    return (await this.#transport.call({ method: 'PUT', path, contentType: JSON_TYPE, body })).value as T;
  }

  async #get<T extends KubeObject>(kind: ResourceKind, key: ObjectKey): Promise<T | undefined> {
    try {
      return (await this.#transport.call({ method: 'GET', path: pathOf(kind, key) })).value as T;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}
