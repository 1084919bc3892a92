/** What customers and the provider order in these tests. */
import type { KubeObject } from '../../../hack/testbed/client/client.ts';

type Fields = Readonly<Record<string, unknown>>;
export type Order = KubeObject & { readonly spec: Fields };

const apiVersion = 'managed.systems/v1alpha1';

const debian = {
  family: 'Linux',
  distribution: 'Debian',
  version: '13',
  packageManager: 'apt',
  image: { http: { url: 'https://images.example/debian-13.qcow2' } },
  preference: 'debian',
  defaults: { cpu: 1, memory: '2Gi', rootDisk: '20Gi' },
  lifeCycle: { endOfSupport: '2099-08-09' },
  serviceLevels: ['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'],
};

const cache = {
  ...{ displayName: 'Valkey', vendor: 'Valkey', levels: ['Basic', 'Advanced', 'Expert'], supportedBy: 'Vendor' },
  lines: [{ name: '8', endOfSupport: '2099-03-31', operatingSystems: [{ name: 'debian-13' }] }],
  steps: [
    { name: 'packages', package: { names: ['valkey-server'] } },
    { name: 'server', unit: { name: 'valkey-server.service' } },
  ],
  probes: [{ name: 'answers', command: { run: ['valkey-cli', '-e', 'ping'], output: 'PONG' } }],
};

const database = {
  ...{ displayName: 'Database', vendor: 'Nobody', levels: ['Basic', 'Expert'], supportedBy: 'Vendor' },
  parameters: [{ name: 'work_mem', type: 'Integer', default: '4', minimum: 1, maximum: 64, apply: 'Reload' }],
  interface: { port: 5432, type: 'postgresql', uri: 'postgresql', username: 'app', database: 'app' },
  steps: [
    { name: 'packages', package: { names: ['database-{{ line }}'] } },
    {
      name: 'settings',
      file: {
        ...{ path: '/etc/database/settings.conf', format: 'PostgreSQL' },
        ...{ unit: 'database.service', onChange: 'Reload' },
        content: 'work_mem = {{ parameters.work_mem }}\n',
      },
    },
    { name: 'unit', unit: { name: 'database.service' } },
    { name: 'login', database: { engine: 'PostgreSQL', role: 'app' } },
    { name: 'database', database: { engine: 'PostgreSQL', database: { name: 'app', owner: 'app' } } },
    { name: 'exporter-port', firewallPort: { port: 9187 } },
  ],
  probes: [{ name: 'transaction', sql: { engine: 'PostgreSQL' } }],
  monitoring: {
    outside: { protocol: 'TCP' },
    exporter: { port: 9187, prefixes: ['pg_'], metrics: ['pg_scrape_collector_success'] },
  },
};

const windows = {
  ...debian,
  family: 'Windows',
  distribution: 'Windows Server',
  version: '2025',
  packageManager: 'WindowsUpdate',
  preference: 'windows.2k25.virtio',
  defaults: { cpu: 2, memory: '4Gi', rootDisk: '60Gi' },
  serviceLevels: ['Admin', 'AdvancedMonitoringAndPatching'],
};

export function linuxSystem(name: string, spec: Fields = {}): Order {
  return { apiVersion, kind: 'OperatingSystem', metadata: { name }, spec: { ...debian, ...spec } };
}

export function windowsSystem(name: string, spec: Fields = {}): Order {
  return { apiVersion, kind: 'OperatingSystem', metadata: { name }, spec: { ...windows, ...spec } };
}

/** A cache that needs neither login nor settings. */
export function offeredCache(name: string, spec: Fields = {}): Order {
  return { apiVersion, kind: 'Product', metadata: { name }, spec: { ...cache, ...spec } };
}

/** An order of it. */
export function orderedCache(namespace: string, name: string, offered: string, vm: string, spec: Fields = {}): Order {
  const ordered = { product: offered, line: '8', serviceLevel: 'Expert', managedVMs: [vm] };
  return { apiVersion, kind: 'ManagedApplication', metadata: { name, namespace }, spec: { ...ordered, ...spec } };
}

/** A database with a login and one setting, whose performance is measured and which is asked from outside. */
export function offeredDatabase(name: string, system: string, spec: Fields = {}): Order {
  const lines = [{ name: '17', endOfSupport: '2099-01-01', operatingSystems: [{ name: system }] }];
  return { apiVersion, kind: 'Product', metadata: { name }, spec: { ...database, lines, ...spec } };
}

/** An order of it. */
export function orderedDatabase(
  namespace: string,
  name: string,
  offered: string,
  vm: string,
  spec: Fields = {},
): Order {
  const ordered = { product: offered, line: '17', serviceLevel: 'Expert', managedVMs: [vm] };
  return { apiVersion, kind: 'ManagedApplication', metadata: { name, namespace }, spec: { ...ordered, ...spec } };
}

