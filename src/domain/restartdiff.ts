import type { ManagedVM, ManagedVMStatus } from '../api/managedvm.ts';
import type { Observed } from './observed.ts';
import type { VirtualMachine, VirtualMachineInstance } from './observedvm.ts';

export type PendingChange = NonNullable<ManagedVMStatus['pendingChanges']>[number];

/** What the running guest would get by a restart, exactly: at most 64 entries in a stable order. */
export function pendingChanges(
  _vm: VirtualMachine | undefined,
  _vmi: VirtualMachineInstance | undefined,
): readonly PendingChange[] {
  throw new Error('not yet');
}

/** Whether the restart that spec.restartPolicy Automatic promises must be asked for now. */
export function restartDue(_managedVM: ManagedVM, _observed: Observed): boolean {
  throw new Error('not yet');
}
