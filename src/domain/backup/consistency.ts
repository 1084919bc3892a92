import type { InspectedBackup, ManagedVM } from '../../api/managedvm.ts';
import type { VirtualMachineInstance } from '../machine/observedvm.ts';
import { startOf } from './recoverypoint.ts';
import type { VeleroBackup } from './velero.ts';

type Consistency = NonNullable<InspectedBackup['consistency']>;

/**
 * The state of the data in a backup, as far as it can be known. KubeVirt's hook freezes the guest's file systems by its agent, and succeeds
 * without doing so where no agent is connected (virt-freezer exits 0): it proves something only where the agent has been there since before.
 * Undefined: nothing is known of it, as of a VM that was off, or whose agent came and went.
 */
export function consistencyOf(
  managedVM: ManagedVM,
  guest: VirtualMachineInstance | undefined,
  backup: VeleroBackup,
): Consistency | undefined {
  const start = startOf(backup);
  if (start === undefined) return undefined;
  const hooks = backup.status?.hookStatus?.hooksAttempted ?? 0;
  if (hooks > 0) return agentSince(managedVM, start) ? 'FilesystemConsistent' : undefined;
  return guest?.startedAt !== undefined && guest.startedAt <= start ? 'CrashConsistent' : undefined;
}

function agentSince({ status }: ManagedVM, start: Date): boolean {
  const agent = status?.conditions?.find(({ type }) => type === 'AgentConnected');
  return agent?.status === 'True' && new Date(agent.lastTransitionTime) <= start;
}
