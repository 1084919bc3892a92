import type { BackupPolicySpec } from '../../api/backuppolicy.ts';
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

type Wanted = BackupPolicySpec['consistency'];

/** Whether what is known of a backup is what the policy wants, and the sentence that says so; the data in it are crash-consistent at least. */
export function consistencyMet(
  wanted: Wanted,
  { consistency }: InspectedBackup,
): { readonly met: boolean | undefined; readonly says?: string } {
  if (wanted === 'CrashConsistent') return { met: true };
  if (wanted === consistency) {
    return { met: true, says: `It is ${consistency}: the agent froze the guest's file systems.` };
  }
  if (consistency === 'CrashConsistent') {
    return { met: false, says: `It is CrashConsistent, for no hook froze the guest; ${wanted} is promised.` };
  }
  const known = consistency === undefined ? 'Whether the guest was frozen in it is not known' : `It is ${consistency}`;
  return { met: undefined, says: `${known}, so ${wanted} is not proven.` };
}
