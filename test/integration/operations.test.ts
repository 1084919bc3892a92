/** MO-2, GE-11: what Steward does to a machine on request, on real webhooks of KubeVirt, with guests and CDI played. On guests that boot: test/e2e/vm/operations.test.ts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approval } from '../../src/api/approval.ts';
import { changeRequest } from '../../src/api/changerequest.ts';
import { contract } from '../../src/api/contract.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import { serviceCalendar } from '../../src/api/servicecalendar.ts';
import { servicePlan } from '../../src/api/serviceplan.ts';
import { serviceRequest } from '../../src/api/servicerequest.ts';
import { DataVolume, PersistentVolumeClaim, VirtualMachine } from '../../src/api/upstream.ts';
import { type Any, verdictOf } from './support/api.ts';
import { type Cluster, expectNoRefusals, startCluster } from './support/cluster.ts';
import { eventually, reads } from './support/eventually.ts';
import {
  advancedPlan,
  contractOf,
  decisionOn,
  linuxSystem,
  machine,
  regularHours,
  workOrder,
} from './support/orders.ts';

const ME = 'testbed-admin';
const NAMESPACES = ['rebuilt', 'migrated', 'returned', 'rescued'];
const RUNNING = { Ready: 'True/Running', Contracted: 'True/PlanApplies' };
const DISKS = [
  { name: 'root', size: '20Gi', reclaimPolicy: 'Delete' },
  { name: 'data', size: '10Gi' },
];

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  const { api } = cluster;
  await api.create(
    operatingSystem,
    linuxSystem('debian-12', { version: '12', lifeCycle: { endOfSupport: '2098-06-10' } }),
  );
  await api.create(operatingSystem, linuxSystem('debian-13'));
  await api.create(serviceCalendar, regularHours('regular'));
  const services = ['Rebuild', 'Rescue'];
  const onDemand = services.map(service => ({ service, price: '90.00' }));
  const prices = { currency: 'EUR', perMonth: '49.00', effortPerHour: '120.00', onDemand };
  await api.create(servicePlan, advancedPlan('advanced', 'regular', { prices }));
  const contacts = [{ name: 'anna', user: ME, email: 'anna@acme.example', roles: ['Approver', 'Technical'] }];
  await api.create(contract, contractOf('acme', NAMESPACES, 'advanced', { contacts }));
});

afterAll(() => cluster?.stop());

async function running(namespace: string, system: string): Promise<Any> {
  await cluster.api.namespace(namespace);
  // What goes with the order, and what outlives it, are owned differently.
  const disks = namespace === 'rebuilt' ? DISKS : [{ name: 'root', size: '20Gi' }, ...DISKS.slice(1)];
  await cluster.api.create(managedVM, machine(namespace, 'vm', { operatingSystem: system, disks }));
  return reads(cluster.api, managedVM, namespace, 'vm', RUNNING);
}

/** Orders a service, and gives the change that carries it out. */
async function ordered(namespace: string, service: string, spec: object = {}): Promise<Any> {
  const { api } = cluster;
  const order = { service, description: undefined, requestedBy: ME, ...spec };
  await api.create(serviceRequest, workOrder(namespace, service.toLowerCase(), 'vm', order));
  return eventually(async () => {
    const { status } = await api.get(serviceRequest, namespace, service.toLowerCase());
    return api.get(changeRequest, namespace, status.change.name);
  });
}

async function agreed(namespace: string, change: string): Promise<void> {
  const { api } = cluster;
  const { status } = await eventually(async () => {
    const found = await api.get(changeRequest, namespace, change);
    expect(found.status?.planHash).toBeDefined();
    return found;
  });
  const yes = (party: string, decidedBy: string) =>
    decisionOn(namespace, `${change}-${party.toLowerCase()}`, change, status.planHash, { party, decidedBy });
  await api.create(approval, yes('Customer', ME));
  // Nobody decides for both sides.
  const asKim = ['create', '--as', 'kim', '--as-group', 'system:masters', '-f', '-'];
  await cluster.kubectl(asKim, JSON.stringify(yes('Provider', 'kim')));
}

