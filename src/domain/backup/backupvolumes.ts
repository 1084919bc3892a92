import type { VeleroBackup } from './velero.ts';

type Status = NonNullable<VeleroBackup['status']>;
type Count = { readonly what: string; readonly attempted: number; readonly completed: number };

/**
 * What Velero counts of a backup's volumes. It says how many snapshots and uploads were begun and ended, never of which disks, and
 * nothing of volumes that it left out: per disk that is in the backup's volume information in the store (volumeinfos.ts).
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
