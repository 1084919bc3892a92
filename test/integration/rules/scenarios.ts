/**
 * Situations of a monitored VM as Prometheus sees them, one sample a minute, and which alerts must fire in them.
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

export const series = {
  info: `steward_managedvm_info{${text({ ...identity, virtual_machine: 'shop-db-01', pod: 'steward-0' })}}`,
  infoOfStandby: `steward_managedvm_info{${text({ ...identity, virtual_machine: 'shop-db-01', pod: 'steward-1' })}}`,
  powerWanted: `steward_managedvm_power_wanted{${vm},pod="steward-0"}`,
  condition: (type: string, status: string, reason: string, kind = 'ManagedVM', name = 'shop-db') =>
    `steward_condition{${text({ kind, namespace: kind === 'OperatingSystem' ? '' : 'acme', name, type, status, reason })},pod="steward-0"}`,
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
const SPAN = 600;
const constant = (value: number): string => `${value}x${SPAN}`;
/** A counter of seconds that grows by this share of every minute. */
const share = (percent: number): string => `0+${(percent * 60) / 100}x${SPAN}`;
/** A guest clock that is off by some seconds. */
const clock = (offset: number): string => `${offset}+60x${SPAN}`;
/** A value that moves by so much every minute. */
const moving = (from: number, step: number): string => `${from}${step < 0 ? '-' : '+'}${Math.abs(step)}x${SPAN}`;

/** A VM that runs, answers, has its services and room to spare: nothing may fire. */
export const healthy: Readonly<Record<string, string>> = {
  [series.leading]: constant(1),
  [series.standby]: constant(0),
  [series.condition('Ready', 'True', 'Running')]: constant(1),
  [series.condition('Stalled', 'False', 'Settled')]: constant(1),
  [series.condition('Supported', 'True', 'VendorSupported')]: constant(1),
  [series.condition('Monitored', 'True', 'PrometheusWatches')]: constant(1),
  [series.condition('PatchCompliant', 'Unknown', 'PatchingNotAvailable')]: constant(1),
  [series.condition('BackupCompliant', 'True', 'Compliant')]: constant(1),
  [series.condition('Ready', 'True', 'InForce', 'BackupPolicy', 'daily')]: constant(1),
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
  [series.maxError]: constant(0.02),
  [series.synchronised]: constant(1),
};

const running = series.virtualMachine('running', 'running');
const becomes = (status: string, group: string): Situation['world'] => ({
  [running]: undefined,
  [series.virtualMachine(status, group)]: constant(1),
});
const root = { mountpoint: '/' };
const used = (percent: number): string => constant(1000 - percent * 10);
const inUse = (percent: number): Situation['world'] => ({ [series.fileSystem('avail_bytes')]: used(percent) });
const windowsGuest: Situation['world'] = Object.fromEntries(
  Object.keys(healthy)
    .filter(name => name.startsWith('node_'))
    .map(name => [name, undefined]),
);

