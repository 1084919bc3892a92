import type { BackupPolicySpec } from '../../api/backuppolicy.ts';
import type { VeleroBackup } from './velero.ts';

type Status = NonNullable<VeleroBackup['status']>;
type Count = { readonly what: string; readonly attempted: number; readonly completed: number };

/**
 * What Velero counts of a backup's volumes. It says how many snapshots and uploads were begun and ended, never of which disks, and
 * nothing of volumes that it left out: per disk that is in the backup's volume information in the store, which nobody here reads yet.
 */
function countsOf(status: Status): readonly Count[] {
  const count = (what: string, attempted = 0, completed = 0): Count => ({ what, attempted, completed });
  return [
    count('CSI volume snapshots', status.csiVolumeSnapshotsAttempted, status.csiVolumeSnapshotsCompleted),
    count('native volume snapshots', status.volumeSnapshotsAttempted, status.volumeSnapshotsCompleted),
    count('operations such as uploads', status.backupItemOperationsAttempted, status.backupItemOperationsCompleted),
  ].filter(({ attempted }) => attempted > 0);
}

function told({ what, attempted, completed }: Count): string {
  return `${completed} of ${attempted} ${what}`;
}

/** The counts that prove volumes to be missing; undefined: none does. */
export function missingVolumes(status: Status): string | undefined {
  const short = countsOf(status).filter(({ attempted, completed }) => completed < attempted);
  return short.length === 0 ? undefined : `${short.map(told).join(', ')} completed`;
}

/** What a backup without a known defect does not prove about its volumes and their consistency, in sentences. */
export function unproven(status: Status, wanted: BackupPolicySpec['consistency'] | undefined): string {
  const counts = countsOf(status).map(told);
  const volumes =
    counts.length === 0
      ? 'Velero counts no volume snapshot in it, so nothing proves that it holds the disks.'
      : `Velero counts ${counts.join(', ')} in it and does not say of which disks, so that it holds each is not proven.`;
  return wanted === undefined || wanted === 'CrashConsistent' ? volumes : `${volumes} ${consistency(status, wanted)}`;
}

/** The freeze hook of KubeVirt succeeds without a guest agent too (virt-freezer exits 0), so even a hook that ran proves nothing. */
function consistency({ hookStatus }: Status, wanted: BackupPolicySpec['consistency']): string {
  const attempted = hookStatus?.hooksAttempted ?? 0;
  return attempted === 0
    ? `No hook ran in it that could have frozen the guest, so ${wanted} is not proven.`
    : `${attempted} hooks ran in it, which does not prove that the guest was frozen (${wanted} is promised).`;
}
