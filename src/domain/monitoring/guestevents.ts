/** What the sensor in a guest tells of its event logs and of what matters to its security (MO-12), by which names; docs/adr/0199. */

/** The parts of the sensor. Each says for itself when it last succeeded, so that one whose tools are missing is not silent unnoticed. */
export const EVENT_SENSORS = ['journal', 'accounts', 'keys', 'sshd', 'ports', 'certificates'] as const;
export type EventSensor = (typeof EVENT_SENSORS)[number];

/** What is counted. Of each there is a number from the first reading on, so that the first one that happens is a rise. */
export const GUEST_EVENTS = [
  // Logins, by way and by how they ended.
  'ssh_login_accepted',
  'ssh_login_failed',
  'ssh_root_login_accepted',
  'su_accepted',
  'su_failed',
  'sudo_accepted',
  'sudo_failed',
  'console_login_accepted',
  'console_login_failed',
  // What lets people in. What Steward has made itself is none of these.
  'account_added',
  'key_added',
  'host_key_changed',
  'sshd_config_changed',
  // The system.
  'kernel_error',
  'oom_kill',
  'file_system_error',
  'file_system_read_only',
  'unexpected_reboot',
  'unit_failed',
  /** Lines of level `err` or worse, but for those of people's sessions. */
  'journal_error',
] as const;
export type GuestEvent = (typeof GUEST_EVENTS)[number];

/** Parts of the sensor in a Windows guest: its logs of events. Nothing is proven by them, for the script has met no Windows. */
export const WINDOWS_SENSORS = ['security', 'system'] as const;

export const WINDOWS_EVENTS = [
  ...['login_failed', 'elevated_login_accepted', 'account_added', 'administrator_added', 'log_cleared'],
  ...['unexpected_reboot', 'unit_failed', 'file_system_error', 'kernel_error'],
] as const satisfies readonly string[];
export type WindowsEvent = (typeof WINDOWS_EVENTS)[number];

/** Series of the sensor, besides the time of its last run. */
export const EVENT_METRICS = {
  /** Counter by `event`; kept over restarts of the guest. */
  total: 'guest_events_total',
  /** By `event`, once it has happened: when it was noticed. */
  last: 'guest_event_last_timestamp_seconds',
  /** By `sensor`: whether its last run succeeded. */
  up: 'guest_sensor_up',
  /** By `sensor`: when it last succeeded; 0 if never. */
  success: 'guest_sensor_last_success_timestamp_seconds',
  /** By `path`: when the certificate ends. */
  certificate: 'guest_certificate_expires_timestamp_seconds',
  /** By `port`, of TCP: since when somebody listens there for whom nobody has ordered it; 0: since the first reading. */
  port: 'guest_port_unordered_since_timestamp_seconds',
} as const;

/** Seconds after which a reading of every minute proves nothing any more. */
export const SENSOR_STALE_SECONDS = 600;

/** The sensors that were read to their end lately, by the guest's own clock, so that a wrong one makes none of them stale. */
export function freshSensors(guests: string): string {
  const success = `max by (namespace, managed_vm, sensor) (${EVENT_METRICS.success}{${guests},sensor=~"${EVENT_SENSORS.join('|')}"})`;
  const now = `max by (namespace, managed_vm) (node_time_seconds{${guests}})`;
  return `${success} > on (namespace, managed_vm) group_left () (${now} - ${SENSOR_STALE_SECONDS})`;
}
