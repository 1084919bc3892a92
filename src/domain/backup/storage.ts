import { unknown } from '../contract/finding.ts';
import { permits, refusal, STORAGE_LOCATIONS_ANNOTATION } from '../contract/permitted.ts';
import type { Reason, Verdict } from './reasons.ts';
import { causeIn } from './storageerror.ts';
import type { BackupStorageLocation } from './velero.ts';

/** Why a policy of a namespace may not use the storage location that it names: nothing is said about the place itself. */
export function storageRefusal(
  name: string,
  namespace: string,
  permitted: readonly string[] | undefined,
): Verdict | undefined {
  if (permitted === undefined) {
    return unknown(
      'NamespaceNotObserved',
      `What Namespace ${namespace} may use is not known: it has not been read yet.`,
    );
  }
  if (permits(permitted, name)) return undefined;
  const message = refusal(`BackupStorageLocation ${name}`, namespace, STORAGE_LOCATIONS_ANNOTATION, permitted);
  return broken('StorageLocationNotPermitted', message);
}

/** Why no backup can be written to, or restored from, a storage location. */
export function storageObstacle(name: string, location: BackupStorageLocation | undefined): Verdict | undefined {
  if (!location) return broken('StorageLocationNotFound', `BackupStorageLocation ${name} does not exist.`);
  if (location.status?.phase === 'Unavailable') {
    const cause = causeIn(location.status.message ?? '');
    const why = cause === undefined ? '; the provider finds why in its status' : `: ${cause}`;
    return broken('StorageLocationUnavailable', `BackupStorageLocation ${name} is Unavailable${why}.`);
  }
  if (location.spec?.accessMode === 'ReadOnly') {
    return broken('StorageLocationReadOnly', `BackupStorageLocation ${name} is read-only, so no backups are made.`);
  }
  // Velero fails backups into a location that it has not found Available yet (its backup_controller.go prepareBackupRequest).
  if (location.status?.phase !== 'Available') {
    return unknown('StorageLocationNotValidated', `Velero has not validated BackupStorageLocation ${name} yet.`);
  }
  return undefined;
}

/** What is known of the places where backups lie. */
export type StorageFacts = {
  /** BackupStorageLocations that the namespace may use; undefined: not known, for its Namespace has not been read. */
  readonly permitted: readonly string[] | undefined;
  /** The BackupStorageLocation of a name, if it exists. */
  readonly storageLocation: (name: string) => BackupStorageLocation | undefined;
};

/** Where a backup lies, if nothing can be restored from there. Reading suffices for a restore. */
export function storageDefect({ storageLocation, permitted }: StorageFacts, name: string): string | undefined {
  if (!permits(permitted ?? [], name)) return 'a BackupStorageLocation that the namespace may not use';
  const location = storageLocation(name);
  if (!location) return `BackupStorageLocation ${name}, which does not exist`;
  const { phase } = location.status ?? {};
  return phase === 'Available' ? undefined : `BackupStorageLocation ${name}, which is ${phase ?? 'not validated yet'}`;
}

function broken(reason: Reason, message: string): Verdict {
  return { status: 'False', reason, message };
}
