import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approval } from '../../../src/api/approval.ts';
import { backupPolicy } from '../../../src/api/backuppolicy.ts';
import { changeRequest } from '../../../src/api/changerequest.ts';
import { clusterBackupPolicy } from '../../../src/api/clusterbackuppolicy.ts';
import { clusterPatchPolicy } from '../../../src/api/clusterpatchpolicy.ts';
import { contract } from '../../../src/api/contract.ts';
import { incident } from '../../../src/api/incident.ts';
import type { KindDefinition } from '../../../src/api/kind.ts';
import { kinds } from '../../../src/api/kinds.ts';
import { maintenanceWindow } from '../../../src/api/maintenancewindow.ts';
import { managedApplication } from '../../../src/api/managedapplication.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { operatingSystem } from '../../../src/api/operatingsystem.ts';
import { patchBaseline } from '../../../src/api/patchbaseline.ts';
import { patchPolicy } from '../../../src/api/patchpolicy.ts';
import { type PatchRunSpec, patchRun } from '../../../src/api/patchrun.ts';
import { problem } from '../../../src/api/problem.ts';
import { product } from '../../../src/api/product.ts';
import { recordPage } from '../../../src/api/recordpage.ts';
import { reportPage } from '../../../src/api/reportpage.ts';
import { restore } from '../../../src/api/restore.ts';
import { serviceCalendar } from '../../../src/api/servicecalendar.ts';
import { servicePlan } from '../../../src/api/serviceplan.ts';
import { serviceReport } from '../../../src/api/servicereport.ts';
import { serviceRequest } from '../../../src/api/servicerequest.ts';
import { OCCURRENCE, runSpec } from '../../../src/domain/patching/run.fixtures.ts';
import type { Any } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { offeredCache } from '../support/orders.ts';
import { type ApiServer, collection, startApiServer } from './support/server.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await startApiServer();
});
afterAll(() => server?.stop());

const LAN = { name: 'lan', multusNetwork: 'lan' };

/** What a restart differs in from the work that is ordered otherwise here. */
const RESTART = { service: 'Restart', description: undefined };

/** A run in another occurrence. */
const occurring = (change: Partial<PatchRunSpec['occurrence']>): Spec => ({
  ...runSpec(),
  occurrence: { ...OCCURRENCE, ...change },
});

type Spec = Record<string, unknown>;

/** A page of records that begins with the first of a stream. */
function page(entries: readonly string[], more: Spec = {}): Spec {
  const head = { sequence: entries.length, hash: '0'.repeat(64), key: 'f'.repeat(64) };
  return { stream: 'contract-acme', number: 1, first: 1, head, entries, ...more };
}

/** What the canary of a policy has proven, with what a test changes about its content. */
function baseline(more: Spec = {}): Spec {
  const openssl = {
    package: 'openssl',
    version: '3.5.1-1+deb13u1',
    severity: 'Unknown',
    firstSeen: '2026-11-24T03:00:00Z',
  };
  const content = { revision: 1, changedAt: '2026-11-25T03:00:00Z', seen: 1, proven: 0, versions: [openssl], ...more };
  return { policy: { name: 'standard', uid: '1' }, operatingSystem: 'debian-13', content };
}

const daily = {
  tiers: [{ name: 'daily', schedule: '0 22 * * *', retention: '720h' }],
  recoveryPointObjective: '26h',
};

const valid = new Map<KindDefinition, Spec>([
  [managedVM, { serviceLevel: 'Admin', operatingSystem: 'debian-13' }],
  [
    operatingSystem,
    {
      family: 'Windows',
      distribution: 'Windows Server',
      version: '2025',
      packageManager: 'WindowsUpdate',
      image: { dataSource: { namespace: 'images', name: 'win2k25' } },
      lifeCycle: { endOfSupport: '2029-11-13' },
      serviceLevels: ['Admin'],
    },
  ],
  [backupPolicy, daily],
  [clusterBackupPolicy, daily],
  [product, offeredCache('cache').spec],
  [managedApplication, { product: 'cache', line: '8', serviceLevel: 'Basic', managedVMs: ['shop-db'] }],
  [maintenanceWindow, { schedule: '0 2 * * 2', duration: '4h' }],
  [patchPolicy, { windowRefs: ['tuesday-night'] }],
  [
    clusterPatchPolicy,
    {
      namespaceSelector: {},
      windows: [{ name: 'nightly', schedule: '0 3 * * *', duration: '2h' }],
      rings: [{ name: 'canary', namespaces: ['provider'] }, { name: 'production' }],
    },
  ],
  [serviceCalendar, { coreHours: [{ days: ['Monday'], from: '09:00', to: '18:00' }] }],
  [
    servicePlan,
    {
      serviceLevel: 'Admin',
      validFrom: '2026-01-01',
      calendarRef: 'lower-saxony',
      prices: { currency: 'EUR', perMonth: '15.00', effortPerHour: '120.00' },
    },
  ],
  [
    contract,
    {
      customer: 'ACME GmbH',
      namespaces: ['acme'],
      billingId: '10042',
      contacts: [{ name: 'anna', email: 'anna@acme.example', roles: ['Approver'] }],
      plans: [{ level: 'Admin', plan: 'admin-2026', from: '2026-01-01' }],
    },
  ],
  [
    restore,
    {
      ...{ managedVMRef: 'shop-db', point: { latest: 'Good' }, target: { inPlace: true } },
      ...{ reason: 'Corrupted orders table', requestedBy: 'anna' },
    },
  ],
  [recordPage, page(['{"sequence":1}'])],
  [
    reportPage,
    {
      contract: 'acme',
      month: '2026-12',
      page: 1,
      pages: 1,
      sha256: '0'.repeat(64),
      writtenAt: '2027-01-01T00:30:00Z',
      lines: ['{"a":1}'],
    },
  ],
  [
    serviceReport,
    {
      contract: { name: 'acme', uid: 'ctr-1' },
      ...{
        month: '2026-12',
        timeZone: 'Europe/Berlin',
        since: '2026-12-01',
        before: { sha256: '0'.repeat(64), last: 0 },
      },
    },
  ],
  [patchBaseline, baseline()],
  [patchRun, runSpec()],
  [
    incident,
    {
      subject: { kind: 'ManagedVM', name: 'shop-db', uid: '0a-1b' },
      alert: {
        ...{ name: 'ManagedVMDown', fingerprint: 'abcdef0123456789', severity: 'critical' },
        startsAt: '2026-12-01T11:00:00Z',
      },
      detectedAt: '2026-12-01T11:00:00Z',
      proof: { verdict: 'NotAsked', at: '2026-12-01T11:00:05Z' },
    },
  ],
  [
    changeRequest,
    {
      title: 'Grow the data disk',
      class: 'Normal',
      target: { kind: 'ManagedVM', name: 'shop-db' },
      plan: ['Set spec.disks[data].size to 200Gi'],
      reason: 'The disk is full',
      risk: { rating: 'Low', reasons: ['Done many times'] },
      window: { notBefore: '2026-12-01T20:00:00Z', notAfter: '2026-12-01T22:00:00Z' },
      wayBack: 'None: a disk does not shrink',
      agreement: { parties: [{ party: 'Customer' }] },
      requestedBy: 'kim',
    },
  ],
  [
    approval,
    {
      changeRef: 'chg-1',
      planHash: `sha256:${'0'.repeat(64)}`,
      party: 'Customer',
      decision: 'Approve',
      decidedBy: 'anna',
    },
  ],
  [
    problem,
    {
      subject: { kind: 'ManagedVM', name: 'shop-db', uid: '0a-1b' },
      alert: 'ManagedVMServiceNotRunning',
      opened: { because: 'ByHand', by: 'kim', at: '2026-12-01T20:00:00Z', reason: 'It will come back' },
    },
  ],
  [
    serviceRequest,
    {
      service: 'Custom',
      target: { kind: 'ManagedVM', name: 'shop-db' },
      reason: 'Christmas trade',
      description: 'Tune the kernel',
      requestedBy: 'anna',
    },
  ],
]);
const result = { outcome: 'Succeeded', finishedAt: '2026-12-01T21:00:00Z', by: 'kim' };
const rating = {
  ...{ incident: '0a-2c', impact: 1, urgency: 1, priority: 'P1', reason: 'It is down.' },
  ...{ scope: 'OperatingSystem', billing: 'Included' },
};
const terms = {
  plan: { name: 'advanced', revision: `sha256:${'0'.repeat(64)}` },
  ...{ response: '30m', resolution: '4h' },
};
const signal = { at: '2026-12-01T11:30:00Z', firing: false };
const proven = { verdict: 'Proven', at: '2026-12-01T11:00:05Z' };
const taken = { acknowledgedBy: 'kim' };
const noted = (text: string) => ({ notes: [{ by: 'kim', text }] });
const resolution = { outcome: 'Mended', cause: 'A full disk', by: 'kim' };
const preApprovedBy = { kind: 'BackupPolicy', name: 'daily' };
const parties = [{ party: 'Customer' }];

/** A valid object of a kind with some of its spec replaced. */
const object = (kind: KindDefinition, spec: Spec = {}, name = 'sample') => ({
  apiVersion: `${kind.group}/${kind.version}`,
  kind: kind.kind,
  metadata: { name },
  spec: { ...valid.get(kind), ...spec },
});

const monday = { days: ['Monday'], from: '09:00', to: '18:00' };
const date = '2026-12-25';
const target = (response: string, resolution: string) => ({ response, resolution });
const priorities = { P1: target('1h', '4h'), P2: target('2h', '8h'), P3: target('4h', '16h'), P4: target('8h', '32h') };
const deadlines = { Critical: '72h', Important: '336h', Other: '720h' };
/** What a level with monitoring, patching and incident handling needs. */
const monitored = {
  serviceLevel: 'MonitoringAndPatching',
  availability: { target: '99.5' },
  incidents: { priorities },
  patching: { deadlines },
};
const prices = { currency: 'EUR', perMonth: '15.00', effortPerHour: '120.00' };
const anna = { name: 'anna', email: 'anna@acme.example', roles: ['Approver'] };
const tier = { name: 'daily', schedule: '0 22 * * *', retention: '720h' };
const numbered = (count: number, entry: Spec = {}) =>
  Array.from({ length: count }, (_, index) => ({ name: `n${index}`, ...entry }));
