import type { ObjectMeta } from '../api/kind.ts';

/** A Velero Backup, as far as compliance looks at it (velero.io/v1, pkg/apis/velero/v1/backup_types.go). */
export type VeleroBackup = {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  status?: {
    phase?: string;
    startTimestamp?: string | null;
    errors?: number;
    failureReason?: string;
    validationErrors?: string[] | null;
    progress?: { totalItems?: number; itemsBackedUp?: number } | null;
    hookStatus?: { hooksFailed?: number } | null;
  };
};

/** A Velero Schedule, as far as compliance looks at it. */
export type VeleroSchedule = {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  status?: { phase?: string; validationErrors?: string[] };
};

/** Where Velero keeps backups, as far as compliance looks at it. */
export type BackupStorageLocation = {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: { accessMode?: string };
  status?: { phase?: string; message?: string };
};