export const situations: readonly Situation[] = [
  // ManagedVMDown
  {
    name: 'a VM that shall run and is stopped',
    alert: 'ManagedVMDown',
    world: becomes('stopped', 'non_running'),
    minute: 5,
    fires: [{ virtual_machine: 'shop-db-01' }],
  },
  {
    name: 'a VM in a crash loop',
    alert: 'ManagedVMDown',
    world: becomes('crashloopbackoff', 'error'),
    minute: 30,
    fires: [{ virtual_machine: 'shop-db-01' }],
  },
  {
    name: 'a VM that swings between starting and crashing',
    alert: 'ManagedVMDown',
    world: {
      [running]: undefined,
      [series.virtualMachine('starting', 'starting')]: `1 1 _ _ 1 1 _ _ 1 1`,
      [series.virtualMachine('crashloopbackoff', 'error')]: `_ _ 1 1 _ _ 1 1 _ _`,
    },
    minute: 9,
    fires: [{ virtual_machine: 'shop-db-01' }],
  },
  {
    name: 'a paused VM',
    alert: 'ManagedVMDown',
    world: becomes('paused', 'non_running'),
    minute: 5,
    fires: [{ virtual_machine: 'shop-db-01' }],
  },
  {
    name: 'a VM whose VirtualMachine is gone while others are there',
    alert: 'ManagedVMDown',
    world: { [running]: undefined, [series.virtualMachine('running', 'running', 'other')]: constant(1) },
    minute: 5,
    fires: [{ virtual_machine: 'shop-db-01' }],
  },
  {
    name: 'a VM that has been down for less than 5 minutes',
    alert: 'ManagedVMDown',
    world: becomes('stopped', 'non_running'),
    minute: 4,
    fires: [],
  },
  {
    name: 'a VM that was restarted within 5 minutes',
    alert: 'ManagedVMDown',
    world: { [running]: `1x10 _x4 1x${SPAN}`, [series.virtualMachine('starting', 'starting')]: `_x10 1x3 _x${SPAN}` },
    minute: 20,
    fires: [],
  },
  {
    name: 'a VM that migrates',
    alert: 'ManagedVMDown',
    world: becomes('migrating', 'migrating'),
    minute: 30,
    fires: [],
  },
  {
    name: 'a VM whose disks are still imported',
    alert: 'ManagedVMDown',
    world: becomes('provisioning', 'starting'),
    minute: 30,
    fires: [],
  },
  {
    name: 'a VM that the customer has stopped',
    alert: 'ManagedVMDown',
    world: { ...becomes('stopped', 'non_running'), [series.powerWanted]: constant(0) },
    minute: 30,
    fires: [],
  },
  {
    name: 'the only VM of a namespace, whose VirtualMachine has vanished',
    alert: 'ManagedVMDown',
    world: { [running]: undefined, [series.exists]: constant(0) },
    minute: 5,
    fires: [{ virtual_machine: 'shop-db-01' }],
  },
  {
    name: 'GE-9: an order that cannot be carried out, such as a system that is not in the catalogue',
    alert: 'ManagedVMDown',
    world: { [running]: undefined, [series.exists]: constant(0), [series.powerWanted]: constant(0) },
    minute: 30,
    fires: [],
  },
  {
    name: 'no metrics from KubeVirt at all',
    alert: 'ManagedVMDown',
    world: { [running]: undefined },
    minute: 30,
    fires: [],
  },
  {
    name: 'MO-5: a VM at a level without monitoring, so without metrics of the operator',
    alert: 'ManagedVMDown',
    world: { ...becomes('stopped', 'non_running'), [series.info]: undefined, [series.infoOfStandby]: undefined },
    minute: 30,
    fires: [],
  },

  // ManagedVMRestarting
  {
    name: 'a guest that KubeVirt starts anew every minute',
    alert: 'ManagedVMRestarting',
    world: { [series.started]: `1764000000+60x${SPAN}`, [series.up]: constant(0), [series.booted]: undefined },
    minute: 10,
    fires: [{}],
  },
  {
    name: 'a guest that reboots by itself every 5 minutes',
    alert: 'ManagedVMRestarting',
    world: { [series.booted]: '1x4 2x4 3x4 4x4 5x40' },
    minute: 30,
    fires: [{}],
  },
  {
    name: 'a Windows guest that reboots by itself every 5 minutes',
    alert: 'ManagedVMRestarting',
    world: { ...windowsGuest, [series.windowsBooted]: '1x4 2x4 3x4 4x4 5x40' },
    minute: 30,
    fires: [{}],
  },
  {
    name: 'a guest that was restarted three times within an hour',
    alert: 'ManagedVMRestarting',
    world: { [series.started]: `1x4 2x4 3x4 4x${SPAN}`, [series.booted]: `1x4 2x4 3x4 4x${SPAN}` },
    minute: 30,
    fires: [],
  },
  {
    name: 'a guest that was restarted four times, more than an hour ago',
    alert: 'ManagedVMRestarting',
    world: { [series.started]: `1x4 2x4 3x4 4x4 5x${SPAN}` },
    minute: 100,
    fires: [],
  },

  // ManagedVMAgentLost
  {
    name: 'a running VM whose agent is gone',
    alert: 'ManagedVMAgentLost',
    world: { [series.agent]: constant(0) },
    minute: 15,
    fires: [{ virtual_machine: 'shop-db-01' }],
  },
  {
    name: 'an agent gone for less than the 15 minutes of grace that its condition has',
    alert: 'ManagedVMAgentLost',
    world: { [series.agent]: constant(0) },
    minute: 14,
    fires: [],
  },
  {
    name: 'an agent that came back',
    alert: 'ManagedVMAgentLost',
    world: { [series.agent]: `0x30 1x${SPAN}` },
    minute: 35,
    fires: [],
  },
  {
    name: 'an agent that is gone because the VM is down',
    alert: 'ManagedVMAgentLost',
    world: { [series.agent]: constant(0), ...becomes('stopped', 'non_running') },
    minute: 30,
    fires: [],
  },
  {
    name: 'an agent that is gone because the customer has stopped the VM',
    alert: 'ManagedVMAgentLost',
    world: { [series.agent]: constant(0), [series.powerWanted]: constant(0) },
    minute: 30,
    fires: [],
  },

  {
    name: 'an agent lost in a migration',
    alert: 'ManagedVMAgentLost',
    world: { [series.agent]: constant(0), ...becomes('migrating', 'migrating') },
    minute: 15,
    fires: [{ virtual_machine: 'shop-db-01' }],
  },

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

  // ManagedVMCPUHigh; counters have a rate from their second sample on
  {
    name: 'CPU at 91 %',
    alert: 'ManagedVMCPUHigh',
    world: { [series.cpu('idle')]: share(9), [series.cpu('user')]: share(91) },
    minute: 16,
    fires: [{}],
  },
  {
    name: 'CPU at exactly 90 %',
    alert: 'ManagedVMCPUHigh',
    world: { [series.cpu('idle')]: share(10), [series.cpu('user')]: share(90) },
    minute: 60,
    fires: [],
  },
  {
    name: 'CPU at 91 % for less than 15 minutes',
    alert: 'ManagedVMCPUHigh',
    world: { [series.cpu('idle')]: share(9) },
    minute: 15,
    fires: [],
  },
  {
    name: 'a CPU that waits for disks',
    alert: 'ManagedVMCPUHigh',
    world: { [series.cpu('idle')]: share(5), [series.cpu('iowait')]: share(40), [series.cpu('user')]: share(55) },
    minute: 60,
    fires: [],
  },
  {
    name: 'a CPU whose time the host steals',
    alert: 'ManagedVMCPUHigh',
    world: { [series.cpu('idle')]: share(5), [series.cpu('steal')]: share(60), [series.cpu('user')]: share(35) },
    minute: 60,
    fires: [{}],
  },
  {
    name: 'one of two CPUs busy',
    alert: 'ManagedVMCPUHigh',
    world: { [series.cpu('idle')]: share(0), [series.cpu('idle', '1')]: share(90) },
    minute: 60,
    fires: [],
  },
  {
    name: 'a Windows CPU at 95 %',
    alert: 'ManagedVMCPUHigh',
    world: { ...windowsGuest, [series.windowsCPU('idle')]: share(5), [series.windowsCPU('user')]: share(95) },
    minute: 60,
    fires: [{}],
  },
  {
    name: 'a CPU that has calmed down',
    alert: 'ManagedVMCPUHigh',
    world: { [series.cpu('idle')]: `0+0x30 60+60x60` },
    minute: 45,
    fires: [],
  },

  {
    name: 'two CPUs at 96 % and 86 %',
    alert: 'ManagedVMCPUHigh',
    world: { [series.cpu('idle')]: share(4), [series.cpu('idle', '1')]: share(14) },
    minute: 60,
    fires: [{}],
  },

  // ManagedVMMemoryHigh
  {
    name: 'memory at 91 %',
    alert: 'ManagedVMMemoryHigh',
    world: { [series.memory('MemAvailable')]: used(91) },
    minute: 15,
    fires: [{}],
  },
  {
    name: 'memory at exactly 90 %',
    alert: 'ManagedVMMemoryHigh',
    world: { [series.memory('MemAvailable')]: used(90) },
    minute: 60,
    fires: [],
  },
  {
    name: 'memory at 91 % for less than 15 minutes',
    alert: 'ManagedVMMemoryHigh',
    world: { [series.memory('MemAvailable')]: used(91) },
    minute: 14,
    fires: [],
  },
  {
    name: 'a database guest most of whose memory is set apart as huge pages, with room in the rest',
    alert: 'ManagedVMMemoryHigh',
    world: {
      [series.memory('MemTotal')]: constant(68_719_476_736),
      [series.memory('MemAvailable')]: constant(6_000_000_000),
      [series.memory('Hugetlb')]: constant(60_129_542_144),
    },
    minute: 60,
    fires: [],
  },
  {
    name: 'a guest without a sum of its huge pages (Linux before 4.16), with room in the rest',
    alert: 'ManagedVMMemoryHigh',
    world: {
      [series.memory('MemTotal')]: constant(68_719_476_736),
      [series.memory('MemAvailable')]: constant(6_000_000_000),
      [series.hugePages]: constant(28_672),
    },
    minute: 60,
    fires: [],
  },
  {
    name: 'a guest that has free huge pages and nothing left beside them',
    alert: 'ManagedVMMemoryHigh',
    world: {
      [series.memory('MemTotal')]: constant(68_719_476_736),
      [series.memory('MemAvailable')]: constant(800_000_000),
      [series.memory('Hugetlb')]: constant(60_129_542_144),
    },
    minute: 15,
    fires: [{}],
  },
  {
    name: 'Windows memory at 95 %',
    alert: 'ManagedVMMemoryHigh',
    world: {
      ...windowsGuest,
      [series.windowsMemory('total')]: constant(1000),
      [series.windowsMemory('free')]: used(95),
    },
    minute: 60,
    fires: [{}],
  },

  // ManagedVMFileSystemAlmostFull and ManagedVMFileSystemFull
  {
    name: 'a file system at 81 %',
    alert: 'ManagedVMFileSystemAlmostFull',
    world: inUse(81),
    minute: 15,
    fires: [root],
  },
  {
    name: 'a file system at exactly 80 %',
    alert: 'ManagedVMFileSystemAlmostFull',
    world: inUse(80),
    minute: 60,
    fires: [],
  },
  {
    name: 'a file system at exactly 90 % (a warning, not yet critical)',
    alert: 'ManagedVMFileSystemAlmostFull',
    world: inUse(90),
    minute: 60,
    fires: [root],
  },
  {
    name: 'a file system at 91 % (critical, no longer a warning)',
    alert: 'ManagedVMFileSystemAlmostFull',
    world: inUse(91),
    minute: 60,
    fires: [],
  },
  {
    name: 'a file system at 81 % for less than 15 minutes',
    alert: 'ManagedVMFileSystemAlmostFull',
    world: inUse(81),
    minute: 14,
    fires: [],
  },
  {
    name: 'a Windows volume at 85 %',
    alert: 'ManagedVMFileSystemAlmostFull',
    world: { ...windowsGuest, [series.volume('size')]: constant(1000), [series.volume('free')]: used(85) },
    minute: 60,
    fires: [{ mountpoint: 'C:' }],
  },
  { name: 'a file system at 91 %', alert: 'ManagedVMFileSystemFull', world: inUse(91), minute: 5, fires: [root] },
  { name: 'a file system at exactly 90 %', alert: 'ManagedVMFileSystemFull', world: inUse(90), minute: 60, fires: [] },
  {
    name: 'a file system at 91 % for less than 5 minutes',
    alert: 'ManagedVMFileSystemFull',
    world: inUse(91),
    minute: 4,
    fires: [],
  },
  {
    name: 'a file system with room and without inodes',
    alert: 'ManagedVMFileSystemFull',
    world: { [series.fileSystem('files_free')]: used(95) },
    minute: 5,
    fires: [root],
  },
  {
    name: 'a file system that counts no inodes',
    alert: 'ManagedVMFileSystemFull',
    world: { [series.fileSystem('files')]: constant(0), [series.fileSystem('files_free')]: constant(0), ...inUse(95) },
    minute: 5,
    fires: [root],
  },
  {
    name: 'a full read-only file system',
    alert: 'ManagedVMFileSystemFull',
    world: { ...inUse(100), [series.fileSystem('readonly')]: constant(1) },
    minute: 60,
    fires: [],
  },
  {
    name: 'a full image of a package',
    alert: 'ManagedVMFileSystemFull',
    world: {
      [series.fileSystem('size_bytes', '/snap/core', 'squashfs')]: constant(1000),
      [series.fileSystem('avail_bytes', '/snap/core', 'squashfs')]: constant(0),
    },
    minute: 60,
    fires: [],
  },
  {
    name: 'a Windows volume at 95 %',
    alert: 'ManagedVMFileSystemFull',
    world: { ...windowsGuest, [series.volume('size')]: constant(1000), [series.volume('free')]: used(95) },
    minute: 60,
    fires: [{ mountpoint: 'C:' }],
  },
  {
    name: 'a full recovery partition of Windows',
    alert: 'ManagedVMFileSystemFull',
    world: {
      ...windowsGuest,
      [series.volume('size', 'HarddiskVolume1')]: constant(1000),
      [series.volume('free', 'HarddiskVolume1')]: constant(1),
    },
    minute: 60,
    fires: [],
  },

  {
    name: 'a file system with 85 % of its inodes in use',
    alert: 'ManagedVMFileSystemAlmostFull',
    world: { [series.fileSystem('files_free')]: used(85) },
    minute: 15,
    fires: [root],
  },

  // ManagedVMFileSystemFilling: 1000 in all, 480 free at first, so above 60 % in use from the minute in which 400 are left
  {
    name: 'a file system that fills within a day',
    alert: 'ManagedVMFileSystemFilling',
    world: { [series.fileSystem('avail_bytes')]: moving(480, -0.5) },
    minute: 225,
    fires: [root],
  },
  {
    name: 'a file system that has been filling for less than an hour',
    alert: 'ManagedVMFileSystemFilling',
    world: { [series.fileSystem('avail_bytes')]: moving(480, -0.5) },
    minute: 215,
    fires: [],
  },
  {
    name: 'a file system that fills within two days',
    alert: 'ManagedVMFileSystemFilling',
    world: { [series.fileSystem('avail_bytes')]: moving(390, -0.15) },
    minute: 590,
    fires: [],
  },
  {
    name: 'a file system that fills fast and is half empty',
    alert: 'ManagedVMFileSystemFilling',
    world: { [series.fileSystem('avail_bytes')]: moving(1000, -1) },
    minute: 599,
    fires: [],
  },
  {
    name: 'a file system that is fuller than it was, and still',
    alert: 'ManagedVMFileSystemFilling',
    world: inUse(75),
    minute: 590,
    fires: [],
  },
  {
    name: 'a Windows volume that fills within a day',
    alert: 'ManagedVMFileSystemFilling',
    world: { ...windowsGuest, [series.volume('size')]: constant(1000), [series.volume('free')]: moving(480, -0.5) },
    minute: 300,
    fires: [{ mountpoint: 'C:' }],
  },
  {
    name: 'a file system that took one large file',
    alert: 'ManagedVMFileSystemFilling',
    world: { [series.fileSystem('avail_bytes')]: `410x360 410-0.33x60 390x180` },
    minute: 450,
    fires: [],
  },

  // Alerts on promises
  ...promise('ManagedVMDiskLost', 1, ['Provisioned', 'False', 'DiskLost'], [['Provisioned', 'Unknown', 'DiskPending']]),
  ...promise('ManagedVMKeysLost', 1, ['Ready', 'False', 'KeysLost'], [['Ready', 'False', 'KeysPending']]),
  ...promise(
    'ManagedVMBackupOverdue',
    15,
    ['BackupCompliant', 'False', 'RecoveryPointTooOld'],
    [
      ['BackupCompliant', 'Unknown', 'NoBackupYet'],
      ['BackupCompliant', 'False', 'PolicyNotFound'],
    ],
  ),
  ...promise(
    'ManagedVMStalled',
    15,
    ['Stalled', 'True', 'ImportFailed'],
    [
      ['Stalled', 'True', 'OperatingSystemNotFound'],
      ['Stalled', 'True', 'ServiceLevelNotOffered'],
      ['Stalled', 'True', 'DeletionBlocked'],
      ['Stalled', 'True', 'DiskLost'],
      ['Reconciling', 'True', 'Importing'],
    ],
  ),
  ...promise(
    'ManagedVMDeletionStuck',
    5,
    ['Stalled', 'True', 'DeletionBlocked'],
    [['Reconciling', 'True', 'Deleting']],
  ),
  ...promise(
    'ManagedVMUnsupported',
    60,
    ['Supported', 'False', 'SupportEnded'],
    [['Supported', 'True', 'SupportEndsSoon']],
  ),
  ...promise(
    'ManagedVMNotMonitored',
    15,
    ['Monitored', 'False', 'RulesNotEvaluated'],
    [
      ['Monitored', 'False', 'GuestNotScraped'],
      ['Monitored', 'Unknown', 'PrometheusSilent'],
    ],
  ),
  {
    name: 'a promise without an alert of its own that is broken',
    alert: 'ManagedVMPromiseBroken',
    world: { [series.condition('PatchCompliant', 'False', 'PatchesOverdue')]: constant(1) },
    minute: 60,
    fires: [{ type: 'PatchCompliant' }],
  },
  {
    name: 'a promise that has an alert of its own',
    alert: 'ManagedVMPromiseBroken',
    world: { [series.condition('BackupCompliant', 'False', 'RecoveryPointTooOld')]: constant(1) },
    minute: 90,
    fires: [],
  },
  {
    name: 'AP-6: a backup that was ordered at a level without monitoring',
    alert: 'ManagedVMBackupOverdue',
    world: {
      [series.info]: undefined,
      [series.infoOfStandby]: undefined,
      [series.condition('BackupCompliant', 'False', 'RecoveryPointTooOld')]: constant(1),
    },
    minute: 15,
    fires: [{ service_level: '', os_family: '' }],
  },
  {
    name: 'a reason that changes while the promise stays broken',
    alert: 'ManagedVMBackupOverdue',
    world: {
      [series.condition('BackupCompliant', 'False', 'RecoveryPointTooOld')]: `1x9 _x${SPAN}`,
      [series.condition('BackupCompliant', 'False', 'StorageLocationUnavailable')]: `_x9 1x${SPAN}`,
    },
    minute: 15,
    fires: [{}],
  },
  {
    name: 'two replicas that both tell of the VM during a change of leader',
    alert: 'ManagedVMUnsupported',
    world: {
      [series.condition('Supported', 'False', 'SupportEnded')]: constant(1),
      [series.condition('Supported', 'False', 'SupportEnded').replace('steward-0', 'steward-1')]: constant(1),
    },
    minute: 60,
    fires: [{}],
  },
  {
    name: 'a policy whose storage cannot be reached',
    alert: 'BackupPolicyNotInForce',
    world: { [series.condition('Ready', 'False', 'StorageLocationUnavailable', 'BackupPolicy', 'daily')]: constant(1) },
    minute: 30,
    fires: [{ namespace: 'acme', name: 'daily' }],
  },
  {
    name: 'a policy whose schedule its writer has to correct',
    alert: 'BackupPolicyNotInForce',
    world: { [series.condition('Ready', 'False', 'InvalidSchedule', 'BackupPolicy', 'daily')]: constant(1) },
    minute: 60,
    fires: [],
  },
  {
    name: 'a policy that is not in force for less than 30 minutes',
    alert: 'BackupPolicyNotInForce',
    world: { [series.condition('Ready', 'False', 'StorageLocationUnavailable', 'BackupPolicy', 'daily')]: constant(1) },
    minute: 29,
    fires: [],
  },
  {
    name: 'an entry of the catalogue whose end of support is no date',
    alert: 'OperatingSystemNotReady',
    world: { [series.condition('Ready', 'False', 'InvalidLifeCycle', 'OperatingSystem', 'debian-13')]: constant(1) },
    minute: 15,
    fires: [{ name: 'debian-13' }],
  },
  {
    name: 'a VM with that system, which is not the entry',
    alert: 'OperatingSystemNotReady',
    world: { [series.condition('Ready', 'False', 'Importing')]: constant(1) },
    minute: 60,
    fires: [],
  },
  {
    name: 'no replica at all',
    alert: 'StewardAbsent',
    world: { [series.leading]: undefined, [series.standby]: undefined },
    minute: 10,
    fires: [{}],
  },
  {
    name: 'replicas of which none leads',
    alert: 'StewardAbsent',
    world: { [series.leading]: constant(0) },
    minute: 10,
    fires: [{}],
  },
  {
    name: 'a change of leader',
    alert: 'StewardAbsent',
    world: { [series.leading]: `1x10 0x${SPAN}`, [series.standby]: `0x12 1x${SPAN}` },
    minute: 30,
    fires: [],
  },
  {
    name: 'another operator that leads, and not Steward',
    alert: 'StewardAbsent',
    world: {
      [series.leading]: undefined,
      [series.standby]: undefined,
      [series.leading.replace('name="steward"', 'name="other"')]: constant(1),
    },
    minute: 10,
    fires: [{}],
  },
];

type Condition = readonly [type: string, status: string, reason: string];

/** An alert on a condition of a VM: when it fires, that it waits as long as it says, and for which conditions it stays silent. */
function promise(alert: string, minutes: number, fires: Condition, silent: readonly Condition[]): readonly Situation[] {
  const of = (condition: Condition): Situation['world'] => ({ [series.condition(...condition)]: constant(1) });
  const name = (condition: Condition): string => `a VM that reads ${condition.join('/')}`;
  return [
    { name: name(fires), alert, world: of(fires), minute: minutes, fires: [{}] },
    { name: `${name(fires)}, for less`, alert, world: of(fires), minute: minutes - 1, fires: [] },
    ...silent.map(each => ({ name: name(each), alert, world: of(each), minute: minutes + 30, fires: [] })),
  ];
}
