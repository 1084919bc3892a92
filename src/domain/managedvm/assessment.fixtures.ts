import type { ChangeRequest } from '../../api/changerequest.ts';
import { type ManagedVM, ManagedVMSpec } from '../../api/managedvm.ts';
import { type OperatingSystem, OperatingSystemSpec } from '../../api/operatingsystem.ts';
import { backupPolicyOf, bounds, storageLocationOf } from '../backup/backup.fixtures.ts';
import type { BackupFacts } from '../backup/facts.ts';
import { OWNER_UID_LABEL } from '../contract/child.ts';
import type { Outcome } from '../contract/outcome.ts';
import type { GuestFacts } from '../guest/facts.ts';
import type { LiveMachine } from '../machine/facts.ts';
import { observe, type Read as ReadMachine } from '../machine/observed.ts';
import type { EventWatch, PrometheusWatch } from '../monitoring/prometheuswatch.ts';
import type { PatchingFacts } from '../patching/facts.ts';
import { patchingFactsOf } from '../patching/patching.fixtures.ts';
import type { ServiceFacts } from '../service/facts.ts';
import type { AssessInput } from './assess.ts';
import type { Facts } from './promises.ts';

export const NOW = new Date('2026-11-23T12:00:00Z');
export const UID = '3c9f0e0e-7d0e-4c7e-9a58-0c5c3f0a1b2c';
export const ALL_INSTALLED = { kubevirt: true, cdi: true, velero: true, prometheusOperator: true };
export const WATCHED: PrometheusWatch = { state: 'answers', lacks: [] };
export const UNSCRAPED: PrometheusWatch = { state: 'answers', lacks: ['scrape'] };
export const EVENTS_WATCHED: EventWatch = { state: 'answers', lacks: [] };
export const UNDECIDED: PrometheusWatch = { state: 'undecided' };
export const SILENT: PrometheusWatch = { state: 'silent', since: NOW, why: 'it cannot be reached (ECONNREFUSED)' };
export const NOTHING_INSTALLED = { kubevirt: false, cdi: false, velero: false, prometheusOperator: false };

type Loose = Record<string, unknown>;

/** What a test reads: all facts in one, with disks and claims as objects, which are shorter to write than Maps. */
export type Read = Omit<ReadMachine, 'dataVolumes' | 'claims' | 'installed'> & {
  readonly dataVolumes?: Loose;
  readonly claims?: Loose;
  readonly installed: typeof ALL_INSTALLED;
  readonly rulesPresent?: boolean;
  readonly prometheusWatch?: PrometheusWatch | undefined;
  readonly eventWatch?: EventWatch | undefined;
  readonly backup?: Partial<BackupFacts>;
  readonly guest?: Partial<GuestFacts>;
  readonly service?: Partial<ServiceFacts>;
  readonly patching?: Partial<PatchingFacts>;
  readonly changeRequests?: readonly ChangeRequest[];
};

export function managedVM(spec: Loose = {}, rest: Partial<ManagedVM> = {}): ManagedVM {
  return {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'ManagedVM',
    metadata: {
      name: 'shop-db',
      namespace: 'acme',
      uid: UID,
      generation: 3,
      creationTimestamp: '2026-11-23T11:00:00Z',
    },
    spec: ManagedVMSpec.parse({
      serviceLevel: 'AdvancedMonitoringAndPatching',
      operatingSystem: 'debian-13',
      ...spec,
    }),
    ...rest,
  };
}

export function operatingSystem(spec: Loose = {}): OperatingSystem {
  return {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'OperatingSystem',
    metadata: { name: 'debian-13' },
    spec: OperatingSystemSpec.parse({
      family: 'Linux',
      distribution: 'Debian',
      version: '13',
      packageManager: 'apt',
      image: { http: { url: 'https://cloud.debian.org/debian-13.qcow2' } },
      lifeCycle: { endOfSupport: '2028-08-09' },
      serviceLevels: ['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'],
      ...spec,
    }),
  };
}

export function condition(type: string, status: string, reason = '', message = ''): Loose {
  return { type, status, reason, message, lastTransitionTime: '2026-11-23T11:30:00Z' };
}

export const TEMPLATE = {
  architecture: 'amd64',
  domain: {
    cpu: { cores: 1, sockets: 2, threads: 1 },
    memory: { guest: '4Gi' },
    firmware: { uuid: 'c0ffee00-0000-5000-8000-000000000001', serial: UID },
    machine: { type: 'q35' },
    devices: {
      disks: [
        { name: 'root', disk: { bus: 'virtio' }, bootOrder: 1 },
        { name: 'first-boot', disk: { bus: 'virtio' } },
      ],
      interfaces: [{ name: 'default', masquerade: {}, macAddress: '02:00:00:00:00:01' }],
      rng: {},
    },
    resources: {},
  },
  networks: [{ name: 'default', pod: {} }],
  volumes: [
    { name: 'root', dataVolume: { name: 'shop-db-root' } },
    { name: 'first-boot', cloudInitNoCloud: { secretRef: { name: 'shop-db-first-boot' } } },
  ],
  evictionStrategy: 'LiveMigrateIfPossible',
  terminationGracePeriodSeconds: 180,
};

export function virtualMachine(status: Loose = {}, spec: Loose = {}, metadata: Loose = {}): Loose {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: {
      name: 'shop-db',
      namespace: 'acme',
      uid: 'vm-uid',
      generation: 1,
      labels: { [OWNER_UID_LABEL]: UID },
      ...metadata,
    },
    spec: { runStrategy: 'Always', template: { spec: TEMPLATE }, ...spec },
    status: {
      printableStatus: 'Running',
      created: true,
      ready: true,
      desiredGeneration: 1,
      observedGeneration: 1,
      conditions: [condition('Ready', 'True')],
      ...status,
    },
  };
}

