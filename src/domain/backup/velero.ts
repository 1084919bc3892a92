import type { ObjectMeta } from '../../runtime/api/object.ts';

/** A Velero Backup, as far as compliance looks at it (velero.io/v1, pkg/apis/velero/v1/backup_types.go). */
export type VeleroBackup = {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: {
    includedNamespaces?: string[] | null;
    excludedNamespaces?: string[] | null;
    includedResources?: string[] | null;
    excludedResources?: string[] | null;
    labelSelector?: { matchLabels?: Record<string, string>; matchExpressions?: unknown[] } | null;
    orLabelSelectors?: unknown[] | null;
    snapshotVolumes?: boolean | null;
    storageLocation?: string;
    /** How long it is to be kept, from its start. */
    ttl?: string;
  };
  status?: {
    phase?: string;
    completionTimestamp?: string | null;
    startTimestamp?: string | null;
    /** From when on Velero may delete it. */
    expiration?: string | null;
    errors?: number;
    failureReason?: string;
    validationErrors?: string[] | null;
    progress?: { totalItems?: number; itemsBackedUp?: number } | null;
    /** Hooks run in Pods only; KubeVirt's freeze the file systems of a running guest. */
    hookStatus?: { hooksAttempted?: number; hooksFailed?: number } | null;
    /** VolumeSnapshots that bear the backup's label when its items are done; with a data mover there are none. */
    csiVolumeSnapshotsAttempted?: number;
    csiVolumeSnapshotsCompleted?: number;
    /** Snapshots by the plug-in of a cloud. */
    volumeSnapshotsAttempted?: number;
    volumeSnapshotsCompleted?: number;
    /** What plug-ins go on with after the items, such as uploads by a data mover. */
    backupItemOperationsAttempted?: number;
    backupItemOperationsCompleted?: number;
  };
};

/** A Velero Schedule, as far as compliance looks at it. */
export type VeleroSchedule = {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: { paused?: boolean };
  status?: { phase?: string; validationErrors?: string[] };
};

/** Where Velero keeps backups, as far as compliance looks at it. */
export type BackupStorageLocation = {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  /** `caCert`: certificates in base64 by which its address proves itself. */
  spec?: { accessMode?: string; provider?: string; objectStorage?: { caCert?: string } };
  status?: { phase?: string; message?: string; lastValidationTime?: string | null };
};

/** A Velero DownloadRequest, as far as it is looked at (pkg/apis/velero/v1/download_request_types.go). */
export type DownloadRequest = {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: { target?: { kind?: string; name?: string } };
  /** `downloadURL`: signed, into the object store, good for ten minutes; then Velero deletes the request. */
  status?: { phase?: string; downloadURL?: string };
};

/** A Velero ServerStatusRequest, as far as it is looked at (pkg/apis/velero/v1/server_status_request_types.go). */
export type ServerStatusRequest = {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  /** Five minutes after it was answered Velero deletes the request. */
  status?: {
    phase?: string;
    processedTimestamp?: string | null;
    serverVersion?: string;
    plugins?: { kind?: string; name?: string }[] | null;
  };
};
