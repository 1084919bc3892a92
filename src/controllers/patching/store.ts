import { type GuestState, type GuestStateStatus, guestState } from '../../api/gueststate.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { type PatchRun, type PatchRunStatus, patchRun } from '../../api/patchrun.ts';
import { VirtualMachineInstance } from '../../api/upstream.ts';
import type { KubeObject, ObjectKey } from '../../runtime/api/object.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { getUncached, replaceUncached } from '../../runtime/http/uncached.ts';

export type Run = PatchRun & KubeObject;
export type Record = GuestState & KubeObject;

/**
 * What the runner reads and writes of the cluster by single requests. Every write names the version that was read, so that of two who write one
 * is refused. Throws ApiError.
 */
export class PatchStore {
  readonly #transport: Pick<Transport, 'call'>;

  constructor(transport: Pick<Transport, 'call'>) {
    this.#transport = transport;
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
