import type { ManagedVM } from '../../api/managedvm.ts';

export type BackupPolicyRef = NonNullable<ManagedVM['spec']['backupPolicyRef']>;

/** The policy that an order is backed up by: the one that it names, else the provider's standard (AP-6), as the order's own pass has told. */
export function backupPolicyRefOf({ spec, status }: Pick<ManagedVM, 'spec' | 'status'>): BackupPolicyRef | undefined {
  const { standard, policy } = status?.backup ?? {};
  if (spec.backupPolicyRef !== undefined || !standard || policy === undefined) return spec.backupPolicyRef;
  return { kind: 'ClusterBackupPolicy', name: policy };
}