/** Orders with one data disk that is not right: what it does, how, and the words of the refusal. */
const refusedDisks = (...wrong: [string, Spec, RegExp][]) =>
  wrong.map(([what, { name = 'data', ...disk }, why]): [string, KindDefinition, Spec, RegExp] => {
    const root = name === 'root' ? [] : [{ name: 'root' }];
    return [`a disk that ${what} (MO-1)`, managedVM, { disks: [...root, { name, size: '5Gi', ...disk }] }, why];
  });
const long = 'a'.repeat(10_000);
const longest = (count: number) =>
  Array.from({ length: count }, (_, index) => `{${String(index).padStart(8_190, 'x')}}`);
const wholeKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea';
const rsa8192 = `ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAEAQ${'Cr'.repeat(683)}`;

test.each(kinds.map(kind => [kind.plural, kind] as const))(
  '%s: the CRD is structural and served',
  async (_name, kind) => {
    const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const { body } = await server.call('GET', `${crds}/${kind.plural}.${kind.group}`);
    const { conditions } = (body as { status: { conditions: { type: string; status: string }[] } }).status;
    const met = conditions.filter(({ status }) => status === 'True').map(({ type }) => type);
    expect(met.sort()).toEqual(['Established', 'NamesAccepted']);
  },
);

test.each([...valid.keys()].map(kind => [kind.kind, kind] as const))('a valid %s is accepted', async (_name, kind) => {
  expect(await server.dryRun(kind, object(kind))).toMatchObject({ code: 201 });
});

test.each<[string, Spec]>([
  ['MO-8: an RSA key of 8192 bits', { access: { users: [{ name: 'anna', sshKeys: [`${rsa8192} anna`] }] } }],
  ['MO-12: a named instance of SQL Server', { services: ['MSSQL$SQLEXPRESS'] }],
  ['MO-12: a unit whose name systemd escapes', { services: ['dev-disk-by\\x2dlabel'] }],
])('%s is accepted', async (_name, spec) => {
  expect(await server.dryRun(managedVM, object(managedVM, spec))).toMatchObject({ code: 201 });
});

