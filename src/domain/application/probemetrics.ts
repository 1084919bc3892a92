/** Metrics that a guest's probes write for node_exporter, each with the labels `application` and `probe` (AP-11). */
export const PROBE_METRICS = {
  success: 'steward_application_probe_success',
  duration: 'steward_application_probe_duration_seconds',
  readAt: 'steward_application_probe_read_timestamp_seconds',
} as const;

/** Seconds between two readings. */
export const PROBE_INTERVAL_SECONDS = 30;
