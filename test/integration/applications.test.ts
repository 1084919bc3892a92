/** AP-1: ManagedApplications on a real API server, with the operator's own process; what the guest worker finds is written by the test. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEY_NAMESPACE } from '../../hack/steward/steward.ts';
import { pathOf } from '../../hack/testbed/client/path.ts';
import { changeRequest } from '../../src/api/changerequest.ts';
import { clusterPatchPolicy } from '../../src/api/clusterpatchpolicy.ts';
import { contract } from '../../src/api/contract.ts';
import { guestState } from '../../src/api/gueststate.ts';
import { maintenanceWindow } from '../../src/api/maintenancewindow.ts';
import { type ManagedApplication, managedApplication } from '../../src/api/managedapplication.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import { product } from '../../src/api/product.ts';
import { restore } from '../../src/api/restore.ts';
import { serviceCalendar } from '../../src/api/servicecalendar.ts';
import { servicePlan } from '../../src/api/serviceplan.ts';
import {
  AlertmanagerConfig,
  Probe,
  PrometheusRule,
  RoleBinding,
  Secret,
  Service,
  ServiceMonitor,
  VirtualMachineInstance,
} from '../../src/api/upstream.ts';
import { accessChangeName } from '../../src/domain/change/accesschange.ts';
import { planSecretName, sealed } from '../../src/domain/contract/applicationplan.ts';
import type { ResourceKind } from '../../src/runtime/api/object.ts';
import { agreeToChange, decideOnChange } from './support/agreement.ts';
import { type Any, conditionOf, verdictOf } from './support/api.ts';
import { type Cluster, expectNoRefusals, startCluster } from './support/cluster.ts';
import { eventually, gone, reads } from './support/eventually.ts';
import {
  advancedPlan,
  contractOf,
  linuxSystem,
  machine,
  regularHours,
  standardPatches,
  weeklyWindow,
} from './support/orders.ts';

const NAMESPACE = 'acme';
const RECEIVER = 'http://steward-receive.steward-system.svc:9095/alerts';
const ON_CALL = 'https://oncall.provider.example/alerts';
let cluster: Cluster;

const database = (name: string, spec: Record<string, unknown> = {}) => ({
  apiVersion: 'managed.systems/v1alpha1',
  kind: 'Product',
  metadata: { name },
  spec: {
    ...{ displayName: 'Database', vendor: 'Nobody', levels: ['Basic', 'Expert'], supportedBy: 'Vendor' },
    lines: ['17', '18'].map(line => ({
      ...{ name: line, endOfSupport: '2999-01-01', operatingSystems: [{ name: 'debian-13' }] },
    })),
    upgradePaths: [{ from: '17', to: '18', engine: 'PostgreSQL', expectedMinutes: 10 }],
    parameters: [
      { name: 'work_mem', type: 'Integer', default: '4', minimum: 1, maximum: 64, apply: 'Reload' },
      { name: 'shared_buffers', type: 'Integer', default: '128', minimum: 16, apply: 'Restart' },
    ],
    interface: { port: 5432, type: 'postgresql', uri: 'postgresql', username: 'app', database: 'app' },
    steps: [
      { name: 'packages', package: { names: ['database-{{ line }}'] } },
      {
        name: 'settings',
        file: {
          ...{
            path: '/etc/database/settings.conf',
            format: 'PostgreSQL',
            unit: 'database.service',
            onChange: 'Reload',
          },
          content: 'work_mem = {{ parameters.work_mem }}\n',
        },
      },
      {
        name: 'memory',
        file: {
          ...{ path: '/etc/database/memory.conf', format: 'PostgreSQL', unit: 'database.service', onChange: 'Restart' },
          content: 'shared_buffers = {{ parameters.shared_buffers }}\n',
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
    ...spec,
  },
});

const order = (name: string, vm: string, spec: Record<string, unknown> = {}) => ({
  apiVersion: 'managed.systems/v1alpha1',
  kind: 'ManagedApplication',
  metadata: { namespace: NAMESPACE, name },
  spec: { product: 'database', line: '17', serviceLevel: 'Expert', managedVMs: [vm], ...spec },
});

const found = (name: string): Promise<Any> => cluster.api.get(managedApplication, NAMESPACE, name);

/** What the guest worker is told now, as it believes it. */
async function told(name: string): Promise<Any> {
  const { metadata, status } = await found(name);
  const secret = await cluster.api.get(Secret, KEY_NAMESPACE, planSecretName(metadata.uid));
  return { plan: JSON.parse(Buffer.from(secret.data.plan, 'base64').toString()), revision: status.plan.revision };
}

/** Deleted: told as one that is taken out, in the plan and in the status, which is written after it. */
async function toldToGo(name: string): Promise<Any> {
  const before = await told(name);
  await cluster.api.remove(managedApplication, NAMESPACE, name);
  return eventually(async () => {
    const now = await told(name);
    expect(now.plan.present).toBe(false);
    expect(now.revision).not.toBe(before.revision);
    return now;
  });
}

