import type { InspectedBackup, ManagedVM } from '../../api/managedvm.ts';
import { wasLetGo } from '../machine/freezes.ts';
import type { VirtualMachineInstance } from '../machine/observedvm.ts';
import { startOf } from './recoverypoint.ts';
import type { VeleroBackup } from './velero.ts';

type Consistency = NonNullable<InspectedBackup['consistency']>;

/**
 * The state of the data in a backup, as far as it can be known. KubeVirt's hook freezes the guest's file systems by its agent, and succeeds
 * without doing so where no agent is connected (virt-freezer exits 0): it proves something only where the agent has been there since before,
 * and the file systems were not let go by whoever grew tired of waiting. Undefined: nothing is known of it, as of a VM that was off, or whose
 * agent came and went. A backup whose hook failed is no recovery point at all.
 */
export function consistencyOf(
  managedVM: ManagedVM,
  guest: VirtualMachineInstance | undefined,
  backup: VeleroBackup,
): Consistency | undefined {
  const start = startOf(backup);
  if (start === undefined) return undefined;
  const hooks = backup.status?.hookStatus?.hooksAttempted ?? 0;
  const ranBefore = guest?.startedAt !== undefined && guest.startedAt <= start;
  if (hooks === 0) return ranBefore ? 'CrashConsistent' : undefined;
  const agent = agentSince(managedVM, start);
  if (agent === 'False' || wasLetGo(managedVM, start, endOf(backup))) return 'CrashConsistent';
  return agent === 'True' ? 'FilesystemConsistent' : undefined;
}

/** What AgentConnected has said ever since; undefined: not the same all the time. */
function agentSince({ status }: ManagedVM, start: Date): string | undefined {
  const agent = status?.conditions?.find(({ type }) => type === 'AgentConnected');
  return agent && new Date(agent.lastTransitionTime) <= start ? agent.status : undefined;
}

/** One whose end is not told has not ended. */
function endOf({ status }: VeleroBackup): Date {
  const end = Date.parse(status?.completionTimestamp ?? '');
  return new Date(Number.isNaN(end) ? 8.64e15 : end);
}