const daily = {
  tiers: [{ name: 'daily', schedule: '0 1 * * *', retention: '720h' }],
  ...{ recoveryPointObjective: '26h', timeZone: 'Europe/Berlin' },
};

/** One tier, daily at one, with an objective that leaves the backup time. */
export function dailyPolicy(namespace: string, name: string, spec: Fields = {}): Order {
  return { apiVersion, kind: 'BackupPolicy', metadata: { name, namespace }, spec: { ...daily, ...spec } };
}

/** The same, as the provider's. */
export function standardBackups(name: string, spec: Fields = {}): Order {
  return { apiVersion, kind: 'ClusterBackupPolicy', metadata: { name }, spec: { ...daily, ...spec } };
}

/** Regular hours of the service description (GE-5). */
export function regularHours(name: string, spec: Fields = {}): Order {
  const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'];
  const regular = {
    timeZone: 'Europe/Berlin',
    coreHours: [{ days, from: '09:00', to: '18:00' }],
    holidays: { region: 'DE-NI' },
  };
  return { apiVersion, kind: 'ServiceCalendar', metadata: { name }, spec: { ...regular, ...spec } };
}

/** Numbers of the level that `machine` orders, counted in the hours of a ServiceCalendar. */
export function advancedPlan(name: string, calendarRef: string, spec: Fields = {}): Order {
  const target = (response: string, resolution: string) => ({ response, resolution });
  const priorities = {
    ...{ P1: target('30m', '4h'), P2: target('1h', '8h'), P3: target('4h', '24h'), P4: target('8h', '72h') },
  };
  const advanced = {
    serviceLevel: 'AdvancedMonitoringAndPatching',
    validFrom: '2020-01-01',
    calendarRef,
    availability: { target: '99.9' },
    incidents: { priorities },
    patching: { deadlines: { Critical: '72h', Important: '336h', Other: '720h' } },
    prices: { currency: 'EUR', perMonth: '49.00', effortPerHour: '120.00' },
  };
  return { apiVersion, kind: 'ServicePlan', metadata: { name }, spec: { ...advanced, ...spec } };
}

/** The same, with restores at a price, to be done within four hours: a standard service, to which nobody agrees one by one. */
export function restoringPlan(name: string, calendarRef: string): Order {
  const backup = { recoveryPointObjective: '26h', recoveryTimeObjective: '4h' };
  const onDemand = [{ service: 'Restore', price: '90.00' }];
  const prices = { currency: 'EUR', perMonth: '49.00', effortPerHour: '120.00', onDemand };
  return advancedPlan(name, calendarRef, { prices, backup });
}

/** A customer with one contact, to whom a plan applies since 2020. */
export function contractOf(name: string, namespaces: readonly string[], plan: string, spec: Fields = {}): Order {
  const agreed = {
    customer: 'ACME GmbH',
    namespaces,
    billingId: '10042',
    contacts: [{ name: 'anna', email: 'anna@acme.example', roles: ['Approver', 'Technical'] }],
    plans: [{ level: 'AdvancedMonitoringAndPatching', plan, from: '2020-01-01' }],
  };
  return { apiVersion, kind: 'Contract', metadata: { name }, spec: { ...agreed, ...spec } };
}

/** A night each week in which a customer lets his systems be worked on. */
export function weeklyWindow(namespace: string, name: string, spec: Fields = {}): Order {
  const weekly = { schedule: '0 2 * * 2', timeZone: 'Europe/Berlin', duration: '4h', cutoff: '45m' };
  return { apiVersion, kind: 'MaintenanceWindow', metadata: { name, namespace }, spec: { ...weekly, ...spec } };
}

/** Individual planning in one window. */
export function ownPatches(namespace: string, name: string, windowRef: string, spec: Fields = {}): Order {
  return { apiVersion, kind: 'PatchPolicy', metadata: { name, namespace }, spec: { windowRefs: [windowRef], ...spec } };
}

/** The provider's standard of patching: every night, a canary of his own first. */
export function standardPatches(name: string, spec: Fields = {}): Order {
  const standard = {
    namespaceSelector: {},
    windows: [{ name: 'nightly', schedule: '0 3 * * *', timeZone: 'Europe/Berlin', duration: '2h', cutoff: '30m' }],
    rings: [
      { name: 'canary', namespaces: ['provider'] },
      { name: 'production', gate: { maxFailures: '5%' } },
    ],
  };
  return { apiVersion, kind: 'ClusterPatchPolicy', metadata: { name }, spec: { ...standard, ...spec } };
}

/** A change of a VM at any time, to which the customer of `contractOf` must agree. */
export function changeOf(namespace: string, name: string, vm: string, spec: Fields = {}): Order {
  const planned = {
    title: 'Grow the data disk',
    class: 'Normal',
    target: { kind: 'ManagedVM', name: vm },
    plan: ['Set spec.disks[data].size to 8Gi', 'Grow the file system'],
    reason: 'The disk is 91 % full',
    risk: { rating: 'Low', reasons: ['Done many times'] },
    wayBack: 'None: a disk does not shrink',
    agreement: { parties: [{ party: 'Customer' }] },
    requestedBy: 'kim',
  };
  return { apiVersion, kind: 'ChangeRequest', metadata: { name, namespace }, spec: { ...planned, ...spec } };
}