/** Target of the change by which it is recorded who comes into the guest. */
async function accessRecorded(operation: 'WithholdAccess' | 'ReturnAccess', of: string): Promise<Any> {
  const name = accessChangeName(operation, (await found(of)) as ManagedApplication & Any);
  const { spec } = await cluster.api.get(changeRequest, NAMESPACE, name);
  expect([spec.operation, spec.class, spec.preApprovedBy.name]).toEqual([operation, 'Standard', of]);
  return spec.target;
}

const contentOf = ({ plan }: Any, step: string): string => plan.steps.find((each: Any) => each.name === step).content;

/** Of a window that has opened this minute. */
function openNow(): object {
  const now = new Date();
  const schedule = `${now.getUTCMinutes()} ${now.getUTCHours()} * * *`;
  return { schedule, timeZone: 'Etc/UTC', duration: '3h', cutoff: '1h' };
}

/** What a look into the guest finds: of each application what differs. */
async function looked(vm: string, applications: readonly object[], differences: readonly object[] = []): Promise<void> {
  const { api } = cluster;
  const { metadata } = await api.get(managedVM, NAMESPACE, vm);
  const spec = { managedVM: metadata.uid };
  if ((await api.find(guestState, NAMESPACE, vm)) === undefined)
    await api.create(guestState, { ...kindOf(guestState), metadata: { namespace: NAMESPACE, name: vm }, spec } as Any);
  await api.client.patch('merge', `${pathOf(guestState, NAMESPACE, vm)}/status`, {
    status: { applications, differences },
  });
}

const kindOf = ({ group, version, kind }: { group: string; version: string; kind: string }) => ({
  apiVersion: `${group}/${version}`,
  kind,
});

beforeAll(async () => {
  // Rights are read each few seconds then.
  cluster = await startCluster(
    {},
    {
      environment: {
        ...{ STEWARD_GUEST_INTERVAL: '40s', STEWARD_BLACKBOX_ADDRESS: 'blackbox.monitoring:9115' },
        STEWARD_ALERT_ROUTING: JSON.stringify({
          machine: { url: RECEIVER },
          people: { webhookConfigs: [{ url: ON_CALL }] },
        }),
      },
    },
  );
  const { api } = cluster;
  await api.namespace(NAMESPACE);
  await api.create(operatingSystem, linuxSystem('debian-13'));
  await api.create(product, database('database', { conflicts: ['rival'] }));
  await api.create(product, database('rival'));
  for (const name of ['shop', 'second', 'gone', 'moving', 'aging'])
    await api.create(managedVM, machine(NAMESPACE, name));
  await api.create(managedVM, machine(NAMESPACE, 'bare', { serviceLevel: 'Admin' }));
});
afterAll(() => cluster?.stop());

