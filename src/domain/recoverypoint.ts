import type { VeleroBackup } from './velero.ts';

/** A state of the VM that can be restored. */
export type RecoveryPoint = { readonly backup: string; readonly time: Date };

/**
 * Whether a backup can be restored without loss: Velero calls it Completed, nothing in it failed, and it holds something.
 * A backup whose data is still uploading is not, nor is one whose selector matched nothing (Completed with no items).
 */
export function isUsable(backup: VeleroBackup): boolean {
  const { status } = backup;
  if (backup.metadata.deletionTimestamp || status?.phase !== 'Completed') return false;
  if ((status.errors ?? 0) > 0 || (status.hookStatus?.hooksFailed ?? 0) > 0) return false;
  const empty = status.progress !== undefined && status.progress !== null && !status.progress.itemsBackedUp;
  return !empty && startOf(backup) !== undefined;
}

/** When Velero started a backup: the state it can restore is no newer than that. */
export function startOf(backup: VeleroBackup): Date | undefined {
  const time = new Date(backup.status?.startTimestamp ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** The newest usable backup; of two that started at once the one whose name sorts last. */
export function newestRecoveryPoint(backups: readonly VeleroBackup[]): RecoveryPoint | undefined {
  return backups
    .filter(isUsable)
    .map(backup => ({ backup: backup.metadata.name, time: startOf(backup) ?? new Date(0) }))
    .reduce<RecoveryPoint | undefined>((newest, next) => (newest && !isNewer(next, newest) ? newest : next), undefined);
}

/** The newest backup that is not usable and was made after the recovery point: why there is none newer. */
export function newestAttempt(
  backups: readonly VeleroBackup[],
  point: RecoveryPoint | undefined,
): VeleroBackup | undefined {
  return backups
    .filter(backup => !isUsable(backup) && madeAt(backup) > (point?.time.getTime() ?? Number.NEGATIVE_INFINITY))
    .reduce<VeleroBackup | undefined>(
      (newest, next) => (newest && madeAt(newest) >= madeAt(next) ? newest : next),
      undefined,
    );
}

function isNewer(a: RecoveryPoint, b: RecoveryPoint): boolean {
  const difference = a.time.getTime() - b.time.getTime();
  return difference > 0 || (difference === 0 && a.backup > b.backup);
}

function madeAt(backup: VeleroBackup): number {
  return startOf(backup)?.getTime() ?? Date.parse(backup.metadata.creationTimestamp ?? '1970-01-01T00:00:00Z');
}