/** That the contact of `contractOf` agrees to a plan. */
export function decisionOn(
  namespace: string,
  name: string,
  changeRef: string,
  planHash: string,
  spec: Fields = {},
): Order {
  const yes = { changeRef, planHash, party: 'Customer', decision: 'Approve', decidedBy: 'anna' };
  return { apiVersion, kind: 'Approval', metadata: { name, namespace }, spec: { ...yes, ...spec } };
}

/** Work on a VM by effort. */
export function workOrder(namespace: string, name: string, vm: string, spec: Fields = {}): Order {
  const custom = {
    service: 'Custom',
    target: { kind: 'ManagedVM', name: vm },
    reason: 'Christmas trade',
    description: 'Make the kernel take many connections',
    requestedBy: 'tom',
  };
  return { apiVersion, kind: 'ServiceRequest', metadata: { name, namespace }, spec: { ...custom, ...spec } };
}

/** An incident as the receiver of alerts opens it: proven, a quarter of an hour old, of an alert that came three times. */
export function incidentOf(
  namespace: string,
  name: string,
  vm: string,
  uid: string,
  alert: string,
  spec: Fields = {},
): Order {
  const ago = (minutes: number) => `${new Date(Date.now() - minutes * 60_000).toISOString().slice(0, 19)}Z`;
  const startsAt = ago(15);
  const signals = [12, 9, 6, 3].map((minutes, index) => ({ at: ago(minutes), firing: index % 2 === 1 }));
  const seen = {
    subject: { kind: 'ManagedVM', name: vm, uid },
    alert: {
      ...{
        name: alert,
        fingerprint: 'a1b2c3d4e5f60718',
        startsAt,
        severity: 'critical',
        summary: `${vm} does not work`,
      },
      labels: [
        { name: 'alertname', value: alert },
        { name: 'namespace', value: namespace },
        { name: 'managed_vm', value: vm },
      ],
    },
    detectedAt: startsAt,
    signals,
    proof: { verdict: 'Proven', at: startsAt, message: 'Its rule is as Steward renders it.' },
  };
  return { apiVersion, kind: 'Incident', metadata: { name, namespace }, spec: { ...seen, ...spec } };
}

/** An incident as a person reports it. */
export function reportOf(namespace: string, name: string, vm: string, spec: Fields = {}): Order {
  const told = { subject: { kind: 'ManagedVM', name: vm }, report: { by: 'anna', text: 'It does not work.' } };
  return { apiVersion, kind: 'Incident', metadata: { name, namespace }, spec: { ...told, ...spec } };
}

/** A problem as a person opens it. */
export function problemOf(
  namespace: string,
  name: string,
  vm: string,
  uid: string,
  alert: string,
  spec: Fields = {},
): Order {
  const found = {
    subject: { kind: 'ManagedVM', name: vm, uid },
    alert,
    opened: { because: 'ByHand', by: 'kim', at: '2026-01-02T00:00:00Z', reason: 'It came again and again.' },
  };
  return { apiVersion, kind: 'Problem', metadata: { name, namespace }, spec: { ...found, ...spec } };
}

/** That all disks of a VM come back to the newest point that is good. */
export function restoreOrder(namespace: string, name: string, managedVMRef: string, spec: Fields = {}): Order {
  const ordered = {
    ...{ managedVMRef, point: { latest: 'Good' }, target: { inPlace: true } },
    ...{ reason: 'corrupted orders table', requestedBy: 'testbed-admin' },
  };
  return { apiVersion, kind: 'Restore', metadata: { name, namespace }, spec: { ...ordered, ...spec } };
}

/** A monitored VM with one disk that goes with it. */
export function machine(namespace: string, name: string, spec: Fields = {}): Order {
  const ordered = {
    serviceLevel: 'AdvancedMonitoringAndPatching',
    operatingSystem: 'debian-13',
    disks: [{ name: 'root', size: '20Gi', reclaimPolicy: 'Delete' }],
  };
  return { apiVersion, kind: 'ManagedVM', metadata: { name, namespace }, spec: { ...ordered, ...spec } };
}

/** Where Velero keeps backups, as Velero leaves it when it has found the place. */
export function storageLocationOf(name: string, status: Fields = { phase: 'Available' }): Order {
  return {
    apiVersion: 'velero.io/v1',
    kind: 'BackupStorageLocation',
    metadata: { name, namespace: 'velero' },
    spec: { provider: 'aws', objectStorage: { bucket: name } },
    ...{ status },
  };
}

export const storageLocation: Order = storageLocationOf('default');