describe('an application that is ordered', () => {
  test('is planned, bound by its hash to the VM, whose root is the provider’s from then on (AP-1, AP-9)', async () => {
    await cluster.api.create(managedApplication, order('orders', 'shop', { parameters: { work_mem: 8 } }));
    const vm = await eventually(async () => {
      const each = await cluster.api.get(managedVM, NAMESPACE, 'shop');
      expect(each.status?.applications).toHaveLength(1);
      return each;
    });
    const { plan, revision } = await told('orders');
    expect(vm.status.applications).toEqual([{ name: 'orders', uid: plan.uid, revision }]);
    expect(vm.status.soleRoot.applications).toEqual(['orders']);
    expect(await accessRecorded('WithholdAccess', 'orders')).toMatchObject({ kind: 'ManagedVM', uid: vm.metadata.uid });
    expect(contentOf({ plan }, 'settings')).toBe('work_mem = 8\n');
    expect(plan.steps.map(({ type }: Any) => type)).toEqual([
      ...['package', 'file', 'file', 'unit', 'role', 'database', 'firewallPort'],
    ]);
  });

  test('is reached through a Service, with a login that the guest knows as a verifier only (AP-10)', async () => {
    const { api } = cluster;
    const binding = await eventually(() => api.get(Secret, NAMESPACE, 'orders-binding'));
    const text = (name: string) => Buffer.from(binding.data[name], 'base64').toString();
    expect(binding.type).toBe('servicebinding.io/postgresql');
    expect(text('uri')).toBe(`postgresql://app:${text('password')}@orders.acme.svc:5432/app`);
    const service = await api.get(Service, NAMESPACE, 'orders');
    expect(service.spec.selector).toEqual({ 'vmi.kubevirt.io/id': 'shop' });
    const { plan } = await told('orders');
    expect(plan.steps.find(({ type }: Any) => type === 'role').verifier).toMatch(/^SCRAM-SHA-256\$4096:/);
    expect(JSON.stringify(plan)).not.toContain(text('password'));
    expect((await found('orders')).status.binding).toEqual({ name: 'orders-binding' });
  });

  test('says nothing of what nobody has looked into (AP-11)', async () => {
    const { status } = await reads(cluster.api, managedApplication, NAMESPACE, 'orders', {
      Supported: 'True/Supported',
      Provisioned: 'Unknown/GuestNotReached',
      Available: 'Unknown/GuestNotReached',
      SLACompliant: 'Unknown/PromiseUnknown',
    });
    expect(conditionOf({ status }, 'SLACompliant')?.message).toMatch(/^1 of 10 promises that count at Expert are kept/);
  });

  test('is reloaded at once where that is enough, and restarted in a window (MO-4)', async () => {
    const { api } = cluster;
    await api.create(maintenanceWindow, weeklyWindow(NAMESPACE, 'sundays', { validFrom: '2100-01-01' }));
    const parameters = { work_mem: 16, shared_buffers: 512 };
    await api.edit(managedApplication, NAMESPACE, 'orders', { spec: { parameters, windowRef: 'sundays' } });
    const { status } = await eventually(async () => {
      const each = await found('orders');
      expect(each.status.pending).toHaveLength(1);
      return each;
    });
    expect(status.pending[0].what).toMatch(/^Step memory of Database changes as ordered, with a restart: /);
    const now = await told('orders');
    expect([contentOf(now, 'settings'), contentOf(now, 'memory')]).toEqual([
      'work_mem = 16\n',
      'shared_buffers = 128\n',
    ]);
    await api.edit(maintenanceWindow, NAMESPACE, 'sundays', {
      spec: { ...openNow(), validFrom: null },
    });
    await eventually(async () => expect(contentOf(await told('orders'), 'memory')).toBe('shared_buffers = 512\n'));
    await eventually(async () => expect((await found('orders')).status.pending).toBeUndefined());
  });

  test('is brought to the version that the provider designates, in a window and with its port closed (AP-2)', async () => {
    const { api } = cluster;
    await api.edit(maintenanceWindow, NAMESPACE, 'sundays', { spec: { validFrom: '2100-01-01' } });
    // By its rings: that of the VM is the last, and in the one before is no such order.
    await api.create(clusterPatchPolicy, standardPatches('standard'));
    await eventually(async () =>
      expect(((await api.get(managedVM, NAMESPACE, 'shop')) as Any).status.patching?.provenBy).toBe('standard'),
    );
    const designated = { version: '17.2-1', since: '2026-11-20' };
    const { spec: entry } = database('database');
    const lines = entry.lines.map(line =>
      line.name === '17' ? { ...line, operatingSystems: [{ name: 'debian-13', designated }] } : line,
    );
    await api.edit(product, '', 'database', {
      spec: { lines },
    });
    // What changes the plan is written at once.
    await api.edit(managedApplication, NAMESPACE, 'orders', {
      spec: { parameters: { work_mem: 17, shared_buffers: 512 } },
    });
    await eventually(async () =>
      expect((await found('orders')).status.pending?.[0]?.what).toMatch(/^Database is updated from .* to 17\.2-1, /),
    );
    const packages = async () => (await told('orders')).plan.steps[0];
    expect(await packages()).not.toHaveProperty('update');
    await api.edit(maintenanceWindow, NAMESPACE, 'sundays', { spec: { ...openNow(), validFrom: null } });
    const update = { version: '17.2-1', ports: [5432], withinSeconds: 120, notAfter: expect.any(String) };
    await eventually(async () => expect((await packages()).update).toEqual(update));
    await eventually(async () => expect((await found('orders')).status.pending).toBeUndefined());
  });

  test('that is refused later keeps what it has: a parameter that its Product does not allow', async () => {
    const { revision } = await told('orders');
    await cluster.api.edit(managedApplication, NAMESPACE, 'orders', { spec: { parameters: { work_mem: 65 } } });
    const { status } = await reads(cluster.api, managedApplication, NAMESPACE, 'orders', {
      Ready: 'False/ParameterRefused',
    });
    expect(conditionOf({ status }, 'Ready')?.message).toMatch(/^spec\.parameters\.work_mem: /);
    expect((await told('orders')).revision).toBe(revision);
    await cluster.api.edit(managedApplication, NAMESPACE, 'orders', {
      spec: { parameters: { work_mem: 16, shared_buffers: 512 } },
    });
    await eventually(async () => expect(verdictOf(await found('orders'), 'Ready')).not.toBe('False/ParameterRefused'));
  });

  test('whose login is lost is given no other one: that is state', async () => {
    const { metadata, status } = await found('orders');
    const name = `application-${metadata.uid}`;
    const secret = await cluster.api.get(Secret, KEY_NAMESPACE, name);
    await cluster.api.remove(Secret, KEY_NAMESPACE, name);
    await reads(cluster.api, managedApplication, NAMESPACE, 'orders', { Ready: 'False/CredentialsLost' });
    expect((await found('orders')).status.credentials).toEqual(status.credentials);
    const { uid: _uid, resourceVersion: _version, ...copied } = secret.metadata;
    await cluster.api.create(Secret, { ...secret, metadata: copied });
    await eventually(async () => expect(verdictOf(await found('orders'), 'Ready')).not.toBe('False/CredentialsLost'));
  });
});

