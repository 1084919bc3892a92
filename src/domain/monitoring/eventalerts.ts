import { type Alert, IDENTITY, lines, SUBJECT } from '../contract/alert.ts';
import { EVENT_METRICS, EVENT_SENSORS, freshSensors, type GuestEvent, type WindowsEvent } from './guestevents.ts';

/** Failed logins within ten minutes above which somebody is trying passwords: from outside, and of who is in already. */
const ATTEMPTS = { outside: 30, inside: 10 } as const;
/** How long an event that happens once is told. */
const TOLD = { seconds: 3600, words: 'an hour' } as const;
/** Days before its end that a certificate is told, and after which one that has ended is in use nowhere. */
const CERTIFICATE_DAYS = { before: 21, after: 30 } as const;
/** An hour has more errors than any hour should, and so many times what an hour of the day before had. */
const ERRORS = { atLeast: 100, times: 10 } as const;

const guestsOf = (namespace: string): string => `namespace="${namespace}",managed_vm!="",application=""`;
const WHEN = '{{ $value | humanizeTimestamp }}';

/** Alerts on what may concern the security of a guest (MO-12). They tell of what nobody ordered by Steward; whoever did it may have been free to (MO-8). */
export function securityAlerts(namespace: string): Alert[] {
  const guests = guestsOf(namespace);
  return [
    {
      alert: 'ManagedVMLoginAttack',
      expr: lines(
        `${riseIn(guests, 'event=~"ssh_login_failed|console_login_failed|login_failed"', '10m')} > ${ATTEMPTS.outside}`,
        `or ${riseIn(guests, 'event=~"su_failed|sudo_failed"', '10m')} > ${ATTEMPTS.inside}`,
      ),
      for: '1m',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: somebody is trying passwords ({{ $labels.event }})',
      description: `${SUBJECT} has counted {{ $value | printf "%.0f" }} times {{ $labels.event }} within 10 minutes; up to ${ATTEMPTS.outside} logins, and ${ATTEMPTS.inside} of su or sudo, are usual.`,
    },
    {
      ...once(guests, 'ManagedVMAccountAdded', ['account_added', 'administrator_added']),
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: somebody can log in by an account that nobody ordered ({{ $labels.event }})',
      description: `At ${WHEN}, in ${SUBJECT}, an account was found that can log in, or that has become an administrator, is new, and was not ordered by spec.access ({{ $labels.event }}).`,
    },
    {
      ...once(guests, 'ManagedVMLogCleared', ['log_cleared']),
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: a log of events was cleared',
      description: `At ${WHEN}, in ${SUBJECT}, the log of security or of the system was found to have been cleared: what it had is gone.`,
    },
    {
      ...once(guests, 'ManagedVMKeyAdded', ['key_added']),
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: a key lets somebody in that nobody ordered',
      description: `At ${WHEN}, in ${SUBJECT}, a key of authorized_keys was found that is new and was not ordered by spec.access.`,
    },
    {
      ...once(guests, 'ManagedVMSSHChanged', ['host_key_changed', 'sshd_config_changed']),
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: sshd has changed ({{ $labels.event }})',
      description: `At ${WHEN}, in ${SUBJECT}, the host keys or the configuration of sshd were found to be others than before ({{ $labels.event }}).`,
    },
    {
      alert: 'ManagedVMPortUnordered',
      expr: `max by (${IDENTITY}, port) (${EVENT_METRICS.port}{${guests}}) > time() - 24 * 3600`,
      for: '5m',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: port {{ $labels.port }} is open, and nobody ordered it',
      description: `Since ${WHEN} a program of ${SUBJECT} listens at TCP port {{ $labels.port }} for others, which belongs neither to Steward, nor to an application that was ordered, nor to one of spec.services. This is told for 24 hours.`,
    },
    {
      alert: 'ManagedVMCertificateExpiring',
      expr: `(min by (${IDENTITY}, path) (${EVENT_METRICS.certificate}{${guests}}) - time()) / 86400 < ${CERTIFICATE_DAYS.before} > -${CERTIFICATE_DAYS.after}`,
      for: '15m',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: certificate {{ $labels.path }} ends soon',
      description: `The certificate in {{ $labels.path }} of ${SUBJECT} ends in {{ $value | printf "%.1f" }} days (less than nothing: it has ended); it is told from ${CERTIFICATE_DAYS.before} days before on.`,
    },
  ];
}