const decided = (namespace: string, change: string, decision: string) =>
  cluster.api.edit(changeRequest, namespace, change, { spec: { acceptance: { decision, by: ME } } });

const phase = (namespace: string, wanted: string | undefined): Promise<Any> =>
  eventually(async () => {
    const vm = await cluster.api.get(managedVM, namespace, 'vm');
    expect(vm.status.newRoot?.phase, vm.status.newRoot?.message).toBe(wanted);
    return vm;
  });

const diskOf = ({ status }: Any, disk: string) => status.disks.find(({ name }: Any) => name === disk);
const template = async (namespace: string) =>
  (await cluster.api.get(VirtualMachine, namespace, 'vm')).spec.template.spec;

describe('MO-2: a rebuild', () => {
  test('gives the VM a new root disk and keeps data, addresses and identity; the old one stays', async () => {
    const { api } = cluster;
    const before = await running('rebuilt', 'debian-13');
    const was = await template('rebuilt');
    const { metadata, spec } = await ordered('rebuilt', 'Rebuild');
    expect(spec).toMatchObject({
      class: 'Standard',
      operation: 'Rebuild',
      system: { from: 'debian-13', to: 'debian-13' },
    });
    const { status } = await reads(api, serviceRequest, 'rebuilt', 'rebuild', { Done: 'True/Succeeded' }, 60_000);
    expect(status.change.uid).toBe(metadata.uid);
    await phase('rebuilt', undefined);
    const after = await reads(api, managedVM, 'rebuilt', 'vm', RUNNING);
    expect(diskOf(after, 'data')).toEqual(diskOf(before, 'data'));
    const [old, root] = [diskOf(before, 'root'), diskOf(after, 'root')];
    expect(root.claimUID).not.toBe(old.claimUID);
    expect(after.status.firstBoot).toMatchObject({ disk: root.claimUID });
    expect((await api.get(PersistentVolumeClaim, 'rebuilt', old.claim)).metadata.uid).toBe(old.claimUID);
    expect((await api.get(DataVolume, 'rebuilt', root.claim)).spec.source.http.url).toContain('debian-13');
    const { volumes, domain } = await template('rebuilt');
    expect(JSON.stringify(volumes)).toContain(root.claim);
    expect([domain.firmware, domain.devices.interfaces]).toEqual([was.domain.firmware, was.domain.devices.interfaces]);
  });
});