describe('refused when it is written', () => {
  test.each<[string, KindDefinition, Spec, RegExp]>([
    [
      'MO-16: a page whose head is not its last record',
      recordPage,
      page(['{}'], { head: { sequence: 2, hash: '0'.repeat(64), key: 'f'.repeat(64) } }),
      /spec\.head\.sequence: .*sequence of the last of entries/,
    ],
    [
      'MO-11: a baseline of a severity that no vendor knows',
      patchBaseline,
      baseline({
        versions: [{ package: 'openssl', version: '2', severity: 'High', firstSeen: '2026-11-24T03:00:00Z' }],
      }),
      /versions\[0\]\.severity: Unsupported value: "High"/,
    ],
    [
      'a package in a baseline that a shell would obey',
      patchBaseline,
      baseline({
        versions: [{ package: '$(reboot)', version: '2', severity: 'Low', firstSeen: '2026-11-24T03:00:00Z' }],
      }),
      /versions\[0\]\.package: .*should match/,
    ],
    [
      'MO-3: a run whose cutoff comes after its end',
      patchRun,
      occurring({ cutoff: '2026-12-02T05:00:00Z' }),
      /cutoff lies after start/,
    ],
    [
      'MO-3: a run whose cutoff is its start',
      patchRun,
      occurring({ cutoff: '2026-12-02T02:00:00Z' }),
      /cutoff lies after start/,
    ],
    [
      'a run of a moment that does not exist',
      patchRun,
      occurring({ end: '2027-02-30T20:00:00Z' }),
      /must be an instant that exists/,
    ],
    ['GE-6: a run without its change', patchRun, { ...runSpec(), change: undefined }, /spec\.change: Required value/],
    ['GE-8: a run that nobody asked for', patchRun, { ...runSpec(), askedBy: '' }, /spec\.askedBy: /],
    [
      'a package that a shell would obey',
      patchRun,
      { ...runSpec(), proven: { ring: 'canary', packages: [{ package: '$(reboot)', version: '1' }] } },
      /packages\[0\]\.package: .*should match/,
    ],
    ['a page without a record', recordPage, page([]), /spec\.entries: .*at least 1/],
    ['a record of two lines', recordPage, page(['{\n}']), /spec\.entries\[0\]: .*should match/],
    ['an unknown field', managedVM, { colour: 'blue' }, /unknown field "spec\.colour"/],
    [
      'an unknown field deep down',
      managedVM,
      { disks: [{ name: 'root', sizeGiB: 5 }] },
      /unknown field "spec\.disks\[0\]\.sizeGiB"/,
    ],
    [
      'an unknown service level',
      managedVM,
      { serviceLevel: 'Basic' },
      /spec\.serviceLevel: Unsupported value: "Basic"/,
    ],
    [
      'a disk name of 10 000 characters',
      managedVM,
      { disks: [{ name: 'root' }, { name: long, size: '1Gi' }] },
      /spec\.disks\[1\]\.name: Too long: may not be more than 20/,
    ],
    ['a system name of 10 000 characters', managedVM, { operatingSystem: long }, /spec\.operatingSystem: Too long/],
    [
      '17 disks',
      managedVM,
      { disks: [{ name: 'root' }, ...numbered(16, { size: '1Gi' })] },
      /spec\.disks: Too many: 17: must have at most 16 items/,
    ],
    [
      '9 networks',
      managedVM,
      { networks: numbered(9, { multusNetwork: 'lan' }) },
      /spec\.networks: Too many: 9: must have at most 8/,
    ],
    [
      '33 users',
      managedVM,
      { access: { users: numbered(33) } },
      /spec\.access\.users: Too many: 33: must have at most 32/,
    ],
    [
      "generation 0 of the provider's key (MO-8)",
      managedVM,
      { access: { providerKey: { generation: 0 } } },
      /spec\.access\.providerKey\.generation: Invalid value: 0: .*greater than or equal to 1/,
    ],
    [
      'who holds root in the guest (AP-9)',
      managedVM,
      { access: { soleRoot: false } },
      /unknown field "spec\.access\.soleRoot"/,
    ],
    ['33 services', managedVM, { services: numbered(33).map(({ name }) => name) }, /spec\.services: Too many: 33/],
    [
      'two disks of one name',
      managedVM,
      { disks: [{ name: 'root' }, { name: 'root' }] },
      /spec\.disks\[1\]: Duplicate value/,
    ],
    [
      'no root disk',
      managedVM,
      { disks: [{ name: 'data', size: '1Gi' }] },
      /spec\.disks: .*exactly one disk called root/,
    ],
    [
      'a data disk without a size',
      managedVM,
      { disks: [{ name: 'root' }, { name: 'data' }] },
      /spec\.disks\[1\]\.size: Required value: a data disk names its size/,
    ],
    [
      'a disk in the way of first boot',
      managedVM,
      { disks: [{ name: 'root' }, { name: 'first-boot', size: '1Gi' }] },
      /spec\.disks\[1\]\.name: .*reserved/,
    ],
    [
      'a size without a unit',
      managedVM,
      { disks: [{ name: 'root', size: '20' }] },
      /spec\.disks\[0\]\.size: .*must be from 64Mi to 64Ti, with its unit/,
    ],
    [
      'secure boot with BIOS (MO-1)',
      managedVM,
      { hardware: { firmware: { type: 'BIOS', secureBoot: true } } },
      /secureBoot and persistent are of EFI/,
    ],
    [
      'a device that no node can offer (MO-1)',
      managedVM,
      { hardware: { gpus: [{ name: 'a', deviceName: 'gpu' }] } },
      /gpus\[0\]\.deviceName: .*should match/,
    ],
    [
      'a GPU and a device of one name (MO-1)',
      managedVM,
      {
        hardware: {
          gpus: [{ name: 'a', deviceName: 'nvidia.com/x' }],
          hostDevices: [{ name: 'a', deviceName: 'intel.com/y' }],
        },
      },
      /a GPU and a host device have the same name/,
    ],
    ['consent to no VirtualMachine (MO-1)', managedVM, { adopt: {} }, /spec\.adopt\.uid: Required value/],
    [
      'a VM that is neither deleted nor let go (MO-1)',
      managedVM,
      { deletionPolicy: 'Orphan' },
      /spec\.deletionPolicy: Unsupported value: "Orphan"/,
    ],
    ...refusedDisks(
      ['plugs in root', { name: 'root', hotpluggable: true }, /hotpluggable: .*root is what the guest boots from/],
      ['is plugged into SATA', { hotpluggable: true, device: { bus: 'sata' } }, /nothing is plugged into SATA/],
      ['is a CD-ROM, and plugged in', { hotpluggable: true, cdrom: {} }, /a CD-ROM is changed in its drive/],
      ['is an empty medium', { cdrom: {} }, /a CD-ROM is never root, has a source or holds/],
      [
        'is a CD-ROM on virtio',
        { cdrom: {}, adopt: { claim: 'iso' }, device: { bus: 'virtio' } },
        /a CD-ROM drive has .* a bus that is sata or scsi/,
      ],
      [
        'is read only on SATA',
        { readOnly: true, adopt: { claim: 'old' }, device: { bus: 'sata' } },
        /QEMU has no SATA disk that is read only/,
      ],
      ['has a bus that KubeVirt lacks', { device: { bus: 'ide' } }, /bus: Unsupported value: "ide"/],
      ['has a serial with a blank', { device: { serial: 'a b' } }, /device\.serial: .*should match/],
      ['boots first, as root does', { device: { bootOrder: 1 } }, /each bootOrder is given once/],
      ['has a cache that loses data', { device: { cache: 'unsafe' } }, /cache: Unsupported value: "unsafe"/],
      [
        'has a thread of its own on SCSI',
        { device: { bus: 'scsi', dedicatedIOThread: true } },
        /only a disk on virtio can have a dedicatedIOThread/,
      ],
      ['has blocks of 1024', { device: { blockSize: { logical: 1024, physical: 4096 } } }, /512 or 4096 bytes/],
      [
        'has blocks upside down',
        { device: { blockSize: { logical: 4096, physical: 512 } } },
        /not smaller than a logical/,
      ],
      ['has no source, and says that it has', { source: {} }, /source names exactly one of/],
      [
        'has two sources',
        { source: { snapshot: { name: 'a' }, managedVM: { name: 'b', disk: 'root' } } },
        /source names exactly one of/,
      ],
      ['is a copy of whatever claim has a name', { source: { claim: { name: 'a' } } }, /claim\.uid: Required value/],
      ['is read by many only', { accessMode: 'ReadOnlyMany' }, /accessMode: Unsupported value/],
    ),
    [
      'two interfaces on the pod network',
      managedVM,
      { networks: [{ name: 'a' }, { name: 'b' }] },
      /spec\.networks: .*at most one interface on the pod network/,
    ],
    [
      'an address that is none',
      managedVM,
      { networks: [{ ...LAN, addresses: ['10.20.0.256/24'] }] },
      /spec\.networks\[0\]\.addresses\[0\]: Invalid value: "10\.20\.0\.256\/24"/,
    ],
    [
      'a default route among the routes',
      managedVM,
      { networks: [{ ...LAN, routes: [{ to: '0.0.0.0/0', via: '10.20.0.1' }] }] },
      /spec\.networks\[0\]\.routes\[0\]\.to: .*a default route is ordered by gateways/,
    ],
    [
      'a route between families',
      managedVM,
      { networks: [{ ...LAN, routes: [{ to: '10.0.0.0/8', via: 'fd00::1' }] }] },
      /spec\.networks\[0\]\.routes\[0\]\.via: .*both of IPv4 or both of IPv6/,
    ],
    [
      'two default routes',
      managedVM,
      {
        networks: [
          { ...LAN, addresses: ['10.20.0.5/24'], gateways: ['10.20.0.1'] },
          { name: 'wan', multusNetwork: 'wan', addresses: ['192.0.2.5/24'], gateways: ['192.0.2.1'] },
        ],
      },
      /spec\.networks: .*exactly one default route: only one of networks names gateways/,
    ],
    [
      'no default route',
      managedVM,
      { networks: [{ ...LAN, addresses: ['10.20.0.5/24'] }] },
      /spec\.networks: .*exactly one default route: where no interface asks DHCP, one names its gateways/,
    ],
    [
      'a gateway where DHCP gives one',
      managedVM,
      { networks: [{ ...LAN, gateways: ['10.20.0.1'] }] },
      /spec\.networks\[0\]\.gateways: .*a gateway needs an address of the same family/,
    ],
    [
      'another router of the pod network',
      managedVM,
      { networks: [{ name: 'default', addresses: ['10.0.2.2/24'], gateways: ['10.0.2.9'] }] },
      /spec\.networks\[0\]\.gateways: .*on the pod network KubeVirt gives the router of IPv4/,
    ],
    [
      'a topology of other CPUs than are ordered',
      managedVM,
      { sizing: { cpu: 8, topology: { sockets: 2, cores: 2 } } },
      /spec\.sizing\.topology: .*sockets × cores × threads of topology are as many as cpu/,
    ],
    [
      "a label of KubeVirt's",
      managedVM,
      { labels: { 'vm.kubevirt.io/name': 'another' } },
      /spec\.labels: .*names of kubevirt\.io and managed\.systems are not a customer’s/,
    ],
    [
      'an annotation without a name',
      managedVM,
      { annotations: { 'acme.example/': 'x' } },
      /spec\.annotations: .*keys are names as Kubernetes has them/,
    ],
    [
      'a proxy with a password in it',
      managedVM,
      { system: { proxy: { url: 'http://anna:secret@proxy:3128' } } },
      /spec\.system\.proxy\.url: Invalid value/,
    ],
    [
      'a certificate that is none',
      managedVM,
      { system: { caCertificates: [{ name: 'corp', certificate: 'MIIB' }] } },
      /spec\.system\.caCertificates\[0\]\.certificate: Invalid value/,
    ],
    [
      'a file of the provider where no package manager looks',
      operatingSystem,
      { packageSources: [{ path: '/etc/passwd', content: '' }] },
      /spec\.packageSources\[0\]\.path: Invalid value/,
    ],
    [
      'a download without a checksum',
      operatingSystem,
      { downloads: { exporter: { url: 'https://mirror.example/node_exporter.tar.gz' } } },
      /spec\.downloads\.exporter\.sha256: Required value/,
    ],
    [
      'a network of another namespace',
      managedVM,
      { networks: [{ name: 'a', multusNetwork: 'other/lan' }] },
      /spec\.networks\[0\]\.multusNetwork/,
    ],
    [
      'instance type and CPU',
      managedVM,
      { sizing: { instanceType: 'u1.medium', cpu: 2 } },
      /spec\.sizing: .*either instanceType or cpu and memory/,
    ],
    [
      'a warning later than the default critical threshold',
      managedVM,
      { alertThresholds: { fileSystemWarningPercent: 90 } },
      /spec\.alertThresholds: .*is less than fileSystemCriticalPercent/,
    ],
    [
      'a critical threshold before the default warning',
      managedVM,
      { alertThresholds: { fileSystemCriticalPercent: 80 } },
      /spec\.alertThresholds: .*\(MO-12\)/,
    ],
    [
      'MO-12: a threshold that nothing can exceed',
      managedVM,
      { alertThresholds: { cpuPercent: 100 } },
      /spec\.alertThresholds\.cpuPercent: Invalid value: 100: .*less than or equal to 99/,
    ],
    [
      'MO-12: an alert that would wait for longer than a day',
      managedVM,
      { alertThresholds: { pendingFor: '999999h' } },
      /spec\.alertThresholds\.pendingFor: .*at most 24h/,
    ],
    ['a service that nothing can be called', managedVM, { services: ['a"b'] }, /spec\.services\[0\]: Invalid value/],
    [
      "the provider's account as a customer's",
      managedVM,
      { access: { users: [{ name: 'steward' }] } },
      /spec\.access\.users\[0\]\.name: .*\(MO-8\)/,
    ],
    ...['default', 'backup', 'operator', 'users', 'guests', 'systemd-network', '_apt', 'ubuntu'].map(
      (name): [string, KindDefinition, Spec, RegExp] => [
        `MO-8: a user called ${name}`,
        managedVM,
        { access: { users: [{ name }] } },
        /spec\.access\.users\[0\]\.name: .*choose another name \(MO-8\)/,
      ],
    ),
    [
      'MO-8: a key that is cut off',
      managedVM,
      { access: { users: [{ name: 'anna', sshKeys: [wholeKey.slice(0, 60)] }] } },
      /spec\.access\.users\[0\]\.sshKeys\[0\]: .*is not a whole key/,
    ],
    [
      'MO-8: a key under the word of another type',
      managedVM,
      { access: { users: [{ name: 'anna', sshKeys: [wholeKey.replace('ssh-ed25519', 'ssh-rsa')] }] } },
      /spec\.access\.users\[0\]\.sshKeys\[0\]/,
    ],
    [
      'MO-7: Windows at MonitoringAndPatching',
      operatingSystem,
      { serviceLevels: ['Admin', 'MonitoringAndPatching'] },
      /spec\.serviceLevels: .*MonitoringAndPatching is for Linux \(MO-7\)/,
    ],
    [
      'a package manager of the other family',
      operatingSystem,
      { packageManager: 'apt' },
      /spec\.packageManager: .*WindowsUpdate for Windows/,
    ],
    ['an image without a source', operatingSystem, { image: {} }, /spec\.image: .*exactly one of/],
    [
      'an image with two sources',
      operatingSystem,
      { image: { registry: { url: 'docker://x' }, containerDisk: { image: 'x' } } },
      /spec\.image: .*exactly one of/,
    ],
    [
      'a day that does not exist',
      operatingSystem,
      { lifeCycle: { endOfSupport: '2029-02-30' } },
      /spec\.lifeCycle\.endOfSupport: .*must be a day that exists/,
    ],
    ...[[{}], [], ['2029-11-13'], 20291113].flatMap((endOfSupport): [string, KindDefinition, Spec, RegExp][] => [
      [
        `${JSON.stringify(endOfSupport)} for a day`,
        operatingSystem,
        { lifeCycle: { endOfSupport } },
        /spec\.lifeCycle\.endOfSupport: Invalid value: "(array|integer)"/,
      ],
    ]),
    [
      'a list for a day among others',
      serviceCalendar,
      { holidays: { additional: [{ date: [{}], name: 'Leap day' }] } },
      /additional\[0\]\.date: Invalid value: "array"/,
    ],
    [
      'AP-1: a step of two types',
      product,
      { steps: [{ name: 'a', package: { names: ['a'] }, unit: { name: 'a.service' } }] },
      /spec\.steps\[0\]: .*a step is of exactly one type/,
    ],
    [
      'AP-1: a command without a check of its own',
      product,
      { steps: [{ name: 'a', command: { run: ['/bin/a'] } }] },
      /spec\.steps\[0\]\.command\.unless: Required value/,
    ],
    [
      'AP-1: a step of a type that nobody knows',
      product,
      { steps: [{ name: 'a', shell: { script: 'reboot' } }] },
      /unknown field "spec\.steps\[0\]\.shell"|a step is of exactly one type/,
    ],
    [
      'AP-1: a Text that may be anything',
      product,
      { parameters: [{ name: 'a', type: 'Text', default: '', apply: 'Reload' }] },
      /a Text says by oneOf or pattern what it may be/,
    ],
    [
      'AP-1: a path with a value of a customer',
      product,
      { steps: [{ name: 'a', directory: { path: '/{{ parameters.a }}' } }] },
      /spec\.steps\[0\]\.directory\.path: /,
    ],
    [
      'AP-1: a parameter that no Product can have',
      managedApplication,
      { parameters: { MaxSize: 1 } },
      /spec\.parameters: .*a parameter has a name as a Product calls it/,
    ],
    ['AP-1: an exact version', managedApplication, { line: '17.12-0+deb13u1' }, /spec\.line: /],
    ['a list for the first day of a plan', servicePlan, { validFrom: [{}] }, /spec\.validFrom: Invalid value: "array"/],
    [
      'a list for the day from which a plan applies',
      contract,
      { plans: [{ level: 'Admin', plan: 'admin-2026', from: [{}] }] },
      /plans\[0\]\.from: Invalid value: "array"/,
    ],
    ['a list for a number', managedVM, { sizing: { cpu: [1] } }, /spec\.sizing\.cpu: Invalid value: "array"/],
    [
      'support that ends before it begins',
      operatingSystem,
      { lifeCycle: { released: '2025-01-01', endOfSupport: '2024-01-01' } },
      /spec\.lifeCycle\.endOfSupport: .*comes after released/,
    ],
    [
      'extended support that ends first',
      operatingSystem,
      { lifeCycle: { endOfSupport: '2029-01-01', endOfExtendedSupport: '2028-01-01' } },
      /spec\.lifeCycle\.endOfExtendedSupport: .*does not come before/,
    ],
    [
      'a time zone that does not exist',
      backupPolicy,
      { timeZone: 'Mars/Base' },
      /spec\.timeZone: .*unknown time zone Mars\/Base.*must be an IANA time zone/,
    ],
    [
      'a time zone in the wrong case',
      backupPolicy,
      { timeZone: 'europe/berlin' },
      /spec\.timeZone: .*must be an IANA time zone/,
    ],
    [
      'a cron that never fires',
      backupPolicy,
      { tiers: [{ ...tier, schedule: '0 22 30 2 *' }] },
      /spec\.tiers\[0\]\.schedule: Invalid value: "0 22 30 2 \*": never fires/,
    ],
    [
      'a cron that is none',
      backupPolicy,
      { tiers: [{ ...tier, schedule: 'every night' }] },
      /spec\.tiers\[0\]\.schedule: .*must be cron with five fields/,
    ],
    [
      'a cron with a range that does not ascend',
      backupPolicy,
      { tiers: [{ ...tier, schedule: '0 22-5 * * *' }] },
      /spec\.tiers\[0\]\.schedule: .*does not ascend/,
    ],
    [
      'no retention',
      backupPolicy,
      { tiers: [{ ...tier, retention: '0h' }] },
      /spec\.tiers\[0\]\.retention: .*longer than zero/,
    ],
    [
      'GE-14: a tier that keeps its backups for longer than any may be kept',
      backupPolicy,
      { tiers: [{ ...tier, retention: '721h' }], retention: { maximum: '720h' } },
      /spec\.tiers: .*for more than spec\.retention\.maximum/,
    ],
    [
      'AP-13: a tier that keeps its backups for less than each must be kept',
      backupPolicy,
      { tiers: [{ ...tier, retention: '719h' }], retention: { minimum: '720h' } },
      /spec\.tiers: .*for less than spec\.retention\.minimum/,
    ],
    [
      'a longest retention below the shortest',
      backupPolicy,
      { retention: { minimum: '720h', maximum: '719h' } },
      /spec\.retention\.maximum: .*must not be shorter than minimum/,
    ],
    [
      'a verification without an age',
      backupPolicy,
      { verification: { drills: '0 5 * * 0' } },
      /spec\.verification\.maxAge: Required value/,
    ],
    [
      'a recovery point objective of zero',
      backupPolicy,
      { recoveryPointObjective: '0m' },
      /spec\.recoveryPointObjective: .*longer than zero/,
    ],
    [
      '9 tiers',
      backupPolicy,
      { tiers: numbered(9, { schedule: tier.schedule, retention: '1h' }) },
      /spec\.tiers: Too many: 9: must have at most 8/,
    ],
    [
      'AP-13: a span to be avoided that begins every hour',
      backupPolicy,
      { avoid: [{ name: 'office', schedule: '0 * * * *', duration: '1h' }] },
      /spec\.avoid\[0\]\.schedule: .*a span begins at most once a day/,
    ],
    [
      'AP-13: a span to be avoided of a week',
      backupPolicy,
      { avoid: [{ name: 'freeze', schedule: '0 8 * * 1', duration: '168h' }] },
      /spec\.avoid\[0\]\.duration: .*at most 72h/,
    ],
    ['no tier', backupPolicy, { tiers: [] }, /spec\.tiers: .*at least 1/],
    ['a standard without a tier', clusterBackupPolicy, { tiers: [] }, /spec\.tiers: .*at least 1/],
    [
      'MO-4: individual planning at a level that does not include it',
      managedVM,
      { serviceLevel: 'MonitoringAndPatching', patchPolicyRef: { name: 'tuesday-night' } },
      /spec\.patchPolicyRef: .*needs AdvancedMonitoringAndPatching \(MO-4\)/,
    ],
    [
      'MO-4: a window that opens twice a day',
      maintenanceWindow,
      { schedule: '0 2,3 * * 2' },
      /spec\.schedule: .*opens at most once a day/,
    ],
    ['a window of every five minutes', maintenanceWindow, { schedule: '*/5 2 * * 2' }, /opens at most once a day/],
    ['a window of four days', maintenanceWindow, { duration: '96h' }, /spec\.duration: .*at most 72h/],
    [
      'a window in which nothing can begin',
      maintenanceWindow,
      { cutoff: '4h' },
      /spec\.cutoff: .*cutoff is shorter than duration/,
    ],
    ['a cutoff of nothing', maintenanceWindow, { cutoff: '0s' }, /spec\.cutoff: .*longer than zero/],
    ['a window on Mars', maintenanceWindow, { timeZone: 'Mars/Base' }, /spec\.timeZone: .*must be an IANA/],
    [
      'an exclusion that ends before it begins',
      maintenanceWindow,
      { exclusions: [{ from: '2026-12-15', to: '2026-12-14', reason: 'trade' }] },
      /exclusions\[0\]\.to: .*to is not before from/,
    ],
    [
      'an exclusion without a reason',
      maintenanceWindow,
      { exclusions: [{ from: '2026-12-15', to: '2026-12-16' }] },
      /exclusions\[0\]\.reason: Required/,
    ],
    [
      'a window that is over before it begins to count',
      maintenanceWindow,
      { validFrom: '2026-12-15', validUntil: '2026-12-14' },
      /spec\.validUntil: .*not before validFrom/,
    ],
    ['MO-4: a policy without a window', patchPolicy, { windowRefs: [] }, /spec\.windowRefs: .*at least 1/],
    [
      'a patch that is ripe after it is overdue',
      patchPolicy,
      {
        approve: { minimumAge: { Critical: '72h', Important: '72h', Other: '72h' } },
        deadlines: { Critical: '72h', Important: '336h', Other: '720h' },
      },
      /spec\.approve: .*ripe before it is overdue/,
    ],
    [
      'a less severe patch that is due sooner',
      patchPolicy,
      { deadlines: { Critical: '72h', Important: '48h', Other: '720h' } },
      /spec\.deadlines: .*not due before a more severe one/,
    ],
    [
      'a package withheld for ever',
      patchPolicy,
      { approve: { exclude: [{ package: 'docker-ce', reason: 'CHG-4711' }] } },
      /exclude\[0\]\.until: Required/,
    ],
    [
      'a name of a package that a shell would read',
      patchPolicy,
      { approve: { deny: ['$(id)'] } },
      /approve\.deny\[0\]: .*should match/,
    ],
    [
      'a check that no catalogue has',
      patchPolicy,
      { rings: [{ name: 'rest', gate: { checks: ['up == 1'] } }] },
      /checks\[0\]: Unsupported value: "up == 1"/,
    ],
    [
      'a customer’s ring without a selector before the last',
      patchPolicy,
      { rings: [{ name: 'first' }, { name: 'rest' }] },
      /spec\.rings: .*every ring but the last has a selector/,
    ],
    [
      'a customer’s rings that leave VMs out',
      patchPolicy,
      { rings: [{ name: 'first', selector: {} }] },
      /spec\.rings: .*the last ring takes every ManagedVM/,
    ],
    ['no VM at a time', patchPolicy, { rings: [{ name: 'rest', maxParallel: 0 }] }, /maxParallel: .*number from 1/],
    [
      'no percent at a time',
      patchPolicy,
      { rings: [{ name: 'rest', maxParallel: '0%' }] },
      /maxParallel: .*number from 1/,
    ],
    [
      'more failures than there are',
      patchPolicy,
      { rings: [{ name: 'rest', gate: { maxFailures: '101%' } }] },
      /maxFailures: .*a percentage, e\.g\. 25%/,
    ],
    [
      'MO-11: a provider without a canary',
      clusterPatchPolicy,
      { rings: [{ name: 'production' }] },
      /spec\.rings: .*at least 2/,
    ],
    [
      'MO-11: a canary that any customer could join',
      clusterPatchPolicy,
      { rings: [{ name: 'canary', selector: { matchLabels: { ring: 'canary' } } }, { name: 'production' }] },
      /spec\.rings: .*names its namespaces: labels of ManagedVMs are written by customers/,
    ],
    [
      'a provider’s rings that leave VMs out',
      clusterPatchPolicy,
      {
        rings: [
          { name: 'canary', namespaces: ['provider'] },
          { name: 'production', namespaces: ['acme'] },
        ],
      },
      /spec\.rings: .*the last ring takes every ManagedVM/,
    ],
    [
      'MO-4: a step that is text for a shell',
      patchPolicy,
      { steps: { before: [{ serviceRunning: { name: 'nginx.service; reboot' } }] } },
      /steps\.before\[0\]\.serviceRunning\.name: .*should match/,
    ],
    [
      'MO-4: a step that is two',
      patchPolicy,
      { steps: { after: [{ pathExists: { path: '/a' }, pathAbsent: { path: '/b' } }] } },
      /steps\.after\[0\]: .*a step is exactly one of/,
    ],
    [
      'a stop of that by which the guest is reached',
      clusterPatchPolicy,
      { steps: { before: [{ stopService: { name: 'sshd.service' } }] } },
      /stopService\.name: .*a service by which the guest is reached is never stopped/,
    ],
    ['a standard without a window', clusterPatchPolicy, { windows: [] }, /spec\.windows: .*at least 1/],
    [
      'a standard for namespaces that nobody can tell',
      clusterPatchPolicy,
      { namespaceSelector: { matchExpressions: [{ key: 'tier', operator: 'In' }] } },
      /matchExpressions\[0\]\.values: .*In and NotIn have values/,
    ],
    [
      'a label that is none',
      clusterPatchPolicy,
      { namespaceSelector: { matchLabels: { 'no label': 'x' } } },
      /matchLabels: .*keys are labels as Kubernetes has them/,
    ],
    ['GE-5: a calendar without core hours', serviceCalendar, { coreHours: [] }, /spec\.coreHours: .*at least 1/],
    [
      'core hours on no day',
      serviceCalendar,
      { coreHours: [{ ...monday, days: [] }] },
      /coreHours\[0\]\.days: .*at least 1/,
    ],
    [
      'core hours on a day that there is not',
      serviceCalendar,
      { coreHours: [{ ...monday, days: ['Funday'] }] },
      /coreHours\[0\]\.days\[0\]: Unsupported value: "Funday"/,
    ],
    ['25 o’clock', serviceCalendar, { coreHours: [{ ...monday, to: '25:00' }] }, /coreHours\[0\]\.to: /],
    [
      'core hours past midnight',
      serviceCalendar,
      { coreHours: [{ ...monday, from: '22:00', to: '06:00' }] },
      /coreHours\[0\]\.to: .*ends at 24:00 and is 00:00 of the next day/,
    ],
    ['core hours of no length', serviceCalendar, { coreHours: [{ ...monday, to: '09:00' }] }, /to comes after from/],
    [
      'core hours that overlap on a day',
      serviceCalendar,
      { coreHours: [monday, { days: ['Sunday', 'Monday'], from: '17:59', to: '20:00' }] },
      /spec\.coreHours: .*two entries overlap on a day of the week/,
    ],
    ['core hours twice', serviceCalendar, { coreHours: [monday, monday] }, /two entries overlap/],
    ['22 core hours', serviceCalendar, { coreHours: Array(22).fill(monday) }, /spec\.coreHours: .*at most 21/],
    [
      'a region whose holidays nobody computes',
      serviceCalendar,
      { holidays: { region: 'DE-BY' } },
      /spec\.holidays\.region: Unsupported value: "DE-BY"/,
    ],
    [
      'a holiday on a day that does not exist',
      serviceCalendar,
      { holidays: { additional: [{ date: '2026-02-29', name: 'Leap day' }] } },
      /additional\[0\]\.date: .*must be a day that exists/,
    ],
    [
      'a holiday without a name',
      serviceCalendar,
      { holidays: { additional: [{ date }] } },
      /additional\[0\]\.name: Required/,
    ],
    [
      'a holiday with a name of two lines',
      serviceCalendar,
      { holidays: { additional: [{ date, name: 'one\ntwo' }] } },
      /additional\[0\]\.name: /,
    ],
    [
      'a holiday twice',
      serviceCalendar,
      {
        holidays: {
          additional: [
            { date, name: 'one' },
            { date, name: 'two' },
          ],
        },
      },
      /additional\[1\]: Duplicate value/,
    ],
    [
      'a day both added and removed',
      serviceCalendar,
      { holidays: { region: 'DE-NI', additional: [{ date, name: 'one' }], removed: [{ date, name: 'two' }] } },
      /spec\.holidays: .*a day is both additional and removed/,
    ],
    [
      'a holiday taken away from no region',
      serviceCalendar,
      { holidays: { removed: [{ date, name: 'one' }] } },
      /spec\.holidays\.removed: .*no region is named/,
    ],
    [
      '101 holidays',
      serviceCalendar,
      {
        holidays: {
          additional: Array.from({ length: 101 }, (_, index) => ({ date: `${2100 + index}-01-02`, name: 'Day' })),
        },
      },
      /holidays\.additional: .*at most 100/,
    ],
    [
      'MO-6: a plan without times at a level that handles incidents',
      servicePlan,
      { ...monitored, incidents: undefined },
      /spec\.incidents: .*is needed at MonitoringAndPatching .*\(MO-6\)/,
    ],
    [
      'MO-3: a plan with patch deadlines at a level without patching',
      servicePlan,
      { patching: { deadlines } },
      /spec\.patching: .*no meaning at Admin/,
    ],
    [
      'days as a unit of time',
      servicePlan,
      { ...monitored, incidents: { priorities: { ...priorities, P4: target('1d', '2d') } } },
      /priorities\.P4\.response: /,
    ],
    [
      'a resolution before the response',
      servicePlan,
      { ...monitored, incidents: { priorities: { ...priorities, P1: target('1h', '30m') } } },
      /priorities\.P1\.resolution: .*not shorter than response/,
    ],
    [
      'more time for what is more urgent',
      servicePlan,
      { ...monitored, incidents: { priorities: { ...priorities, P1: target('3h', '4h') } } },
      /spec\.incidents\.priorities: .*response is no shorter for a less urgent priority/,
    ],
    [
      'a matrix upside down',
      servicePlan,
      {
        ...monitored,
        incidents: {
          priorities,
          matrix: [
            ['P3', 'P2', 'P1'],
            ['P3', 'P3', 'P3'],
            ['P4', 'P4', 'P4'],
          ],
        },
      },
      /spec\.incidents\.matrix: .*never gives a less urgent priority/,
    ],
    [
      'a matrix of two rows',
      servicePlan,
      {
        ...monitored,
        incidents: {
          priorities,
          matrix: [
            ['P1', 'P2', 'P3'],
            ['P1', 'P2', 'P3'],
          ],
        },
      },
      /spec\.incidents\.matrix: .*at least 3/,
    ],
    [
      'patches of less severity before those of more',
      servicePlan,
      { ...monitored, patching: { deadlines: { ...deadlines, Critical: '337h' } } },
      /patching\.deadlines: .*not due before a more severe one/,
    ],
    [
      'more than 100 percent',
      servicePlan,
      { ...monitored, availability: { target: '100.1' } },
      /availability\.target: /,
    ],
    ['a price without cents', servicePlan, { prices: { ...prices, perMonth: '15' } }, /prices\.perMonth: /],
    [
      'a price as a number',
      servicePlan,
      { prices: { ...prices, perMonth: 15 } },
      /prices\.perMonth: .*must be of type string/,
    ],
    [
      'MO-2: a price for what cannot be ordered',
      servicePlan,
      { prices: { ...prices, onDemand: [{ service: 'Coffee', price: '2.00' }] } },
      /onDemand\[0\]\.service: Unsupported value: "Coffee"/,
    ],
    ['a contract without a namespace', contract, { namespaces: [] }, /spec\.namespaces: .*at least 1/],
    ['a namespace twice', contract, { namespaces: ['acme', 'acme'] }, /spec\.namespaces\[1\]: Duplicate value/],
    ['GE-4: a contract without a contact', contract, { contacts: [] }, /spec\.contacts: .*at least 1/],
    ['a role that nobody has', contract, { contacts: [{ ...anna, roles: ['Boss'] }] }, /roles\[0\]: Unsupported value/],
    [
      'GE-4: two contacts who are one user',
      contract,
      { contacts: [anna, { ...anna, name: 'ben', user: 'anna' }] },
      /spec\.contacts: .*proven by the same Kubernetes user/,
    ],
    [
      'GE-4: a bridge that is a contact',
      contract,
      { contacts: [anna], bridges: [{ name: 'Tickets', user: 'anna' }] },
      /spec\.bridges: .*a bridge is no contact/,
    ],
    [
      'GE-1: two plans of one level from one day',
      contract,
      {
        plans: [
          { level: 'Admin', plan: 'one', from: date },
          { level: 'Admin', plan: 'other', from: date },
        ],
      },
      /spec\.plans: .*two plans of one level begin on the same day/,
    ],
    [
      'a plan from a day that does not exist',
      contract,
      { plans: [{ level: 'Admin', plan: 'one', from: '2026-02-30' }] },
      /plans\[0\]\.from: /,
    ],
    ['a customer in two lines', contract, { customer: 'ACME\nGmbH' }, /spec\.customer: /],
    [
      'a calendar in a zone that does not exist',
      serviceCalendar,
      { timeZone: 'Mars/Base' },
      /spec\.timeZone: .*must be an IANA/,
    ],
    [
      'GE-6: a Standard change that no policy pre-approves',
      changeRequest,
      { class: 'Standard', agreement: undefined },
      /spec\.preApprovedBy: .*names the policy that pre-approves it/,
    ],
    [
      'GE-6: a Normal change that a policy pre-approves',
      changeRequest,
      { preApprovedBy },
      /spec\.preApprovedBy: .*and no other does/,
    ],
    [
      'GE-6: a Normal change that asks nobody',
      changeRequest,
      { agreement: undefined },
      /spec\.agreement: .*says who must agree/,
    ],
    [
      'MO-14: an incident of an alert and of a person',
      incident,
      { report: { by: 'anna', text: 'It is slow' } },
      /exactly one of alert and report/,
    ],
    ['MO-14: an alert without proof', incident, { proof: undefined }, /an alert has detectedAt and proof/],
    [
      'MO-14: an alert about whatever has the name',
      incident,
      { subject: { kind: 'ManagedVM', name: 'shop-db' } },
      /an alert names its subject by uid/,
    ],
    ['GE-6: an empty agreement', changeRequest, { agreement: { parties: [] } }, /parties: .*at least 1 items/],
    [
      'a party that is asked twice',
      changeRequest,
      { agreement: { parties: [...parties, ...parties] } },
      /parties\[1\]: Duplicate value/,
    ],
    [
      'GE-6: an Emergency change without a time in which it is agreed afterwards',
      changeRequest,
      { class: 'Emergency' },
      /spec\.agreement: .*within which time after its end/,
    ],
    [
      'GE-6: a high risk to which one party agrees',
      changeRequest,
      { risk: { rating: 'High', reasons: ['No way back'] } },
      /spec\.risk\.rating: .*Provider and Customer/,
    ],
    [
      'a window that ends before it begins',
      changeRequest,
      { window: { notBefore: '2026-12-01T22:00:00Z', notAfter: '2026-12-01T20:00:00Z' } },
      /spec\.window\.notAfter: .*comes after notBefore/,
    ],
    [
      'GE-4: a postponement to before the window',
      changeRequest,
      { postponableUntil: '2026-12-01T19:00:00Z' },
      /spec\.postponableUntil: .*to after it/,
    ],
    [
      'GE-13: an acceptance of no result',
      changeRequest,
      { acceptance: { decision: 'Accept', by: 'anna' } },
      /spec\.acceptance: .*only a result/,
    ],
    [
      'MO-15: a Problem of a person with an ordinal of Steward',
      problem,
      { ordinal: 2 },
      /spec\.ordinal: .*what Steward opens has an ordinal/,
    ],
    ['a plan of 51 steps', changeRequest, { plan: Array.from({ length: 51 }, () => 'a') }, /spec\.plan: Too many: 51/],
    ['a step of two lines', changeRequest, { plan: ['one\ntwo'] }, /spec\.plan\[0\]: /],
    ['a step that turns the direction of writing', changeRequest, { plan: ['a\u202eb'] }, /spec\.plan\[0\]: /],
    [
      'an instant in another zone',
      changeRequest,
      { postponableUntil: '2026-12-02T20:00:00+01:00' },
      /postponableUntil: /,
    ],
    ['30 February', changeRequest, { postponableUntil: '2027-02-30T20:00:00Z' }, /must be an instant that exists/],
    ['a list for an instant', changeRequest, { postponableUntil: [{}] }, /postponableUntil: Invalid value: "array"/],
    ['a decision on no plan', approval, { planHash: 'sha256:0' }, /spec\.planHash: /],
    [
      'a postponement to no instant',
      approval,
      { decision: 'Postpone' },
      /spec\.until: .*belongs to the decision Postpone/,
    ],
    [
      'GE-4: a postponement by the provider',
      approval,
      { decision: 'Postpone', until: '2026-12-01T20:00:00Z', party: 'Provider' },
      /spec\.party: .*postponed by the Customer/,
    ],
    [
      'GE-6: a Contract that the customer names',
      approval,
      { party: 'Customer', contract: 'acme' },
      /spec\.contract: .*only who decides for the Provider/,
    ],
    [
      'GE-6: what Steward cannot carry out',
      changeRequest,
      { operation: 'Explode' },
      /spec\.operation: Unsupported value: "Explode"/,
    ],
    [
      'AP-13: a point by two ways',
      restore,
      { point: { latest: 'Good', name: 'b' } },
      /exactly one of latest, before and name/,
    ],
    ['AP-13: two targets', restore, { target: { inPlace: true, sandbox: true } }, /exactly one of inPlace, newName/],
    [
      'AP-13: the disks of a VM and the data of an application',
      restore,
      { managedApplicationRef: 'orders' },
      /exactly one of managedVMRef and managedApplicationRef/,
    ],
    [
      'AP-13: some disks of an application',
      restore,
      { managedVMRef: undefined, managedApplicationRef: 'orders', disks: ['root'] },
      /of an application all data are restored in place/,
    ],
    ['AP-13: no point', restore, { point: {} }, /exactly one of latest, before and name/],
    ['an unknown service', serviceRequest, { service: 'Coffee' }, /spec\.service: Unsupported value: "Coffee"/],
    [
      'custom work that is not described',
      serviceRequest,
      { description: undefined },
      /spec\.description: .*what shall be done/,
    ],
    ['a described restart', serviceRequest, { service: 'Restart' }, /spec\.description: .*no other service does/],
    [
      'GE-11: a migration to nothing',
      serviceRequest,
      { ...RESTART, service: 'Migration' },
      /spec\.operatingSystem: .*Migration names/,
    ],
    [
      'GE-11: a rebuild of another system',
      serviceRequest,
      { ...RESTART, service: 'Rebuild', operatingSystem: 'debian-14' },
      /spec\.operatingSystem: .*no other service does/,
    ],
    [
      'MO-2: a rebuild with an end',
      serviceRequest,
      { ...RESTART, service: 'Rebuild', notAfter: '2026-12-03T20:00:00Z' },
      /only a PatchRun or a Rescue has an end/,
    ],
    [
      'MO-2: a restart with an end',
      serviceRequest,
      { ...RESTART, notAfter: '2026-12-03T20:00:00Z' },
      /only a PatchRun or a Rescue has an end/,
    ],
    ['GE-6: a restart that is urgent', serviceRequest, { ...RESTART, urgent: {} }, /only a PatchRun .*is urgent/],
    [
      'a window that ends before it begins',
      serviceRequest,
      { ...RESTART, service: 'PatchRun', notBefore: '2026-12-03T20:00:00Z', notAfter: '2026-12-03T20:00:00Z' },
      /spec\.notAfter: .*comes after notBefore/,
    ],
    [
      'GE-6: a package that a shell would obey',
      serviceRequest,
      { ...RESTART, service: 'PatchRun', urgent: { packages: ['$(reboot)'] } },
      /urgent\.packages\[0\]: .*should match/,
    ],
    [
      'AP-9: an attestation that the Provider is not asked to agree to',
      changeRequest,
      {
        target: { kind: 'ManagedVM', name: 'db', uid: '0a-1b' },
        attests: { rootDisk: '0a-2c' },
        agreement: { parties: [{ party: 'Customer' }] },
      },
      /spec\.attests: .*to which he must agree/,
    ],
    [
      'GE-6: a Normal change that names what is urgent',
      changeRequest,
      { operation: 'PatchRun', urgent: {} },
      /spec\.urgent: .*an Emergency change by which Steward patches/,
    ],
    [
      'GE-6: an emergency of patches that does not say which',
      changeRequest,
      {
        operation: 'PatchRun',
        class: 'Emergency',
        agreement: { parties: [{ party: 'Provider' }], afterwardsWithin: '72h' },
      },
      /spec\.urgent: .*an Emergency change by which Steward patches/,
    ],
  ])('%s', async (_what, kind, spec, why) => {
    const { code, message } = await server.dryRun(kind, object(kind, spec));
    expect(message).toMatch(why);
    expect([400, 422]).toContain(code);
  });

  test.each<[string, KindDefinition, string, RegExp]>([
    ['a ManagedVM that starts with a digit', managedVM, '1st', /metadata\.name .*starts with a letter/],
    ['a ManagedVM with a dot', managedVM, 'shop.db', /metadata\.name .*DNS-1035/],
    ['a ManagedVM of 51 characters', managedVM, 'a'.repeat(51), /metadata\.name is at most 50/],
    ['a ManagedVM of 10 000 characters', managedVM, long, /metadata\.name/],
    ['an OperatingSystem of 64 characters', operatingSystem, 'a'.repeat(64), /metadata\.name has at most 63/],
    ['a BackupPolicy of 10 000 characters', backupPolicy, long, /metadata\.name/],
    ['a Contract of 64 characters', contract, 'a'.repeat(64), /metadata\.name has at most 63/],
    ['a Product of 64 characters', product, 'a'.repeat(64), /metadata\.name has at most 63/],
    ['a ManagedApplication of 41 characters', managedApplication, 'a'.repeat(41), /metadata\.name has at most 40/],
    ['a ServicePlan of 64 characters', servicePlan, 'a'.repeat(64), /metadata\.name has at most 63/],
  ])('the name of %s', async (_what, kind, name, why) => {
    expect(await server.dryRun(kind, object(kind, {}, name))).toMatchObject({
      code: 422,
      message: expect.stringMatching(why),
    });
  });
});