/** What virt-controller and the VMI webhook make of a template (pkg/defaults of KubeVirt 1.8). */
export function instanceSpec(template: Loose = TEMPLATE): Loose {
  const spec = structuredClone(template) as typeof TEMPLATE & Loose;
  const cpu = { ...spec.domain.cpu, model: 'host-model', maxSockets: Number(spec.domain.cpu?.sockets ?? 1) * 4 };
  const memory = { ...spec.domain.memory, maxGuest: '16Gi' };
  const devices = { ...spec.domain.devices, inputs: [{ name: 'default-0', type: 'tablet', bus: 'usb' }] };
  return { ...spec, domain: { ...spec.domain, cpu, memory, devices, features: { acpi: { enabled: true } } } };
}

export function instance(status: Loose = {}, spec: Loose = instanceSpec(), metadata: Loose = {}): Loose {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: {
      name: 'shop-db',
      namespace: 'acme',
      uid: 'vmi-uid',
      creationTimestamp: '2026-11-23T11:20:00Z',
      ...metadata,
    },
    spec,
    status: {
      phase: 'Running',
      nodeName: 'node-1',
      phaseTransitionTimestamps: [{ phase: 'Running', phaseTransitionTimestamp: '2026-11-23T11:21:00Z' }],
      interfaces: [{ name: 'default', ipAddress: '10.0.0.7', ipAddresses: ['10.0.0.7', 'fe80::1'] }],
      guestOSInfo: {
        id: 'debian',
        prettyName: 'Debian GNU/Linux 13 (trixie)',
        versionId: '13',
        kernelRelease: '6.12.48',
      },
      conditions: [condition('Ready', 'True'), condition('AgentConnected', 'True')],
      ...status,
    },
  };
}

export function dataVolume(
  phase: string | undefined = 'Succeeded',
  conditions: readonly Loose[] = [],
  name = 'shop-db-root',
): Loose {
  return { metadata: { name, namespace: 'acme' }, status: { phase, conditions } };
}

export function claim(phase = 'Bound', capacity = '20Gi', requested = '20Gi', name = 'shop-db-root'): Loose {
  return {
    metadata: { name, namespace: 'acme' },
    spec: { resources: { requests: { storage: requested } } },
    status: { phase, capacity: { storage: capacity } },
  };
}

export function outcome(kind: string, action = 'unchanged', error?: Outcome['error']): Outcome {
  return { child: { kind, namespace: 'acme', name: 'shop-db' }, action, ...(error && { error }) };
}

export const ALL_APPLIED: readonly Outcome[] = [
  'Secret',
  'DataVolume',
  'VirtualMachine',
  'Service',
  'ServiceMonitor',
].map(kind => outcome(kind));

/** A VM that is in every respect as ordered, with what a test changes about it. */
export function input(
  read: Partial<Read> = {},
  rest: Partial<Omit<AssessInput, 'facts' | 'managedVM'>> = {},
): AssessInput {
  const order = read.managedVM ?? managedVM();
  return { managedVM: order, facts: factsOf({ ...read, managedVM: order }), outcomes: ALL_APPLIED, now: NOW, ...rest };
}

export function factsOf(read: Partial<Read> & Pick<Read, 'managedVM'>): Facts {
  const { installed = ALL_INSTALLED, rulesPresent = true, prometheusWatch, eventWatch, ...rest } = read;
  const { backup, guest, service, patching, changeRequests = [], ...others } = rest;
  const machine = observe({
    operatingSystem: operatingSystem(),
    virtualMachine: virtualMachine(),
    virtualMachineInstance: instance(),
    installed,
    keysPresent: true,
    permitted: {
      ...{ storageLocations: ['default'], instanceTypes: ['u1.*'], hardware: [], imageSources: [] },
      metadataPrefixes: ['app.kubernetes.io'],
    },
    ...others,
    dataVolumes: new Map(Object.entries(read.dataVolumes ?? { root: dataVolume() })),
    claims: new Map(Object.entries(read.claims ?? { root: claim() })),
  });
  return {
    machine: { ...machine, live: NOTHING_LIVE, changeRequests },
    monitoring: {
      ...{ installed: installed.prometheusOperator, rulesPresent, prometheusWatch, eventWatch, unreadable: [] },
      settings: { monitoringLabels: {}, runbookBaseURL: 'https://runbooks.example/' },
    },
    guest: { rights: undefined, record: undefined, shard: 'undecided', applications: [], unreadable: [], ...guest },
    backup: {
      ...{ policy: backupPolicyOf(), installed: installed.velero, veleroAvailable: installed.velero },
      ...{ veleroNamespace: 'velero', bounds, schedules: [], backups: [], unreadable: [] },
      policyKindInstalled: true,
      contents: () => undefined,
      storageLocation: () => storageLocationOf('Available'),
      ...backup,
    },
    patching: patchingFactsOf(patching),
    incident: { installed: true, incidents: [], unreadable: [], reception: { state: 'heard' } },
    service: { installed: true, contract: undefined, plan: () => undefined, unreadable: [], ...service },
  };
}

/** Of an assessment, for which no child is rendered. */
const NOTHING_LIVE: LiveMachine = {
  ...{ virtualMachine: undefined, dataVolumes: [], keys: undefined },
  liveDataVolumes: new Map(),
  livePVCs: new Map(),
};