/** What is said of who holds root in shop. */
const readsRoot = (wanted: string) =>
  eventually(async () => {
    const { status } = await cluster.api.get(managedVM, NAMESPACE, 'shop');
    const condition = status.conditions.find(({ type }: Any) => type === 'SoleRoot');
    expect(`${condition.status}/${condition.reason}`, condition.message).toBe(wanted);
    return condition.message as string;
  });

describe('that the provider alone holds root (AP-9)', () => {
  test('is True where the guest says so, and no right in the cluster lets the customer in from outside', async () => {
    const { api } = cluster;
    await looked('shop', [{ name: 'orders', revision: (await told('orders')).revision }]);
    const { metadata } = await api.get(managedVM, NAMESPACE, 'shop');
    const { metadata: instance } = await eventually(() => api.get(VirtualMachineInstance, NAMESPACE, 'shop'));
    const seen = {
      ...{ contact: { outcome: 'Reached', since: '2026-11-01T00:00:00Z' }, instance: instance.uid, access: [] },
      ...{ compared: metadata.generation, soleRoot: true, accounts: [] },
    };
    await api.client.patch('merge', `${pathOf(guestState, NAMESPACE, 'shop')}/status`, { status: seen });
    await readsRoot('True/RootAlone');
  });

  test('is False as long as a binding lets somebody, who is named with what he may; not the provider’s people', async () => {
    const { api } = cluster;
    const binding = (name: string, role: string) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { namespace: NAMESPACE, name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'anna' }],
    });
    await api.create(RoleBinding, binding('orders-only', 'steward-tenant-edit') as Any);
    await api.create(RoleBinding, binding('too-much', 'edit') as Any);
    const message = await readsRoot('False/RootReachable');
    expect(message).toMatch(/"User anna" may .*mount its disks in a Pod.*read its host key/);
    await api.remove(RoleBinding, NAMESPACE, 'too-much');
    await readsRoot('True/RootAlone');
  });
});

describe('a guest in which the customer was root before (AP-9)', () => {
  const attest = (name: string, rootDisk: string, uid: string) => ({
    ...{ ...kindOf(changeRequest), metadata: { namespace: NAMESPACE, name } },
    spec: {
      ...{ title: 'The root disk of shop is clean', class: 'Normal', reason: 'The customer was root before' },
      ...{ target: { kind: 'ManagedVM', name: 'shop', uid }, attests: { rootDisk } },
      plan: ['Compare all files with their packages', 'Read units, timers, PAM, modules and boot files'],
      ...{ risk: { rating: 'Low', reasons: ['Nothing is changed'] }, wayBack: 'Nothing is changed.' },
      ...{ agreement: { parties: [{ party: 'Provider' }] }, requestedBy: 'testbed-admin' },
    },
  });

  test('reads so until the provider attests this very root disk by an approved change', async () => {
    const { api } = cluster;
    const accounts = (names: readonly string[]) =>
      api.client.patch('merge', `${pathOf(guestState, NAMESPACE, 'shop')}/status`, { status: { accounts: names } });
    const vm = () => api.get(managedVM, NAMESPACE, 'shop');
    const { metadata, status } = await vm();
    await api.client.patch('merge', `${pathOf(managedVM, NAMESPACE, 'shop')}/status`, {
      status: { firstBoot: { ...status.firstBoot, at: '2020-01-01T00:00:00Z' } },
    });
    await accounts(['anna']);
    const message = await readsRoot('Unknown/FormerCustomerRoot');
    const disk = /attests root disk (\S+) by/.exec(message)?.[1] ?? '';
    await api.create(changeRequest, attest('wrong', metadata.uid, metadata.uid) as Any);
    await api.create(changeRequest, attest('clean', disk, metadata.uid) as Any);
    for (const name of ['wrong', 'clean'])
      await decideOnChange(cluster, NAMESPACE, name, { party: 'Provider', decidedBy: 'kim' });
    expect(await readsRoot('True/RootAttested')).toMatch(/The provider \(kim\) has attested at .*ChangeRequest clean/);
    expect((await vm()).status.soleRoot.attested).toMatchObject({
      by: 'kim',
      rootDisk: disk,
      change: { name: 'clean' },
    });
    await accounts([]);
    await readsRoot('True/RootAlone');
    expect((await vm()).status.soleRoot.attested).toBeUndefined();
  });
});

