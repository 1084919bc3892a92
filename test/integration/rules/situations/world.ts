import {
  EVENT_METRICS,
  EVENT_SENSORS,
  type GuestEvent,
  type WindowsEvent,
} from '../../../../src/domain/monitoring/guestevents.ts';

/**
 * A monitored VM as Prometheus sees it, one sample a minute, and what of it differs in a situation in which alerts must fire, or be silent.
 * A series maps to its values in promtool's notation: `1x60` is 1 for an hour, `_x60` is nothing, `0+6x60` grows by 6 a minute.
 */
export type Situation = {
  readonly name: string;
  readonly alert: string;
  /** What differs from {@link healthy}; undefined takes a series away. */
  readonly world: Readonly<Record<string, string | undefined>>;
  /** When to look: minutes since the first sample. */
  readonly minute: number;
  /** Labels that the firing alerts add to {@link identity}, one entry per alert; none: it must be silent. */
  readonly fires: readonly Readonly<Record<string, string>>[];
};

export const identity = {
  namespace: 'acme',
  managed_vm: 'shop-db',
  service_level: 'AdvancedMonitoringAndPatching',
  os_family: 'Linux',
} as const;

const text = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',');

const vm = text({ namespace: 'acme', managed_vm: 'shop-db' });
const target = text({ ...identity, job: 'shop-db-metrics', service: 'shop-db-metrics', instance: '10.0.0.7:9100' });

const windowsTarget = text({ ...identity, os_family: 'Windows', instance: '10.0.0.7:9182' });
const sensor = (name: string): string => `${EVENT_METRICS.success}{${target},sensor="${name}"}`;

const IN_NO_NAMESPACE: ReadonlySet<string> = new Set(['OperatingSystem', 'ClusterBackupPolicy']);

export const series = {
  info: `steward_managedvm_info{${text({ ...identity, virtual_machine: 'shop-db-01', pod: 'steward-0' })}}`,
  infoOfStandby: `steward_managedvm_info{${text({ ...identity, virtual_machine: 'shop-db-01', pod: 'steward-1' })}}`,
  powerWanted: `steward_managedvm_power_wanted{${vm},pod="steward-0"}`,
  condition: (type: string, status: string, reason: string, kind = 'ManagedVM', name = 'shop-db') =>
    `steward_condition{${text({ kind, namespace: IN_NO_NAMESPACE.has(kind) ? '' : 'acme', name, type, status, reason })},pod="steward-0"}`,
  patch: (what: string, more = '') => `steward_patch_${what}{${[vm, more].filter(Boolean).join(',')},pod="steward-0"}`,
  backup: (what: string, more = '') =>
    `steward_backup_${what}{${[vm, 'policy_kind="BackupPolicy"', 'policy="daily"', more].filter(Boolean).join(',')},pod="steward-0"}`,
  ringHalted: (pod: string) =>
    `steward_patch_ring_halted{kind="ClusterPatchPolicy",namespace="",name="standard",ring="canary",pod="${pod}"}`,
  leading: 'leader_election_master_status{namespace="steward-system",name="steward",pod="steward-0"}',
  standby: 'leader_election_master_status{namespace="steward-system",name="steward",pod="steward-1"}',
  exists: `steward_managedvm_virtual_machine_exists{${vm},pod="steward-0"}`,
  started: `steward_managedvm_guest_started_timestamp_seconds{${vm},pod="steward-0"}`,
  agent: `steward_managedvm_agent_connected{${vm},pod="steward-0"}`,
  expected: (service: string) =>
    `steward_managedvm_expected_service{${vm},service="${service.replaceAll('\\', '\\\\')}",pod="steward-0"}`,
  virtualMachine: (status: string, group: string, name = 'shop-db-01') =>
    `kubevirt_vm_info{namespace="acme",name="${name}",status="${status}",status_group="${group}",pod="virt-controller-0"}`,
  up: `up{${target}}`,
  upOfWindows: `up{${windowsTarget}}`,
  event: (name: GuestEvent | WindowsEvent) => `${EVENT_METRICS.total}{${target},event="${name}"}`,
  happened: (name: GuestEvent | WindowsEvent) => `${EVENT_METRICS.last}{${target},event="${name}"}`,
  port: (port: string) => `${EVENT_METRICS.port}{${target},port="${port}"}`,
  certificate: (path: string) => `${EVENT_METRICS.certificate}{${target},path="${path}"}`,
  sensor,
  sensors: EVENT_SENSORS.map(sensor),
  unit: (unit: string, state: string) =>
    `node_systemd_unit_state{${target},name="${unit.replaceAll('\\', '\\\\')}",state="${state}",type="simple"}`,
  windowsService: (name: string, state: string) => `windows_service_state{${target},name="${name}",state="${state}"}`,
  cpu: (mode: string, cpu = '0') => `node_cpu_seconds_total{${target},cpu="${cpu}",mode="${mode}"}`,
  windowsCPU: (mode: string) => `windows_cpu_time_total{${target},core="0,0",mode="${mode}"}`,
  memory: (what: string) => `node_memory_${what}_bytes{${target}}`,
  hugePages: `node_memory_HugePages_Total{${target}}`,
  windowsMemory: (what: string) => `windows_memory_physical_${what}_bytes{${target}}`,
  fileSystem: (metric: string, mountpoint = '/', fstype = 'ext4') =>
    `node_filesystem_${metric}{${target},device="/dev/vda1",fstype="${fstype}",mountpoint="${mountpoint}"}`,
  volume: (metric: string, volume = 'C:') => `windows_logical_disk_${metric}_bytes{${target},volume="${volume}"}`,
  booted: `node_boot_time_seconds{${target}}`,
  windowsBooted: `windows_system_boot_time_timestamp{${target}}`,
  time: `node_time_seconds{${target}}`,
  windowsTime: `windows_time_current_timestamp_seconds{${target}}`,
  maxError: `node_timex_maxerror_seconds{${target}}`,
  synchronised: `node_timex_sync_status{${target}}`,
} as const;