describe('a change', () => {
  const disks = (size: string | undefined, dataSize: string, storageClass?: string) => [
    { name: 'root', ...(size && { size }) },
    { name: 'data', size: dataSize, ...(storageClass && { storageClass }) },
  ];
  const before = { disks: disks('20Gi', '1Ti') };

  /** Creates an object, asks to change its spec without doing so, and removes it. */
  async function change(kind: KindDefinition, from: Spec, to: Spec) {
    const created = await server.call('POST', collection(kind), object(kind, from));
    expect(created).toMatchObject({ code: 201 });
    const path = `${collection(kind)}/sample`;
    const { metadata } = created.body as { metadata: object };
    const answer = await server.call('PUT', `${path}?dryRun=All`, { ...object(kind, to), metadata });
    await server.call('DELETE', path);
    return answer;
  }

  test.each<[string, KindDefinition, Spec, Spec, RegExp]>([
    [
      'shrinking a disk',
      managedVM,
      before,
      { disks: disks('20Gi', '1023Gi') },
      /spec\.disks: Forbidden: size only grows/,
    ],
    [
      'shrinking a disk that has moved in the list',
      managedVM,
      before,
      { disks: disks('20Gi', '5Gi').reverse() },
      /spec\.disks: Forbidden: size only grows/,
    ],
    [
      "falling back to the system's default size",
      managedVM,
      before,
      { disks: disks(undefined, '1Ti') },
      /spec\.disks: Forbidden: size only grows/,
    ],
    [
      'another storage class',
      managedVM,
      before,
      { disks: disks('20Gi', '1Ti', 'fast') },
      /spec\.disks\[1\]\.storageClass: Forbidden: storageClass is immutable/,
    ],
    [
      'another source of a disk (MO-1)',
      managedVM,
      {
        disks: [
          ...disks('20Gi', '1Ti').slice(0, 1),
          { name: 'data', size: '1Ti', source: { snapshot: { name: 'a' } } },
        ],
      },
      before,
      /spec\.disks\[1\]\.source: Forbidden: source is immutable/,
    ],
    [
      'another access mode',
      managedVM,
      before,
      { disks: [{ name: 'root', size: '20Gi', accessMode: 'ReadWriteMany' }, ...disks('20Gi', '1Ti').slice(1)] },
      /spec\.disks\[0\]\.accessMode: Forbidden: accessMode is immutable/,
    ],
    [
      'another volume mode',
      managedVM,
      { disks: [{ name: 'root', size: '20Gi', volumeMode: 'Block' }, ...disks('20Gi', '1Ti').slice(1)] },
      before,
      /spec\.disks\[0\]\.volumeMode: Forbidden: volumeMode is immutable/,
    ],
    [
      'GE-11: another operating system',
      managedVM,
      {},
      { operatingSystem: 'debian-14' },
      /spec\.operatingSystem: Forbidden: operatingSystem is immutable.*\(GE-11\)/,
    ],
    [
      'another name of the VM',
      managedVM,
      { virtualMachineName: 'one' },
      { virtualMachineName: 'two' },
      /spec\.virtualMachineName: Forbidden: virtualMachineName is immutable/,
    ],
    [
      'a name of the VM where there was none',
      managedVM,
      {},
      { virtualMachineName: 'one' },
      /spec\.virtualMachineName: Forbidden/,
    ],
    [
      'no name of the VM where there was one',
      managedVM,
      { virtualMachineName: 'one' },
      {},
      /spec\.virtualMachineName: Forbidden/,
    ],
    [
      'GE-11: another release of an OperatingSystem',
      operatingSystem,
      {},
      { version: '2028' },
      /spec\.version: Forbidden: version is immutable.*\(GE-11\)/,
    ],
    [
      'another family of an OperatingSystem',
      operatingSystem,
      {},
      { family: 'Linux', packageManager: 'apt' },
      /spec\.family: Forbidden/,
    ],
    [
      'AP-1: another product',
      managedApplication,
      {},
      { product: 'postgresql' },
      /spec\.product: Forbidden: product is immutable/,
    ],
    [
      'GE-11: another line',
      managedApplication,
      {},
      { line: '9' },
      /spec\.line: Forbidden: line is changed by an approved ChangeRequest/,
    ],
    [
      'AP-1: another VM',
      managedApplication,
      {},
      { managedVMs: ['shop-web'] },
      /spec\.managedVMs: Forbidden: managedVMs is immutable/,
    ],
    [
      'GE-1: another price in a plan',
      servicePlan,
      { prices },
      { prices: { ...prices, perMonth: '15.01' } },
      /spec: Forbidden: a plan is a published price list and never changes/,
    ],
    [
      'GE-1: a price for one thing more',
      servicePlan,
      { prices },
      { prices: { ...prices, onDemand: [{ service: 'Restore', price: '90.00' }] } },
      /spec: Forbidden: a plan is a published price list/,
    ],
    [
      'GE-8: other terms of a run',
      patchRun,
      runSpec(),
      runSpec({ updates: 'Security' }),
      /spec: Forbidden: a run is immutable: it ends under the terms it began with \(GE-8\)/,
    ],
    [
      'MO-11: a baseline that becomes that of another policy',
      patchBaseline,
      baseline(),
      { ...baseline(), policy: { name: 'standard', uid: '2' } },
      /spec\.policy: Forbidden: a baseline is of one policy and one system/,
    ],
    [
      'MO-11: a baseline that becomes that of another system',
      patchBaseline,
      baseline(),
      { ...baseline(), operatingSystem: 'debian-12' },
      /spec\.operatingSystem: Forbidden: a baseline is of one policy and one system/,
    ],
    [
      'MO-16: a record that is changed on its page',
      recordPage,
      page(['{"a":1}', '{"b":1}']),
      page(['{"a":2}', '{"b":1}']),
      /spec\.entries: Forbidden: entries only grows at its end.*\(MO-16\)/,
    ],
    [
      'MO-16: a record that is taken off its page',
      recordPage,
      page(['{"a":1}', '{"b":1}']),
      page(['{"a":1}']),
      /spec\.entries: Forbidden: entries only grows/,
    ],
    [
      'MO-16: a record that is put before others',
      recordPage,
      page(['{"b":1}']),
      page(['{"a":1}', '{"b":1}']),
      /spec\.entries: Forbidden: entries only grows/,
    ],
    [
      'MO-16: a record that goes on where the last has ended',
      recordPage,
      page(['{"a":1}']),
      page(['{"a":1}{"b":1}']),
      /spec\.entries: Forbidden: entries only grows/,
    ],
    [
      'MO-16: a record on a page that is closed',
      recordPage,
      page(['{"a":1}'], { closed: true }),
      page(['{"a":1}', '{"b":1}'], { closed: true }),
      /spec: Forbidden: the page is closed/,
    ],
    [
      'MO-16: a closed page that is opened again',
      recordPage,
      page(['{"a":1}'], { closed: true }),
      page(['{"a":1}'], { closed: false }),
      /spec: Forbidden: the page is closed/,
    ],
    [
      'MO-16: a page that becomes one of another stream',
      recordPage,
      page(['{"a":1}']),
      page(['{"a":1}'], { stream: 'contract-b' }),
      /spec\.stream: Forbidden: stream is immutable/,
    ],
    ...(
      [
        ['class', { class: 'Standard', preApprovedBy, agreement: undefined }],
        ['target', { target: { kind: 'ManagedVM', name: 'other' } }],
        ['agreement', { agreement: { parties: [{ party: 'Provider' }] } }],
        ['requester', { requestedBy: 'lee' }],
        ['operation', { operation: 'Restart' }],
      ] as const
    ).map(
      ([what, to]) =>
        [`GE-6: another ${what} of a change`, changeRequest, {}, to, /spec: Forbidden: class, target, agreement/] as [
          string,
          KindDefinition,
          Spec,
          Spec,
          RegExp,
        ],
    ),
    [
      'GE-6: another plan of what Steward carries out itself',
      changeRequest,
      { operation: 'Restart' },
      { operation: 'Restart', plan: ['Something else'] },
      /spec: Forbidden: what Steward carries out itself it has planned/,
    ],
    [
      'GE-8: another plan once there is a result',
      changeRequest,
      { result },
      { result, plan: ['Something else'] },
      /spec: Forbidden: the result is written/,
    ],
    ...(
      [
        [
          'subject',
          { subject: { kind: 'ManagedVM', name: 'shop-web', uid: '0a-1b' } },
          /what happened is written once/,
        ],
        ['instant', { detectedAt: '2026-12-02T11:00:00Z' }, /what happened is written once/],
      ] as const
    ).map(
      ([what, to, why]) =>
        [`GE-8: another ${what} of an incident`, incident, {}, to, why] as [string, KindDefinition, Spec, Spec, RegExp],
    ),
    [
      'GE-8: another rating of an incident',
      incident,
      { rating },
      { rating: { ...rating, priority: 'P4' } },
      /ends under/,
    ],
    ['GE-8: terms that come later than the rating', incident, { rating }, { rating, terms }, /ends under the rating/],
    ['GE-8: a signal taken back', incident, { signals: [signal] }, { signals: [] }, /heard of the alert is not taken/],
    [
      'GE-8: another proof',
      incident,
      { proof: proven },
      { proof: { ...proven, verdict: 'Unproven' } },
      /answered once/,
    ],
    ['MO-14: an acknowledgement taken back', incident, { handling: taken }, { handling: {} }, /is not taken back/],
    ['MO-14: handling taken back as a whole', incident, { handling: taken }, {}, /is not taken back/],
    ['MO-14: a note that is changed', incident, { handling: noted('a') }, { handling: noted('b') }, /none is changed/],
    [
      'GE-4: what is waited for exchanged',
      incident,
      { handling: { waitingForCustomer: { reason: 'a', by: 'kim' } } },
      { handling: { waitingForCustomer: { reason: 'b', by: 'kim' } } },
      /what is waited for is not exchanged/,
    ],
    [
      'MO-14: a resolution taken away without a word',
      incident,
      { handling: { ...noted('a'), resolution } },
      { handling: noted('a') },
      /says why in a note/,
    ],
    ['GE-8: no result where there was one', changeRequest, { result }, {}, /spec: Forbidden: the result is written/],
    [
      'GE-13: another effort once the result is accepted',
      changeRequest,
      { result, acceptance: { decision: 'Accept', by: 'anna' } },
      { result: { ...result, effort: '9h' }, acceptance: { decision: 'Accept', by: 'anna' } },
      /spec: Forbidden: the result is accepted/,
    ],
    [
      'GE-13: no acceptance where there was one',
      changeRequest,
      { result, acceptance: { decision: 'Accept', by: 'anna' } },
      { result },
      /spec: Forbidden: the result is accepted/,
    ],
    ['GE-6: another decision', approval, {}, { decision: 'Reject' }, /spec: Forbidden: a decision is immutable/],
    [
      'GE-6: a decision by somebody else',
      approval,
      {},
      { decidedBy: 'ben' },
      /spec: Forbidden: a decision is immutable/,
    ],
    ...(
      [
        ['subject', { subject: { kind: 'ManagedVM', name: 'shop-db', uid: 'other' } }],
        ['alert', { alert: 'ManagedVMDown' }],
        ['no alert', { alert: undefined }],
        ['beginning', { since: '2026-12-01T20:00:00Z' }],
      ] as const
    ).map(
      ([what, to]) =>
        [
          `MO-15: another ${what} of a Problem`,
          problem,
          {},
          to,
          /spec: Forbidden: what keeps going wrong is immut/,
        ] as [string, KindDefinition, Spec, Spec, RegExp],
    ),
    ['AP-13: another restore', restore, {}, { reason: 'Other' }, /spec: Forbidden: an order of a restore is immutable/],
    ['MO-2: another order', serviceRequest, {}, { reason: 'Other' }, /spec: Forbidden: an order is immutable/],
  ])('%s is refused', async (_what, kind, from, to, why) => {
    expect(await change(kind, from, to)).toMatchObject({ code: 422, message: expect.stringMatching(why) });
  });

  test.each<[string, KindDefinition, Spec, Spec]>([
    ['growing a disk', managedVM, before, { disks: disks('30Gi', '2Ti') }],
    ['the same size in another unit', managedVM, before, { disks: disks('20480Mi', '1024Gi') }],
    ['another order of the disks', managedVM, before, { disks: before.disks.toReversed() }],
    ['one disk more', managedVM, before, { disks: [...before.disks, { name: 'logs', size: '5Gi' }] }],
    ['one disk less', managedVM, before, { disks: before.disks.slice(0, 1) }],
    ['a size where there was none', managedVM, {}, { disks: [{ name: 'root', size: '40Gi' }] }],
    ['another service level', managedVM, {}, { serviceLevel: 'AdvancedMonitoringAndPatching' }],
    ['MO-16: a record at the end of its page', recordPage, page(['{"a":1}']), page(['{"a":1}', '{"b":1}'])],
    [
      'MO-16: the longest records on a page that becomes full',
      recordPage,
      page(longest(49)),
      page(longest(50), { closed: true }),
    ],
    ['MO-15: the cause of a Problem', problem, {}, { handling: { knownError: { text: 'A leak', by: 'kim' } } }],
    ['MO-11: more that a ring has proven', patchBaseline, baseline(), baseline({ revision: 2 })],
    ['GE-6: another plan of a change', changeRequest, {}, { plan: ['Something else'] }],
    ['GE-6: a result', changeRequest, {}, { result }],
    [
      'GE-4: another window of what Steward carries out itself',
      changeRequest,
      { operation: 'Restart' },
      { operation: 'Restart', window: { notBefore: '2026-12-02T20:00:00Z' } },
    ],
    [
      'GE-2: another effort before the result is accepted',
      changeRequest,
      { result },
      { result: { ...result, effort: '9h' } },
    ],
    [
      'GE-13: acceptance after rejection',
      changeRequest,
      { result, acceptance: { decision: 'Reject', by: 'anna' } },
      { result, acceptance: { decision: 'Accept', by: 'anna' } },
    ],
    ['a later end of support', operatingSystem, {}, { lifeCycle: { endOfSupport: '2034-11-14' } }],
    ['the same plan', servicePlan, { prices }, { prices: { ...prices, billWhenStopped: true } }],
    ['GE-4: another contact', contract, {}, { contacts: [{ ...anna, name: 'ben' }] }],
  ])('%s is accepted', async (_what, kind, from, to) => {
    expect(await change(kind, from, to)).toMatchObject({ code: 200 });
  });
});