describe('an application that was installed', () => {
  const watcher = (kind: ResourceKind, name: string) => cluster.api.find(kind, NAMESPACE, name);
  const installed = (name: string) =>
    cluster.api.client.patch('merge', `${pathOf(managedApplication, NAMESPACE, name)}/status`, {
      status: { installed: '2026-12-01T00:00:00Z' },
    });

  test('is watched by rules of its own, and its exporter is a target (AP-5, AP-11)', async () => {
    expect(await watcher(PrometheusRule, 'orders-application')).toBeUndefined();
    await installed('orders');
    const rules = await eventually(() => cluster.api.get(PrometheusRule, NAMESPACE, 'orders-application'));
    expect(rules.spec.groups.map(({ name }: Any) => name)).toEqual([
      ...['managedapplication-minute', 'managedapplication-month', 'managedapplication-alerts'],
      ...['managedapplication-advisors', 'managedapplication-advice'],
    ]);
    const monitor = await eventually(() => cluster.api.get(ServiceMonitor, NAMESPACE, 'orders-exporter'));
    expect(monitor.spec.endpoints[0].metricRelabelings).toEqual([
      { action: 'keep', sourceLabels: ['__name__'], regex: 'pg_.+' },
    ]);
    const service = await eventually(() => cluster.api.get(Service, NAMESPACE, 'orders-exporter'));
    expect(service.spec.selector).toEqual({ 'vmi.kubevirt.io/id': 'shop' });
  });

  test('is asked from outside of its guest by a Probe, as prometheus-operator serves it, which is put back and comes anew (AP-11)', async () => {
    const { api } = cluster;
    const probe = await eventually(() => api.get(Probe, NAMESPACE, 'orders-outside'));
    expect(probe.spec).toMatchObject({
      ...{ prober: { url: 'blackbox.monitoring:9115', path: '/probe' }, module: 'tcp_connect' },
      targets: { staticConfig: { static: [`orders.${NAMESPACE}.svc:5432`] } },
    });
    await api.edit(Probe, NAMESPACE, 'orders-outside', { spec: { module: 'icmp' } });
    await eventually(async () =>
      expect((await api.get(Probe, NAMESPACE, 'orders-outside')).spec.module).toBe('tcp_connect'),
    );
    await api.remove(Probe, NAMESPACE, 'orders-outside');
    await eventually(async () =>
      expect((await api.get(Probe, NAMESPACE, 'orders-outside')).metadata.uid).not.toBe(probe.metadata.uid),
    );
    await reads(api, managedApplication, NAMESPACE, 'orders', { Reachable: 'Unknown/NotObserved' });
  });

  test('is not while its level includes no performance: the target goes, the rules stay (AP-5)', async () => {
    await cluster.api.edit(managedApplication, NAMESPACE, 'orders', { spec: { serviceLevel: 'Basic' } });
    await gone(cluster.api, ServiceMonitor, NAMESPACE, 'orders-exporter');
    await gone(cluster.api, Service, NAMESPACE, 'orders-exporter');
    expect(await watcher(PrometheusRule, 'orders-application')).toBeDefined();
    await cluster.api.edit(managedApplication, NAMESPACE, 'orders', { spec: { serviceLevel: 'Expert' } });
    await eventually(async () => expect(await watcher(ServiceMonitor, 'orders-exporter')).toBeDefined());
  });
});

describe('an application whose data are to be restored (AP-13)', () => {
  const DUMP = '2026-12-01T02:00:00Z';
  const saysOfRestore = (name: string, phase: string) =>
    eventually(async () => {
      const { status } = await cluster.api.get(restore, NAMESPACE, name);
      expect(status?.phase, status?.message).toBe(phase);
      return status;
    });
  const ordered = (name: string, point: object) => ({
    ...kindOf(restore),
    metadata: { namespace: NAMESPACE, name },
    spec: {
      ...{ managedApplicationRef: 'damaged', point, target: { inPlace: true } },
      ...{ reason: 'An empty table', requestedBy: 'testbed-admin' },
    },
  });
  const toldToRestore = (isTold: boolean) =>
    eventually(async () => {
      const each = await told('damaged');
      expect(each.plan.steps.some(({ type }: Any) => type === 'dataRestore')).toBe(isTold);
      expect(each.revision).toBe(sealed(each.plan).revision);
      return each;
    });
  const looksAt = async ({ revision }: Any, more: object = {}) =>
    looked('damaging', [{ name: 'damaged', revision, backup: { dumps: [DUMP] }, ...more }]);

  test('is told to restore the dump once both sides have agreed, and no longer when its guest has', async () => {
    const { api } = cluster;
    await api.create(product, database('dumped', { backup: { engine: 'PostgreSQL' } }));
    await api.create(managedVM, machine(NAMESPACE, 'damaging'));
    await api.create(managedApplication, order('damaged', 'damaging', { product: 'dumped' }));
    await looksAt(await toldToRestore(false));
    await api.create(restore, ordered('nothing', { before: '2026-11-01T00:00:00Z' }) as Any);
    expect((await saysOfRestore('nothing', 'Failed')).message).toMatch(/^No good dump of 1/);
    await api.create(restore, ordered('again', { latest: 'Good' }) as Any);
    const { change } = await eventually(async () => {
      const { status } = await api.get(restore, NAMESPACE, 'again');
      expect(status?.change?.uid).toEqual(expect.any(String));
      return status;
    });
    await toldToRestore(false);
    await agreeToChange(cluster, NAMESPACE, change.name);
    await saysOfRestore('again', 'Restoring');
    const now = await toldToRestore(true);
    const { uid } = (await api.get(restore, NAMESPACE, 'again')).metadata;
    await looksAt(now, { restore: { order: 'a-clone-of-it', phase: 'Done', tables: 1, rows: 1 } });
    const said = { order: uid, phase: 'Done', closed: '2026-12-01T03:00:00Z', tables: 3, rows: 9 };
    await looksAt(now, { restore: said });
    const done = await saysOfRestore('again', 'Succeeded');
    expect(done.message).toContain('(tables: 3, rows: 9, each found as it was dumped)');
    expect(done.recoveryTime.seconds).toEqual(expect.any(Number));
    await toldToRestore(false);
    await eventually(async () => {
      const { spec } = await api.get(changeRequest, NAMESPACE, change.name);
      expect([spec.target.kind, spec.result?.outcome]).toEqual(['ManagedApplication', 'Succeeded']);
    });
  });

  test('has its data of before until the customer has accepted, and is told to remove them then (GE-13)', async () => {
    const { metadata, status } = await cluster.api.get(restore, NAMESPACE, 'again');
    const kept = [{ restore: metadata.uid, at: '2026-12-01T03:00:00Z', bytes: 5_000_000 }];
    await looksAt(await toldToRestore(false), { backup: { dumps: [DUMP], kept } });
    const retires = ({ plan }: Any) => plan.steps.find(({ type }: Any) => type === 'dataRetire')?.restore;
    expect(retires(await told('damaged'))).toBeUndefined();
    await accept(status.change.name);
    const now = await eventually(async () => {
      const each = await told('damaged');
      expect(retires(each)).toBe(metadata.uid);
      expect(each.revision).toBe(sealed(each.plan).revision);
      return each;
    });
    await looksAt(now);
    await eventually(async () => expect(retires(await told('damaged'))).toBeUndefined());
  });
});

