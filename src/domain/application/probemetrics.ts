/** Metrics that a guest's probes write for node_exporter, each with the labels `application` and `probe` (AP-11). */
export const PROBE_METRICS = {
  success: 'steward_application_probe_success',
  duration: 'steward_application_probe_duration_seconds',
  readAt: 'steward_application_probe_read_timestamp_seconds',
} as const;

/** Metric of an application whose interface is closed to clients, with the label `application`: since when, in seconds since 1970. */
export const CLOSED_METRIC = 'steward_application_closed_since_timestamp_seconds';

/** Seconds between two readings. */
export const PROBE_INTERVAL_SECONDS = 30;

/** Seconds after which the readings of every half minute are called stale. */
export const PROBE_STALE_SECONDS = 300;