describe('GE-1, GE-8: a plan that the operator has noted as begun', () => {
  const path = `${collection(contract)}/agreed`;
  const plan = (name: string, from: string, level = 'Admin') => ({ level, plan: name, from });
  const plans = [plan('unseen', '2024-01-01'), plan('old', '2025-01-01'), plan('next', '2099-01-01')];
  const revision = `sha256:${'0'.repeat(64)}`;

  type Stored = { spec: Spec; status?: Spec };

  beforeAll(async () => {
    expect(await server.call('POST', collection(contract), object(contract, { plans }, 'agreed'))).toMatchObject({
      code: 201,
    });
    const { body } = await server.call('GET', path);
    const status = { plans: [{ ...plan('old', '2025-01-01'), revision }] };
    expect(await server.call('PUT', `${path}/status`, { ...(body as Stored), status })).toMatchObject({ code: 200 });
  });
  afterAll(() => server.call('DELETE', path));

  async function agreed(edited: readonly object[], more: Spec = {}) {
    const { body } = await server.call('GET', path);
    const stored = body as Stored;
    return await server.call('PUT', `${path}?dryRun=All`, {
      ...stored,
      spec: { ...stored.spec, ...more, plans: edited },
    });
  }

  test.each([
    ['cannot go', [plans[0], plans[2]], /has begun to apply \(status\.plans\) can neither change nor go/],
    ['cannot name another', [plan('other', '2025-01-01'), plans[2]], /can neither change nor go/],
    ['cannot begin on another day', [plan('old', '2025-01-02'), plans[2]], /can neither change nor go/],
    [
      'cannot be preceded by one that was not agreed',
      [...plans, plan('rewritten', '2024-07-01')],
      /these days have passed/,
    ],
  ])('%s', async (_what, edited, why) => {
    expect(await agreed(edited as object[])).toMatchObject({ code: 422, message: expect.stringMatching(why) });
  });

  test.each([
    ['may be followed by another', [...plans, plan('later', '2026-07-01')]],
    ['lets what is to come go', plans.slice(0, 2)],
    ['lets one that never was there be corrected', [plan('seen', '2024-01-01'), ...plans.slice(1)]],
    ['does not bind another level', [...plans, plan('x', '2020-01-01', 'MonitoringAndPatching')]],
  ])('%s', async (_what, edited) => {
    expect(await agreed(edited as object[])).toMatchObject({ code: 200 });
  });

  test.each<[string, Spec]>([
    ['day', { plans: [{ ...plan('old', '2025-01-01'), from: [{}], revision }] }],
    [
      'instant',
      { conditions: [{ type: 'Ready', status: 'True', reason: 'X', message: 'X', lastTransitionTime: [{}] }] },
    ],
  ])('has no list for a %s in its status, whoever writes it', async (_what, status) => {
    const { body } = await server.call('GET', path);
    const written = await server.call('PUT', `${path}/status?dryRun=All`, { ...(body as Stored), status });
    expect(written).toMatchObject({ code: 422, message: expect.stringMatching(/Invalid value: "array"/) });
  });

  test('leaves all else as open to edits as before', async () => {
    expect(await agreed(plans, { billingId: '4711' })).toMatchObject({ code: 200 });
  });
});