/** Alerts on what the guest's own logs tell of its system (MO-12), and on the sensor that reads them. */
export function systemEventAlerts(namespace: string): Alert[] {
  const guests = guestsOf(namespace);
  const errors = (offset = ''): string =>
    `max by (${IDENTITY}) (${EVENT_METRICS.total}{${guests},event="journal_error"}${offset})`;
  const lastHour = `(${errors()} - ${errors(' offset 1h')})`;
  return [
    {
      ...once(guests, 'ManagedVMKernelError', ['kernel_error']),
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: the kernel reports an error',
      description: `At ${WHEN} the kernel of ${SUBJECT} was found to have reported a fault: a bug, a task that hangs, a stall or failing hardware.`,
    },
    {
      ...once(guests, 'ManagedVMOutOfMemory', ['oom_kill']),
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: a program was ended for want of memory',
      description: `At ${WHEN} the kernel of ${SUBJECT} was found to have ended a program because no memory was left, for all or for its group.`,
    },
    {
      ...once(guests, 'ManagedVMFileSystemError', ['file_system_error', 'file_system_read_only']),
      severity: 'critical',
      summary: '{{ $labels.managed_vm }}: a file system is damaged or was locked ({{ $labels.event }})',
      description: `At ${WHEN} the kernel of ${SUBJECT} was found to have reported an error of a file system or its disk, or to have mounted one read-only ({{ $labels.event }}).`,
    },
    {
      ...once(guests, 'ManagedVMUnexpectedReboot', ['unexpected_reboot']),
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: the guest started again without having been shut down',
      description: `At ${WHEN} the guest of ${SUBJECT} was found to have started again, and its journal tells of no shutdown before: it crashed, was reset, or lost its power.`,
    },
    {
      alert: 'ManagedVMJournalErrors',
      expr: lines(
        `${lastHour} > ${ERRORS.atLeast}`,
        // Where there is no day of the past, or a disk of before was put back, nothing is known to compare with.
        `and ${lastHour} > ${ERRORS.times} / 24 * ((${errors(' offset 1h')} - ${errors(' offset 25h')}) >= 0)`,
      ),
      for: '5m',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: many more errors in the journal than the day before',
      description: `The journal of ${SUBJECT} has {{ $value | printf "%.0f" }} lines of level err or worse within an hour: more than ${ERRORS.atLeast}, and more than ${ERRORS.times} times as many as in an hour of the day before.`,
    },
    {
      alert: 'ManagedVMEventsSilent',
      expr: lines(
        `max by (${IDENTITY}) (up{${guests},os_family="Linux"} == 1)`,
        `unless on (namespace, managed_vm) count by (namespace, managed_vm) (${freshSensors(guests)}) == ${EVENT_SENSORS.length}`,
      ),
      for: '15m',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: nobody reads its event logs',
      description: `The exporter of ${SUBJECT} answers, and for 15 minutes not all ${EVENT_SENSORS.length} parts of the sensor for events had a reading younger than 10 minutes; its condition EventsMonitored names them.`,
    },
  ];
}

/** An alert on events that happen once: by when they were noticed, so that neither a gap, a restart nor a disk of before that was put back hides or invents one. */
function once(
  guests: string,
  alert: string,
  events: readonly (GuestEvent | WindowsEvent)[],
): Pick<Alert, 'alert' | 'expr' | 'for'> {
  const by = events.length > 1 ? `${IDENTITY}, event` : IDENTITY;
  const last = `${EVENT_METRICS.last}{${guests},event=~"${events.join('|')}"}`;
  return { alert, expr: `max by (${by}) (${last}) > time() - ${TOLD.seconds}`, for: '1m' };
}

/** How much a counter has risen. Not `increase`: a counter that falls because a disk was put back would be taken for one that began anew. */
function riseIn(guests: string, events: string, span: string): string {
  const total = `max by (${IDENTITY}, event) (${EVENT_METRICS.total}{${guests},${events}})`;
  return `(${total} - min_over_time((${total})[${span}:1m]))`;
}