/** The customer accepts the result of a change. */
async function accept(name: string): Promise<void> {
  const acceptance = JSON.stringify({ spec: { acceptance: { decision: 'Accept', by: 'anna' } } });
  const as = ['--as=anna', '--as-group=system:masters'];
  await cluster.kubectl(['-n', NAMESPACE, 'patch', 'chg', name, '--type=merge', '-p', acceptance, ...as]);
}

describe('an application that is to have another line (GE-11, GE-13)', () => {
  const stepOf = ({ plan }: Any, type: string) => plan.steps.find((step: Any) => step.type === type);
  const saysOfLine = (phase: string) =>
    eventually(async () => {
      const { status } = await found('moved');
      expect(status.lineChange?.phase, status.lineChange?.message).toBe(phase);
      return status;
    });
  /** The guest was compared with what it was told, and says so of its line. */
  const looksAt = async (step: string, line: object) => {
    const now = await eventually(async () => {
      const each = await told('moved');
      expect(each.plan.steps.map(({ type }: Any) => type)).toContain(step);
      // The plan is stored before the status speaks of it.
      expect(each.revision).toBe(sealed(each.plan).revision);
      return each;
    });
    await looked('moving', [{ name: 'moved', revision: now.revision, line }]);
    return now;
  };

  test('is changed when both sides have agreed, nothing stands against it and a window is open', async () => {
    const { api } = cluster;
    await api.create(maintenanceWindow, weeklyWindow(NAMESPACE, 'open', { ...openNow() }));
    await api.create(managedApplication, order('moved', 'moving', { windowRef: 'open' }));
    await eventually(async () => expect((await found('moved')).status?.line).toBe('17'));
    await api.edit(managedApplication, NAMESPACE, 'moved', { spec: { nextLine: '18' } });
    const { lineChange } = await saysOfLine('Checked');
    expect((await found('moved')).status.pending[0].what).toMatch(/^Database is changed from line 17 to 18/);
    await agreeToChange(cluster, NAMESPACE, lineChange.change.name);
    expect(stepOf(await told('moved'), 'lineChange')).toBeUndefined();
    await looksAt('lineCheck', { checks: '' });
    await saysOfLine('Changing');
    const now = await looksAt('lineChange', { phase: 'Done', at: '2026-12-01T00:00:00Z', checks: '' });
    expect(stepOf(now, 'package').packages).toEqual(['database-18']);
    const { line } = await saysOfLine('Done');
    expect([line, (await found('moved')).spec.line]).toEqual(['18', '17']);
    const { spec } = await api.get(changeRequest, NAMESPACE, lineChange.change.name);
    expect([spec.result.outcome, spec.result.by]).toEqual(['Succeeded', 'steward']);
    await eventually(async () => expect(stepOf(await told('moved'), 'lineOpen')).toBeUndefined());
  });

  test('keeps the instance of the line of before until the customer has accepted', async () => {
    const { api } = cluster;
    const { name } = (await found('moved')).status.lineChange.change;
    expect(stepOf(await told('moved'), 'lineRetire')).toBeUndefined();
    await accept(name);
    const now = await looksAt('lineRetire', { phase: 'Retired', at: '2026-12-01T00:00:00Z', checks: '' });
    expect(stepOf(now, 'lineRetire').packages).toEqual(['database-17']);
    await eventually(async () => expect((await found('moved')).status.lineChange.retired).toBe(true));
    await eventually(async () => expect(stepOf(await told('moved'), 'lineRetire')).toBeUndefined());
    await api.remove(managedApplication, NAMESPACE, 'moved');
    await looked('moving', [{ name: 'moved', revision: (await told('moved')).revision }]);
  });
});