test('what is not said is filled in: defaults inside defaults too', async () => {
  const vm = await server.dryRun(managedVM, object(managedVM));
  expect(vm.body).toMatchObject({
    spec: {
      powerState: 'Running',
      disks: [{ name: 'root', reclaimPolicy: 'Retain' }],
      networks: [{ name: 'default' }],
      deletionProtection: false,
      restartPolicy: 'Manual',
    },
  });
  const calendar = await server.dryRun(serviceCalendar, object(serviceCalendar));
  expect(calendar.body).toMatchObject({ spec: { timeZone: 'Europe/Berlin' } });
  const plan = await server.dryRun(servicePlan, object(servicePlan, monitored));
  const matrix = [
    ['P1', 'P2', 'P3'],
    ['P2', 'P3', 'P4'],
    ['P3', 'P4', 'P4'],
  ];
  expect(plan.body).toMatchObject({ spec: { prices: { billWhenStopped: true }, incidents: { matrix } } });
  const agreed = await server.dryRun(contract, object(contract));
  expect(agreed.body).toMatchObject({ spec: { language: 'de', timeZone: 'Europe/Berlin' } });
  const system = await server.dryRun(operatingSystem, object(operatingSystem));
  expect(system.body).toMatchObject({ spec: { defaults: { cpu: 1, memory: '2Gi', rootDisk: '20Gi' } } });
});

