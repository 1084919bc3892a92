/** Metrics that the dumps and proofs of an application write for node_exporter, each with the label `application` (AP-6, AP-13). */
export const BACKUP_METRICS = {
  /** Instant as of which the newest good dump holds the data. */
  dumpedAt: 'steward_application_backup_last_success_timestamp_seconds',
  bytes: 'steward_application_backup_size_bytes',
  dumpSeconds: 'steward_application_backup_duration_seconds',
  /** 1 where the last attempt failed. */
  dumpFailed: 'steward_application_backup_failed',
  provenAt: 'steward_application_proof_last_success_timestamp_seconds',
  /** What restoring the dump took. */
  restoreSeconds: 'steward_application_proof_restore_duration_seconds',
  proofFailed: 'steward_application_proof_failed',
} as const;
