import { instant } from '../contract/condition.ts';
import { missingVolumes } from './backupvolumes.ts';
import { causeIn } from './storageerror.ts';
import type { VeleroBackup } from './velero.ts';

/** A state of the VM that can be restored, as far as Velero's status tells. */
export type RecoveryPoint = {
  readonly backup: VeleroBackup;
  readonly name: string;
  readonly time: Date;
  /** When Velero may delete it. */
  readonly until: Date | undefined;
};

/** What decides about a backup besides itself. */
export type Circumstances = {
  readonly now: Date;
  /** Why nothing can be restored from a BackupStorageLocation, as a clause about it; undefined: it can be. */
  readonly storageDefect: (location: string) => string | undefined;
  /** Why a backup lacks disks of the VM, as the end of a sentence about it; undefined: it holds each, or nobody has looked into it yet. */
  readonly diskDefect: (backup: VeleroBackup) => string | undefined;
  /** Whether somebody has looked into it. */
  readonly isInspected: (backup: VeleroBackup) => boolean;
};

/** What is the matter with a backup, as the end of a sentence that begins with it. */
export type Defect = { readonly says: string; readonly lacksVolumes?: true };

/**
 * Why a backup does not count as a recovery point: it is not Completed, something in it failed or is missing, it is empty (a selector that
 * matched nothing ends Completed too), its date cannot be, its time is over, the place where it lies cannot be read, or it was looked into and
 * lacks a disk. Undefined: nothing is known against it.
 */
export function defectOf(backup: VeleroBackup, circumstances: Circumstances): Defect | undefined {
  const { now, storageDefect, diskDefect } = circumstances;
  const { metadata, spec, status } = backup;
  if (metadata.deletionTimestamp) return { says: 'is being deleted' };
  if (status?.phase !== 'Completed') return { says: `is ${status?.phase ?? 'New'}${details(status)}` };
  if ((status.errors ?? 0) > 0 || (status.hookStatus?.hooksFailed ?? 0) > 0) {
    return { says: `is Completed${details(status)}` };
  }
  if (status.progress && !status.progress.itemsBackedUp) {
    return { says: 'is Completed and holds nothing', lacksVolumes: true };
  }
  const [start, expiration] = [startOf(backup), timeOf(status.expiration)];
  if (start === undefined) return { says: 'does not say when it started' };
  if (start > now) return { says: `is dated ${instant(start)}, which is in the future` };
  if (expiration && expiration <= now) return { says: `expired at ${instant(expiration)}` };
  const missing = missingVolumes(status);
  if (missing) return { says: `lacks volumes: ${missing}`, lacksVolumes: true };
  const storage = storageDefect(spec?.storageLocation ?? '');
  if (storage !== undefined) return { says: `lies in ${storage}` };
  const disks = diskDefect(backup);
  return disks === undefined ? undefined : { says: disks, lacksVolumes: true };
}

function details(status: VeleroBackup['status'] = {}): string {
  const { errors = 0, failureReason = '', validationErrors, hookStatus } = status;
  const found = [
    errors > 0 ? `${errors} errors` : '',
    hookStatus?.hooksFailed ? `${hookStatus.hooksFailed} hooks failed` : '',
    validationErrors?.length ? `${validationErrors.length} reasons in its status` : '',
    causeIn(failureReason) ?? '',
  ].filter(detail => detail !== '');
  return found.length > 0 ? ` (${found.join(', ')})` : '';
}

/** When Velero started a backup: the state it can restore is no newer than that. */
export function startOf({ status }: VeleroBackup): Date | undefined {
  return timeOf(status?.startTimestamp);
}

function timeOf(text: string | null | undefined): Date | undefined {
  const time = new Date(text ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** Backups without a known defect, the newest first; of two that started at once the one whose name sorts last. */
export function candidates(backups: readonly VeleroBackup[], circumstances: Circumstances): readonly RecoveryPoint[] {
  return backups
    .filter(backup => defectOf(backup, circumstances) === undefined)
    .map(pointOf)
    .sort((a, b) => b.time.getTime() - a.time.getTime() || (a.name > b.name ? -1 : 1));
}

/** The newest backup that counts: it has no defect, and somebody has looked into it. */
export function newestRecoveryPoint(
  backups: readonly VeleroBackup[],
  circumstances: Circumstances,
): RecoveryPoint | undefined {
  return candidates(backups, circumstances).find(({ backup }) => circumstances.isInspected(backup));
}

function pointOf(backup: VeleroBackup): RecoveryPoint {
  const { name } = backup.metadata;
  return { backup, name, time: startOf(backup) ?? new Date(0), until: timeOf(backup.status?.expiration) };
}

/** The newest backup that does not count and was made after the recovery point: why there is none newer. */
export function newestAttempt(
  backups: readonly VeleroBackup[],
  point: RecoveryPoint | undefined,
  circumstances: Circumstances,
): (Defect & { readonly name: string }) | undefined {
  const since = point?.time.getTime() ?? Number.NEGATIVE_INFINITY;
  const newest = backups
    .filter(backup => madeAt(backup) > since && defectOf(backup, circumstances) !== undefined)
    .reduce<VeleroBackup | undefined>((last, next) => (last && madeAt(last) >= madeAt(next) ? last : next), undefined);
  const defect = newest && defectOf(newest, circumstances);
  return newest && defect && { name: newest.metadata.name, ...defect };
}

function madeAt(backup: VeleroBackup): number {
  return startOf(backup)?.getTime() ?? Date.parse(backup.metadata.creationTimestamp ?? '1970-01-01T00:00:00Z');
}