describe('MO-8: an order that was stored before a rule was known', () => {
  const crd = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${managedVM.plural}.${managedVM.group}`;
  const path = `${collection(managedVM)}/elder`;
  const users = [{ name: 'backup', sshKeys: [wholeKey.slice(0, 60)] }];
  const offered = (spec: Spec) => object(managedVM, spec, 'elder');

  type Stored = { metadata: { resourceVersion: string } };

  /** Serves a version of the CRD, and waits until its rules are in force. */
  async function serve(definition: Stored, accepted: boolean): Promise<void> {
    const { metadata } = (await server.call('GET', crd)).body as Stored;
    await server.call('PUT', crd, { ...definition, metadata });
    await eventually(async () => {
      const { code } = await server.dryRun(managedVM, object(managedVM, { access: { users } }, 'another'));
      expect(code).toBe(accepted ? 201 : 422);
    });
  }

  async function edited(spec: Spec) {
    const { body } = await server.call('GET', path);
    const stored = body as { spec: Spec };
    return await server.call('PUT', `${path}?dryRun=All`, { ...stored, spec: { ...stored.spec, ...spec } });
  }

  test('stays editable, and what is new in it is held to the rule', async () => {
    const today = (await server.call('GET', crd)).body as Stored;
    const before = structuredClone(today) as Stored & Any;
    const { name, sshKeys } =
      before.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.access.properties.users.items
        .properties;
    delete name['x-kubernetes-validations'];
    sshKeys.items = { type: 'string' };
    await serve(before, true);
    expect(await server.call('POST', collection(managedVM), offered({ access: { users } }))).toMatchObject({
      code: 201,
    });
    await serve(today, false);
    expect(await edited({ powerState: 'Stopped' })).toMatchObject({ code: 200 });
    expect(await edited({ access: { users: [...users, { name: 'anna', sshKeys: [wholeKey] }] } })).toMatchObject({
      code: 200,
    });
    expect(await edited({ access: { users: [...users, { name: 'operator' }] } })).toMatchObject({ code: 422 });
    await server.call('DELETE', path);
  });
});

describe('GE-11: the system of an order', () => {
  const path = `${collection(managedVM)}/moved`;
  const newRoot = (phase: string, operation = 'Migration') => ({
    change: { name: 'newer', uid: 'c0ffee' },
    ...{ operation, operatingSystem: 'debian-14', phase, since: '2026-12-01T12:00:00Z', message: 'So.' },
    ...{ before: { claim: 'a', uid: 'a' }, after: { claim: 'b', uid: 'b' } },
  });

  afterAll(() => server.call('DELETE', path));

  test('may follow a migration that was accepted, to its system, and to no other', async () => {
    expect(await server.call('POST', collection(managedVM), object(managedVM, {}, 'moved'))).toMatchObject({
      code: 201,
    });
    const says = async (status: object) => {
      const { body } = await server.call('GET', path);
      expect(await server.call('PUT', `${path}/status`, { ...(body as object), status })).toMatchObject({ code: 200 });
    };
    const becomes = async (operatingSystem: string) => {
      const stored = (await server.call('GET', path)).body as { spec: Spec };
      const edited = { ...stored, spec: { ...stored.spec, operatingSystem } };
      return (await server.call('PUT', `${path}?dryRun=All`, edited)).code;
    };
    expect(await becomes('debian-14')).toBe(422);
    for (const wrong of [newRoot('OnTrial'), newRoot('Accepted', 'Rebuild'), newRoot('Accepted', 'Rescue')]) {
      await says({ newRoot: wrong });
      expect(await becomes('debian-14')).toBe(422);
    }
    await says({ newRoot: newRoot('Accepted') });
    expect([await becomes('debian-14'), await becomes('debian-15'), await becomes('debian-13')]).toEqual([
      200, 422, 200,
    ]);
  });
});

describe('MO-2, GE-11: a change by which a root disk is made anew', () => {
  const target = { kind: 'ManagedVM', name: 'db', uid: 'c0ffee' };
  const window = { notBefore: '2026-12-01T10:00:00Z', notAfter: '2026-12-01T14:00:00Z' };
  const root = { operation: 'Rebuild', target, system: { from: 'debian-13', to: 'debian-13' } };

  test.each<[string, Spec, number]>([
    ['of the same system', root, 201],
    ['of no system', { ...root, system: undefined }, 422],
    ['of another system', { ...root, system: { from: 'debian-13', to: 'debian-14' } }, 422],
    ['of no incarnation', { ...root, target: { ...target, uid: undefined } }, 422],
    ['that is a migration', { ...root, operation: 'Migration', system: { from: 'debian-13', to: 'debian-14' } }, 201],
    ['that is a migration to the same', { ...root, operation: 'Migration' }, 422],
    ['that is a rescue', { ...root, operation: 'Rescue', window, system: { from: 'a', to: 'b' } }, 201],
    [
      'that is a rescue without an end',
      { ...root, operation: 'Rescue', window: undefined, system: { from: 'a', to: 'b' } },
      422,
    ],
    ['that is a restart', { ...root, operation: 'Restart' }, 422],
  ])('%s', async (_, spec, code) => {
    const created = object(changeRequest, spec, 'anew');
    const answer = await server.call('POST', `${collection(changeRequest)}?dryRun=All`, created);
    expect([answer.code, changeRequest.spec.safeParse(JSON.parse(JSON.stringify(created)).spec).success]).toEqual([
      ...[code, code === 201],
    ]);
  });
});