/** Minutes that every series lasts: more than the longest look-back and waiting time together. */
export const SPAN = 600;
export const constant = (value: number): string => `${value}x${SPAN}`;
/** A counter of seconds that grows by this share of every minute. */
export const share = (percent: number): string => `0+${(percent * 60) / 100}x${SPAN}`;
/** A guest clock that is off by some seconds. */
export const clock = (offset: number): string => `${offset}+60x${SPAN}`;
/** A value that moves by so much every minute. */
export const moving = (from: number, step: number): string => `${from}${step < 0 ? '-' : '+'}${Math.abs(step)}x${SPAN}`;

/** A VM that runs, answers, has its services and room to spare: nothing may fire. */
export const healthy: Readonly<Record<string, string>> = {
  [series.leading]: constant(1),
  [series.standby]: constant(0),
  [series.condition('Ready', 'True', 'Running')]: constant(1),
  [series.condition('Stalled', 'False', 'Settled')]: constant(1),
  [series.condition('Supported', 'True', 'VendorSupported')]: constant(1),
  [series.condition('Monitored', 'True', 'PrometheusWatches')]: constant(1),
  [series.condition('GuestReachable', 'True', 'Reached')]: constant(1),
  [series.condition('Configured', 'True', 'AsOrdered')]: constant(1),
  [series.condition('PatchCompliant', 'True', 'PatchesInTime')]: constant(1),
  [series.patch('last_run', 'phase="Succeeded"')]: constant(1),
  [series.patch('window_missed')]: constant(0),
  [series.condition('BackupCompliant', 'True', 'Compliant')]: constant(1),
  [series.condition('Ready', 'True', 'InForce', 'BackupPolicy', 'daily')]: constant(1),
  [series.condition('StorageAvailable', 'True', 'Compliant', 'BackupPolicy', 'daily')]: constant(1),
  [series.backup('deadline_timestamp_seconds')]: constant(1_000_000_000),
  [series.backup('verification_deadline_timestamp_seconds')]: constant(1_000_000_000),
  [series.backup('restore_failed')]: constant(0),
  [series.backup('restore_p95_seconds')]: constant(600),
  [series.backup('points_missing', 'tier="daily"')]: constant(0),
  [series.backup('points_vanished')]: constant(0),
  [series.backup('kept_too_long')]: constant(0),
  [series.condition('Ready', 'True', 'Listed', 'OperatingSystem', 'debian-13')]: constant(1),
  [series.info]: constant(1),
  [series.infoOfStandby]: constant(1),
  [series.powerWanted]: constant(1),
  [series.exists]: constant(1),
  [series.started]: constant(1_764_000_000),
  [series.booted]: constant(1_764_000_010),
  [series.agent]: constant(1),
  [series.expected('postgresql')]: constant(1),
  [series.virtualMachine('running', 'running')]: constant(1),
  [series.up]: constant(1),
  [series.unit('postgresql.service', 'active')]: constant(1),
  [series.unit('postgresql.service', 'failed')]: constant(0),
  [series.cpu('idle')]: share(60),
  [series.cpu('user')]: share(40),
  [series.memory('MemTotal')]: constant(1000),
  [series.memory('MemAvailable')]: constant(400),
  [series.fileSystem('size_bytes')]: constant(1000),
  [series.fileSystem('avail_bytes')]: constant(600),
  [series.fileSystem('files')]: constant(1000),
  [series.fileSystem('files_free')]: constant(900),
  [series.fileSystem('readonly')]: constant(0),
  [series.time]: clock(0),
  ...Object.fromEntries(series.sensors.map(name => [name, clock(0)])),
  [series.maxError]: constant(0.02),
  [series.synchronised]: constant(1),
};

export const running = series.virtualMachine('running', 'running');
export const becomes = (status: string, group: string): Situation['world'] => ({
  [running]: undefined,
  [series.virtualMachine(status, group)]: constant(1),
});
export const root = { mountpoint: '/' };
export const used = (percent: number): string => constant(1000 - percent * 10);
export const inUse = (percent: number): Situation['world'] => ({ [series.fileSystem('avail_bytes')]: used(percent) });
export const windowsGuest: Situation['world'] = Object.fromEntries(
  Object.keys(healthy)
    .filter(name => name.startsWith('node_'))
    .map(name => [name, undefined]),
);
