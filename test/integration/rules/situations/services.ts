/** Whether a guest is scraped, and what runs in it. */
import { becomes, clock, constant, running, type Situation, SPAN, series, windowsGuest } from './world.ts';

/** Minute by minute, one and the other. */
const everyOther = (one: string, other: string): string =>
  Array.from({ length: SPAN }, (_, minute) => (minute % 2 === 0 ? one : other)).join(' ');

export const serviceSituations: readonly Situation[] = [
  // ManagedVMTargetMissing
  {
    name: 'an exporter that does not answer',
    alert: 'ManagedVMTargetMissing',
    world: { [series.up]: constant(0) },
    minute: 15,
    fires: [{ virtual_machine: 'shop-db-01' }],
  },
  {
    name: 'a target that Prometheus does not know',
    alert: 'ManagedVMTargetMissing',
    world: { [series.up]: undefined },
    minute: 15,
    fires: [{ virtual_machine: 'shop-db-01' }],
  },
  {
    name: 'an exporter silent for less than 15 minutes',
    alert: 'ManagedVMTargetMissing',
    world: { [series.up]: constant(0) },
    minute: 14,
    fires: [],
  },
  {
    name: 'an exporter that answers again',
    alert: 'ManagedVMTargetMissing',
    world: { [series.up]: `0x20 1x${SPAN}` },
    minute: 25,
    fires: [],
  },
  {
    name: 'an exporter of a VM that is down',
    alert: 'ManagedVMTargetMissing',
    world: { [series.up]: constant(0), ...becomes('stopped', 'non_running') },
    minute: 30,
    fires: [],
  },

  {
    name: 'an exporter lost in a migration',
    alert: 'ManagedVMTargetMissing',
    world: { [series.up]: constant(0), ...becomes('migrating', 'migrating') },
    minute: 15,
    fires: [{ virtual_machine: 'shop-db-01' }],
  },
  {
    name: 'an exporter of a guest that is shutting down as the customer wishes',
    alert: 'ManagedVMTargetMissing',
    world: { [series.up]: constant(0), [series.powerWanted]: constant(0) },
    minute: 30,
    fires: [],
  },

  // ManagedVMServiceNotRunning
  {
    name: 'an expected unit that failed',
    alert: 'ManagedVMServiceNotRunning',
    world: {
      [series.unit('postgresql.service', 'active')]: constant(0),
      [series.unit('postgresql.service', 'failed')]: constant(1),
    },
    minute: 5,
    fires: [{ service: 'postgresql' }],
  },
  {
    name: 'an expected unit that vanished from the exporter',
    alert: 'ManagedVMServiceNotRunning',
    world: {
      [series.unit('postgresql.service', 'active')]: undefined,
      [series.unit('postgresql.service', 'failed')]: undefined,
    },
    minute: 5,
    fires: [{ service: 'postgresql' }],
  },
  {
    name: 'two expected units of which one runs',
    alert: 'ManagedVMServiceNotRunning',
    world: { [series.expected('ssh')]: constant(1) },
    minute: 5,
    fires: [{ service: 'ssh' }],
  },
  {
    name: 'an expected Windows service that is stopped',
    alert: 'ManagedVMServiceNotRunning',
    world: {
      ...windowsGuest,
      [series.expected('postgresql')]: undefined,
      [series.expected('mssql$sqlexpress')]: constant(1),
      [series.windowsService('mssql$sqlexpress', 'running')]: constant(0),
      [series.windowsService('mssql$sqlexpress', 'stopped')]: constant(1),
    },
    minute: 5,
    fires: [{ service: 'mssql$sqlexpress' }],
  },
  {
    name: 'an expected Windows service that runs',
    alert: 'ManagedVMServiceNotRunning',
    world: {
      ...windowsGuest,
      [series.expected('postgresql')]: undefined,
      [series.expected('mssql$sqlexpress')]: constant(1),
      [series.windowsService('mssql$sqlexpress', 'running')]: constant(1),
    },
    minute: 30,
    fires: [],
  },
  {
    name: 'a unit that is no service and runs',
    alert: 'ManagedVMServiceNotRunning',
    world: {
      [series.expected('apt-daily.timer')]: constant(1),
      [series.unit('apt-daily.timer', 'active')]: constant(1),
    },
    minute: 30,
    fires: [],
  },
  {
    name: 'an expected unit that is down for less than 5 minutes',
    alert: 'ManagedVMServiceNotRunning',
    world: { [series.unit('postgresql.service', 'active')]: constant(0) },
    minute: 4,
    fires: [],
  },
  {
    name: 'an expected unit that runs again',
    alert: 'ManagedVMServiceNotRunning',
    world: { [series.unit('postgresql.service', 'active')]: `0x20 1x${SPAN}` },
    minute: 25,
    fires: [],
  },
  {
    name: 'an expected unit that is down in a guest that is scraped every other time',
    alert: 'ManagedVMServiceNotRunning',
    world: {
      [series.up]: everyOther('1', '0'),
      [series.unit('postgresql.service', 'active')]: everyOther('0', 'stale'),
    },
    minute: 5,
    fires: [{ service: 'postgresql' }],
  },
  {
    name: 'an expected unit that runs in a guest that is scraped every other time',
    alert: 'ManagedVMServiceNotRunning',
    world: {
      [series.up]: everyOther('1', '0'),
      [series.unit('postgresql.service', 'active')]: everyOther('1', 'stale'),
    },
    minute: 30,
    fires: [],
  },
  {
    name: 'an expected unit that ran when its guest fell silent',
    alert: 'ManagedVMServiceNotRunning',
    world: {
      [series.up]: `1x20 0x${SPAN}`,
      [series.unit('postgresql.service', 'active')]: '1x20 stale',
    },
    minute: 26,
    fires: [],
  },
  {
    name: 'a failed unit that nobody expects',
    alert: 'ManagedVMServiceNotRunning',
    world: { [series.unit('cups.service', 'failed')]: constant(1) },
    minute: 30,
    fires: [],
  },
  {
    name: 'a unit that only stands for its instances, of which one has failed (Debian: postgresql)',
    alert: 'ManagedVMServiceNotRunning',
    world: {
      [series.unit('postgresql@17-main.service', 'active')]: constant(0),
      [series.unit('postgresql@17-main.service', 'failed')]: constant(1),
      [series.unit('postgresql@15-old.service', 'active')]: constant(1),
    },
    minute: 5,
    fires: [{ service: 'postgresql' }],
  },
  {
    name: 'a unit that only stands for its instances, none of which is active',
    alert: 'ManagedVMServiceNotRunning',
    world: { [series.unit('postgresql@17-main.service', 'active')]: constant(0) },
    minute: 5,
    fires: [{ service: 'postgresql' }],
  },
  {
    name: 'a unit that stands for its instances, of which one is active and one was stopped',
    alert: 'ManagedVMServiceNotRunning',
    world: {
      [series.unit('postgresql@17-main.service', 'active')]: constant(1),
      [series.unit('postgresql@17-main.service', 'failed')]: constant(0),
      [series.unit('postgresql@15-old.service', 'active')]: constant(0),
    },
    minute: 30,
    fires: [],
  },
  {
    name: 'an instance that was ordered by its own name and has failed',
    alert: 'ManagedVMServiceNotRunning',
    world: {
      [series.expected('postgresql@17-main')]: constant(1),
      [series.unit('postgresql@17-main.service', 'active')]: constant(0),
      [series.unit('postgresql@17-main.service', 'failed')]: constant(1),
    },
    minute: 5,
    fires: [{ service: 'postgresql' }, { service: 'postgresql@17-main' }],
  },
  {
    name: 'a service whose socket listens until the first connection (Ubuntu: ssh)',
    alert: 'ManagedVMServiceNotRunning',
    world: {
      [series.expected('ssh')]: constant(1),
      [series.unit('ssh.socket', 'active')]: constant(1),
      [series.unit('ssh.service', 'active')]: constant(0),
    },
    minute: 30,
    fires: [],
  },
  {
    name: 'a service that failed when its socket started it',
    alert: 'ManagedVMServiceNotRunning',
    world: {
      [series.expected('ssh')]: constant(1),
      [series.unit('ssh.socket', 'active')]: constant(1),
      [series.unit('ssh.service', 'active')]: constant(0),
      [series.unit('ssh.service', 'failed')]: constant(1),
    },
    minute: 5,
    fires: [{ service: 'ssh' }],
  },
  {
    name: 'a failed instance for one connection, while the socket of its service listens',
    alert: 'ManagedVMServiceNotRunning',
    world: {
      [series.expected('ssh')]: constant(1),
      [series.unit('ssh.socket', 'active')]: constant(1),
      [series.unit('ssh@3-10.0.0.1:22.service', 'failed')]: constant(1),
    },
    minute: 30,
    fires: [],
  },
  {
    name: 'an expected unit with an escaped name that runs',
    alert: 'ManagedVMServiceNotRunning',
    world: {
      [series.expected('backup-srv\\x2ddata')]: constant(1),
      [series.unit('backup-srv\\x2ddata.service', 'active')]: constant(1),
    },
    minute: 30,
    fires: [],
  },
  {
    name: 'an expected unit of a guest whose exporter is silent',
    alert: 'ManagedVMServiceNotRunning',
    world: { [series.unit('postgresql.service', 'active')]: undefined, [series.up]: constant(0) },
    minute: 30,
    fires: [],
  },

  // ManagedVMUnitFailed
  {
    name: 'a failed unit that nobody ordered',
    alert: 'ManagedVMUnitFailed',
    world: { [series.unit('cups.service', 'failed')]: constant(1) },
    minute: 15,
    fires: [{ unit: 'cups.service' }],
  },
  {
    name: 'a unit that failed less than 15 minutes ago',
    alert: 'ManagedVMUnitFailed',
    world: { [series.unit('cups.service', 'failed')]: constant(1) },
    minute: 14,
    fires: [],
  },

  // ManagedVMClockOff
  {
    name: 'a clock 11 s ahead',
    alert: 'ManagedVMClockOff',
    world: { [series.time]: clock(11) },
    minute: 15,
    fires: [{}],
  },
  {
    name: 'a clock 11 s behind',
    alert: 'ManagedVMClockOff',
    world: { [series.time]: clock(-11) },
    minute: 15,
    fires: [{}],
  },
  {
    name: 'a Windows clock 5 minutes ahead',
    alert: 'ManagedVMClockOff',
    world: { ...windowsGuest, [series.windowsTime]: clock(300) },
    minute: 15,
    fires: [{}],
  },
  {
    name: 'a clock without a time source',
    alert: 'ManagedVMClockOff',
    world: { [series.maxError]: constant(16), [series.synchronised]: constant(0) },
    minute: 15,
    fires: [{}],
  },
  {
    name: 'a clock exactly 10 s ahead',
    alert: 'ManagedVMClockOff',
    world: { [series.time]: clock(10) },
    minute: 30,
    fires: [],
  },
  {
    name: 'a clock off for less than 15 minutes',
    alert: 'ManagedVMClockOff',
    world: { [series.time]: clock(60) },
    minute: 14,
    fires: [],
  },
  {
    name: 'a clock with a possible error of just under 16 s',
    alert: 'ManagedVMClockOff',
    world: { [series.maxError]: constant(15.9), [series.synchronised]: constant(0) },
    minute: 30,
    fires: [],
  },

  {
    name: 'a synchronised clock with a large possible error',
    alert: 'ManagedVMClockOff',
    world: { [series.maxError]: constant(20) },
    minute: 30,
    fires: [],
  },

  // ManagedVMMonitoringImpaired
  {
    name: 'no metrics from the operator',
    alert: 'ManagedVMMonitoringImpaired',
    world: { [series.info]: undefined, [series.infoOfStandby]: undefined },
    minute: 15,
    fires: [{ source: 'Steward' }],
  },
  {
    name: 'no metrics from KubeVirt',
    alert: 'ManagedVMMonitoringImpaired',
    world: { [running]: undefined },
    minute: 15,
    fires: [{ source: 'KubeVirt' }],
  },
  {
    name: 'no metrics from either',
    alert: 'ManagedVMMonitoringImpaired',
    world: {
      [series.info]: undefined,
      [series.infoOfStandby]: undefined,
      [series.exists]: undefined,
      [running]: undefined,
    },
    minute: 15,
    fires: [{ source: 'Steward' }],
  },
  {
    name: 'the only VM of a namespace vanished, so that there is nothing that KubeVirt could tell of',
    alert: 'ManagedVMMonitoringImpaired',
    world: { [running]: undefined, [series.exists]: constant(0) },
    minute: 30,
    fires: [],
  },
  {
    name: 'no metrics for less than 15 minutes',
    alert: 'ManagedVMMonitoringImpaired',
    world: { [running]: undefined },
    minute: 14,
    fires: [],
  },
  {
    name: 'one replica of the operator gone',
    alert: 'ManagedVMMonitoringImpaired',
    world: { [series.info]: undefined },
    minute: 30,
    fires: [],
  },
];