describe('an application whose line ends (AP-14, GE-12)', () => {
  const dayIn = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const lines = (days: number) =>
    [
      ['17', dayIn(days)],
      ['18', '2999-01-01'],
    ].map(([name, endOfSupport]) => ({ name, endOfSupport, operatingSystems: [{ name: 'debian-13' }] }));
  const onRecord = (says: object) =>
    eventually(async () => {
      const { status } = await found('aging');
      expect(status.endOfLife).toMatchObject(says);
      return status;
    });

  test('is offered another, once, and reminded; the customer’s refusal is on record and outlives its change', async () => {
    const { api } = cluster;
    await api.create(product, database('ending', { lines: lines(30) }));
    await api.create(managedApplication, order('aging', 'aging', { product: 'ending' }));
    const { endOfLife, pending } = await onRecord({
      ...{ line: '17', reminded: expect.any(String) },
      offered: { to: '18', change: { uid: expect.any(String) } },
    });
    const { name } = endOfLife.offered.change;
    expect(pending[0].what).toMatch(/^Reminder: support of Database 17 ends at .*an Approver of the customer/);
    await eventually(async () => expect((await found('aging')).status.lineChange?.phase).toBe('Checked'));
    await decideOnChange(cluster, NAMESPACE, name, { party: 'Customer', decidedBy: 'anna', decision: 'Reject' });
    await onRecord({ answer: { decision: 'Rejected', by: 'anna' } });
    await cluster.kubectl(['-n', NAMESPACE, 'delete', 'chg', name, '--as=root', '--as-group=system:masters']);
    expect(conditionOf(await found('aging'), 'Supported')?.message).toMatch(/anna has rejected it for the customer/);
  });

  test('has no services any more after its end, and runs on as it is', async () => {
    const { api } = cluster;
    const before = await told('aging');
    await api.client.patch('merge', `${pathOf(managedApplication, NAMESPACE, 'aging')}/status`, {
      status: { installed: '2026-12-01T00:00:00Z' },
    });
    await eventually(() => api.get(PrometheusRule, NAMESPACE, 'aging-application'));
    await api.edit(product, '', 'ending', { spec: { lines: lines(-2) } });
    await onRecord({ answer: { decision: 'Rejected', by: 'anna' }, ceased: expect.any(String) });
    await reads(api, managedApplication, NAMESPACE, 'aging', {
      ...{
        Supported: 'False/SupportEnded',
        SLACompliant: 'Unknown/ServicesCeased',
        Monitored: 'Unknown/ServicesCeased',
      },
    });
    await gone(api, PrometheusRule, NAMESPACE, 'aging-application');
    const { plan } = await told('aging');
    expect([plan.present, plan.steps.filter(({ type }: Any) => type !== 'lineCheck')]).toEqual([
      ...[true, before.plan.steps.filter(({ type }: Any) => type !== 'lineCheck')],
    ]);
  });
});

describe('an order of an application is refused with the reason (AP-7, AP-8)', () => {
  test.each([
    ['admin', 'bare', {}, 'LevelTooLow', /AP-7/],
    ['unknown', 'second', { product: 'nothing' }, 'ProductNotFound', /AP-8/],
    ['advanced', 'second', { serviceLevel: 'Advanced' }, 'LevelNotOffered', /Basic, Expert/],
    ['twice', 'shop', {}, 'Conflict', /orders/],
  ])('%s', async (name, vm, spec, reason, message) => {
    await cluster.api.create(managedApplication, order(name, vm, spec));
    const refused = await reads(cluster.api, managedApplication, NAMESPACE, name, { Ready: `False/${reason}` });
    expect(conditionOf(refused, 'Ready')?.message).toMatch(message);
    expect(conditionOf(refused, 'Stalled')?.status).toBe('True');
    expect(refused.status.plan).toBeUndefined();
    await cluster.api.remove(managedApplication, NAMESPACE, name);
    await gone(cluster.api, managedApplication, NAMESPACE, name);
  });

  test('a line is not changed by an edit (GE-11)', async () => {
    const edit = cluster.api.edit(managedApplication, NAMESPACE, 'orders', { spec: { line: '18' } });
    await expect(edit).rejects.toThrow(/GE-11/);
  });
});