describe('GE-11: a migration to a newer system', () => {
  test('is agreed, tried and accepted; the order names the new system only then', async () => {
    const { api } = cluster;
    await running('migrated', 'debian-12');
    const { metadata, spec } = await ordered('migrated', 'Migration', { operatingSystem: 'debian-13' });
    expect(spec).toMatchObject({ class: 'Normal', system: { from: 'debian-12', to: 'debian-13' } });
    const follow = () => api.edit(managedVM, 'migrated', 'vm', { spec: { operatingSystem: 'debian-13' } });
    await expect(follow()).rejects.toThrow(/operatingSystem is immutable/);
    await agreed('migrated', metadata.name);
    const tried = await phase('migrated', 'OnTrial');
    expect(tried.spec.operatingSystem).toBe('debian-12');
    await reads(api, changeRequest, 'migrated', metadata.name, { Done: 'True/Succeeded' });
    await expect(follow()).rejects.toThrow(/operatingSystem is immutable/);
    await decided('migrated', metadata.name, 'Accept');
    const accepted = await phase('migrated', 'Accepted');
    expect(accepted.status.operatingSystem).toBe('Debian 13');
    await expect(api.edit(managedVM, 'migrated', 'vm', { spec: { operatingSystem: 'debian-14' } })).rejects.toThrow(
      /operatingSystem is immutable/,
    );
    await follow();
    await phase('migrated', undefined);
    const vm = await reads(api, managedVM, 'migrated', 'vm', RUNNING);
    expect([vm.status.operatingSystem, verdictOf(vm, 'Supported')]).toEqual(['Debian 13', 'True/VendorSupported']);
    const { claim, uid } = accepted.status.newRoot.after;
    expect(diskOf(vm, 'root').claimUID).toBe(uid);
    const { metadata: made } = await api.get(DataVolume, 'migrated', claim);
    expect([made.ownerReferences, made.labels['managed.systems/reclaim-policy']]).toEqual([undefined, 'Retain']);
  });

  test('that the customer rejects gives the VM its old root disk back', async () => {
    const { api } = cluster;
    const before = await running('returned', 'debian-12');
    const { metadata } = await ordered('returned', 'Migration', { operatingSystem: 'debian-13' });
    await agreed('returned', metadata.name);
    const tried = await phase('returned', 'OnTrial');
    await reads(api, changeRequest, 'returned', metadata.name, { Done: 'True/Succeeded' });
    await decided('returned', metadata.name, 'Reject');
    await phase('returned', undefined);
    const vm = await reads(api, managedVM, 'returned', 'vm', RUNNING);
    const claims = ({ status }: Any) => status.disks.map(({ name, claim, claimUID }: Any) => [name, claim, claimUID]);
    expect(claims(vm)).toEqual(claims(before));
    expect(vm.status.operatingSystem).toBe('Debian 12');
    const { claim, uid } = tried.status.newRoot.after;
    expect((await api.get(PersistentVolumeClaim, 'returned', claim)).metadata.uid).toBe(uid);
    await expect(api.edit(managedVM, 'returned', 'vm', { spec: { operatingSystem: 'debian-13' } })).rejects.toThrow(
      /operatingSystem is immutable/,
    );
  });
});

describe('MO-2, AP-9: a rescue', () => {
  test('starts another system beside the broken disk until it is over, and its record says from when', async () => {
    const { api } = cluster;
    const before = await running('rescued', 'debian-13');
    const { metadata, spec } = await ordered('rescued', 'Rescue', { operatingSystem: 'debian-12' });
    expect(Date.parse(spec.window.notAfter) - Date.parse(spec.window.notBefore)).toBe(4 * 3_600_000);
    const { status } = await phase('rescued', 'OnTrial');
    expect([status.operatingSystem, status.newRoot.until]).toEqual(['Debian 12', spec.window.notAfter]);
    const { volumes, domain } = await template('rescued');
    const broken = {
      name: 'rescued-root-of-before',
      persistentVolumeClaim: { claimName: diskOf(before, 'root').claim },
    };
    expect(volumes).toContainEqual(expect.objectContaining(broken));
    expect(domain.devices.disks).toContainEqual(expect.objectContaining({ name: broken.name, serial: 'rescued-root' }));
    // What was pre-approved is brought forward.
    const notAfter = `${new Date(Date.now() + 3_000).toISOString().slice(0, 19)}Z`;
    await api.edit(changeRequest, 'rescued', metadata.name, { spec: { window: { notAfter } } });
    const over = await reads(api, changeRequest, 'rescued', metadata.name, {
      Done: 'True/Succeeded',
      Ready: 'True/Closed',
    });
    expect(over.spec.result.notes).toMatch(/^The rescue system ran from 20/);
    await phase('rescued', undefined);
    const vm = await reads(api, managedVM, 'rescued', 'vm', RUNNING);
    expect([vm.status.operatingSystem, diskOf(vm, 'root').claimUID]).toEqual([
      'Debian 13',
      diskOf(before, 'root').claimUID,
    ]);
    expect(JSON.stringify((await template('rescued')).volumes)).not.toContain(broken.name);
  });
});

test('the chart’s roles suffice', () => expectNoRefusals(cluster));
