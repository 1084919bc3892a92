import { type GuestState, type GuestStateStatus, guestState } from '../../api/gueststate.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { FINAL_PHASES, type PatchRun, type PatchRunStatus, patchRun } from '../../api/patchrun.ts';
import { VirtualMachineInstance } from '../../api/upstream.ts';
import type { KubeObject, ObjectKey } from '../../runtime/api/object.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { getUncached, listUncached, replaceUncached } from '../../runtime/http/uncached.ts';

export type Run = PatchRun & KubeObject;
export type Record = GuestState & KubeObject;

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

  /** The runs of a policy that have no verdict yet: those that have one stay for months, and are asked for every few seconds. */
  async openRunsOf(policyUid: string): Promise<readonly Run[]> {
    const places = this.#namespaces.length === 0 ? [''] : this.#namespaces;
    const fieldSelector = [
      `spec.policy.uid=${policyUid}`,
      ...FINAL_PHASES.map(phase => `status.phase!=${phase}`),
    ].join();
    const wanted = { fieldSelector, atOnce: AT_ONCE };
    const list = (namespace: string) => listUncached<Run>(this.#transport, patchRun, { namespace, ...wanted });
    return (await Promise.all(places.map(list))).flat();
  }

  run(key: ObjectKey): Promise<Run | undefined> {
    return getUncached(this.#transport, patchRun, key);
  }

  record(key: ObjectKey): Promise<Record | undefined> {
    return getUncached(this.#transport, guestState, key);
  }

  managedVM(key: ObjectKey): Promise<(ManagedVM & KubeObject) | undefined> {
    return getUncached(this.#transport, managedVM, key);
  }

  instance(key: ObjectKey): Promise<KubeObject | undefined> {
    return getUncached(this.#transport, VirtualMachineInstance, key);
  }

  writeRun(read: Run, status: PatchRunStatus): Promise<Run> {
    return replaceUncached(this.#transport, patchRun, { ...read, status }, 'status');
  }

  writeRecord(read: Record, status: GuestStateStatus): Promise<Record> {
    return replaceUncached(this.#transport, guestState, { ...read, status }, 'status');
  }
}