describe('an application that is deleted', () => {
  test('is taken out of its guest first, and then goes with its login; the customer has his rights again (AP-9)', async () => {
    const { api } = cluster;
    await looked('shop', [{ name: 'orders', revision: (await told('orders')).revision }]);
    const last = await toldToGo('orders');
    const returned = accessChangeName('ReturnAccess', (await found('orders')) as ManagedApplication & Any);
    expect(await api.find(changeRequest, NAMESPACE, returned)).toBeUndefined();
    expect((await found('orders')).metadata.finalizers).toEqual(['managed.systems/application']);
    for (const [kind, name] of [
      [PrometheusRule, 'orders-application'],
      [ServiceMonitor, 'orders-exporter'],
      [Probe, 'orders-outside'],
    ] as const)
      await gone(api, kind, NAMESPACE, name);
    const left = [{ setting: 'app:orders:packages', found: 'installed', since: '2026-12-01T00:00:00Z' }];
    await looked('shop', [{ name: 'orders', revision: last.revision }], left);
    await looked('shop', [{ name: 'orders', revision: last.revision }]);
    await gone(api, managedApplication, NAMESPACE, 'orders');
    await gone(api, Secret, KEY_NAMESPACE, `application-${last.plan.uid}`);
    await gone(api, Secret, KEY_NAMESPACE, planSecretName(last.plan.uid));
    await gone(api, Secret, NAMESPACE, 'orders-binding');
    await eventually(async () => {
      const { status } = await api.get(managedVM, NAMESPACE, 'shop');
      expect([status.applications, status.soleRoot]).toEqual([undefined, undefined]);
    });
    const { spec } = await api.get(changeRequest, NAMESPACE, returned);
    expect([spec.operation, spec.preApprovedBy.name]).toEqual(['ReturnAccess', 'orders']);
  });

  test('leaves its VM to an order that was refused for it, when it is gone and not before', async () => {
    const { api } = cluster;
    await api.create(managedApplication, order('older', 'second'));
    await eventually(async () => expect((await found('older')).status?.plan).toBeDefined());
    await api.create(managedApplication, order('younger', 'second', { product: 'rival' }));
    const other = await reads(api, managedApplication, NAMESPACE, 'younger', { Ready: 'False/Conflict' });
    expect(conditionOf(other, 'Ready')?.message).toMatch(/ManagedApplication older \(database\)/);
    const last = await toldToGo('older');
    expect((await found('younger')).status.plan).toBeUndefined();
    await looked('second', [{ name: 'older', revision: last.revision }]);
    await gone(api, managedApplication, NAMESPACE, 'older');
    await eventually(async () => expect((await found('younger')).status?.plan).toBeDefined());
    await looked('second', [{ name: 'younger', revision: (await toldToGo('younger')).revision }]);
    await gone(api, managedApplication, NAMESPACE, 'younger');
  });

  test('goes at once where its VM is gone', async () => {
    const { api } = cluster;
    await api.create(managedApplication, order('orphan', 'gone'));
    await eventually(async () => expect((await found('orphan')).status?.plan).toBeDefined());
    await api.remove(managedVM, NAMESPACE, 'gone');
    await gone(api, managedVM, NAMESPACE, 'gone');
    await api.remove(managedApplication, NAMESPACE, 'orphan');
    await gone(api, managedApplication, NAMESPACE, 'orphan');
  });
});

test('a Secret that has the name of a binding and is not Steward’s is left alone', async () => {
  const { api } = cluster;
  const theirs = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: NAMESPACE, name: 'mine-binding' },
    data: { a: 'Yg==' },
  };
  await api.create(Secret, theirs as Any);
  await api.create(managedApplication, order('mine', 'second'));
  await reads(api, managedApplication, NAMESPACE, 'mine', { Ready: 'False/ChildNameTaken' });
  expect((await api.get(Secret, NAMESPACE, 'mine-binding')).data).toEqual({ a: 'Yg==' });
});

test('alerts of the namespace have routes, gated for people by the core hours of its contract as they are now (MO-6, GE-5)', async () => {
  const { api } = cluster;
  const hours = async () => {
    const { spec } = await api.get(AlertmanagerConfig, NAMESPACE, 'steward-routes');
    const [machine, ...people] = spec.route.routes;
    expect(machine).toMatchObject({ receiver: 'steward', continue: true });
    expect(people.map(({ receiver }: Any) => receiver)).toEqual(['nobody', 'people', 'people']);
    expect(people[1].activeTimeIntervals).toEqual(spec.muteTimeIntervals?.map(({ name }: Any) => name));
    const all = spec.muteTimeIntervals?.[0].timeIntervals.flatMap(({ times }: Any) => times) ?? [];
    return [...new Set(all.map(({ startTime, endTime }: Any) => `${startTime}-${endTime}`))].sort();
  };
  await eventually(async () => expect(await hours()).toEqual([]));
  await api.create(serviceCalendar, regularHours('hannover'));
  await api.create(servicePlan, advancedPlan('advanced', 'hannover'));
  await api.create(contract, contractOf('acme', [NAMESPACE], 'advanced'));
  await eventually(async () => expect(await hours()).toEqual(['07:00-16:00', '08:00-17:00']));
  await api.client.patch('merge', pathOf(serviceCalendar, '', 'hannover'), { spec: { timeZone: 'Asia/Kolkata' } });
  await eventually(async () => expect(await hours()).toEqual(['03:30-12:30']));
});

test('the roles of the chart were enough: no call was refused', () => expectNoRefusals(cluster));
