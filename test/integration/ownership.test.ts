import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import {
  BackupStorageLocation,
  DataVolume,
  PersistentVolumeClaim,
  PrometheusRule,
  Secret,
  Service,
  ServiceMonitor,
  VeleroSchedule,
  VirtualMachine,
} from '../../src/api/upstream.ts';
import type { ResourceKind } from '../../src/runtime/api/object.ts';
import { type Any, conditionOf, verdictOf } from './support/api.ts';
import { callsSince, mark, untilStill, writes } from './support/audit.ts';
import { childrenOf } from './support/children.ts';
import { type Cluster, expectNoRefusals, startCluster } from './support/cluster.ts';
import { eventually, gone, reads } from './support/eventually.ts';
import { linuxSystem, machine, storageLocation } from './support/orders.ts';
import { backupPolicyRef, runningVM } from './support/running.ts';

const KEYS = 'steward-keys';
const MARK = 'managed.systems/mark';
const CLONE: ResourceKind = {
  group: 'clone.kubevirt.io',
  version: 'v1beta1',
  kind: 'VirtualMachineClone',
  plural: 'virtualmachineclones',
  namespaced: true,
};
const disks = [
  { name: 'root', size: '20Gi', reclaimPolicy: 'Retain' },
  { name: 'data', size: '5Gi', reclaimPolicy: 'Delete' },
];
const running = { Ready: 'True/Running' };

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  const { api } = cluster;
  await api.create(BackupStorageLocation, storageLocation);
  await api.create(operatingSystem, linuxSystem('debian-13'));
  const image = { containerDisk: { image: 'quay.io/containerdisks/alpine:3.22' } };
  await api.create(operatingSystem, linuxSystem('alpine', { image }));
});

afterAll(() => cluster?.stop());

/** A running ManagedVM `vm` with backups, in a namespace of its own. */
const backedUpVM = (namespace: string, spec: Record<string, unknown> = {}) =>
  runningVM(cluster, namespace, { backupPolicyRef, disks, ...spec });

/** As Velero v1.18.3 restores an object (pkg/restore, resetMetadata and resetStatus), into another namespace perhaps, or under another name. */
function restored({ status: _, ...object }: Any, namespace: string, name: string = object.metadata.name): Any {
  const { labels = {}, annotations, finalizers } = object.metadata;
  const told = { 'velero.io/backup-name': 'b', 'velero.io/restore-name': 'r' };
  return { ...object, metadata: { namespace, name, labels: { ...labels, ...told }, annotations, finalizers } };
}

const uidOf = async (kind: ResourceKind, namespace: string, name: string): Promise<string | undefined> =>
  (await cluster.api.find(kind, namespace, name))?.metadata.uid;
const keysOf = (uid: string) => cluster.api.find(Secret, KEYS, `managedvm-${uid}`);
const schedulesOf = (uid: string) =>
  cluster.api.list(VeleroSchedule, 'velero', `managed.systems/owner-uid=${uid}`) as Promise<Any[]>;

/** What the operator has deleted since. */
async function deletedSince(from: number): Promise<string[]> {
  const calls = writes(await callsSince(cluster.bed, from)).filter(({ verb }) => verb === 'delete');
  return calls.map(({ objectRef }) => `${objectRef?.resource} ${objectRef?.namespace}/${objectRef?.name}`);
}

describe('a restore into another namespace (cluster/01, AP-13)', () => {
  const kinds: [ResourceKind, string][] = [
    [Secret, 'vm-first-boot'],
    [DataVolume, 'vm-root'],
    [DataVolume, 'vm-data'],
    [VirtualMachine, 'vm'],
  ];

  test('is left alone by every pass and by the deletion of the original, which it does not hold up', async () => {
    const { api, bed } = cluster;
    await backedUpVM('acme');
    await api.namespace('acme-drill');
    const from = await mark(bed);
    const copies = new Map<string, string>();
    for (const [kind, name] of kinds) {
      const copy = restored(await api.get(kind, 'acme', name), 'acme-drill');
      const { metadata } = await api.create(kind, copy);
      copies.set(`${kind.kind} ${name}`, metadata.uid);
    }
    await api.edit(VirtualMachine, 'acme-drill', 'vm', { metadata: { finalizers: ['example.com/held'] } });
    await api.edit(managedVM, 'acme', 'vm', { spec: { sizing: { cpu: 2, memory: '4Gi' } } });
    await reads(api, managedVM, 'acme', 'vm', running);
    await untilStill(bed);
    expect(await deletedSince(from)).toEqual([]);

    await api.remove(managedVM, 'acme', 'vm');
    await gone(api, managedVM, 'acme', 'vm');
    await untilStill(bed);
    expect((await deletedSince(from)).filter(object => object.includes('acme-drill'))).toEqual([]);
    for (const [kind, name] of kinds) {
      const { metadata } = await api.get(kind, 'acme-drill', name);
      expect([metadata.uid, metadata.deletionTimestamp]).toEqual([copies.get(`${kind.kind} ${name}`), undefined]);
    }
    await api.edit(VirtualMachine, 'acme-drill', 'vm', { metadata: { finalizers: null } });
  });
});

describe('copies in the same namespace', () => {
  test('a VirtualMachineClone stays, by KubeVirt’s own clone controller (cluster/02)', async () => {
    const { api, bed } = cluster;
    await api.namespace('cloned');
    const order = {
      serviceLevel: 'Admin',
      operatingSystem: 'alpine',
      powerState: 'Stopped',
      disks: [{ name: 'root' }],
    };
    await api.create(managedVM, machine('cloned', 'web', order));
    await reads(api, managedVM, 'cloned', 'web', { Ready: 'True/Stopped' });
    const from = await mark(bed);
    const vm = (name: string) => ({ apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name });
    await api.create(CLONE, {
      apiVersion: 'clone.kubevirt.io/v1beta1',
      kind: 'VirtualMachineClone',
      metadata: { name: 'clone-web', namespace: 'cloned' },
      ...{ spec: { source: vm('web'), target: vm('web-copy') } },
    });
    const { metadata } = await eventually(async () => {
      const copy = await api.find(VirtualMachine, 'cloned', 'web-copy');
      expect(copy, JSON.stringify((await api.get(CLONE, 'cloned', 'clone-web')).status)).toBeDefined();
      return copy;
    });
    expect(metadata.labels['managed.systems/owner-uid']).toBe(await uidOf(managedVM, 'cloned', 'web'));
    await api.edit(managedVM, 'cloned', 'web', { spec: { sizing: { cpu: 2 } } });
    await reads(api, managedVM, 'cloned', 'web', { Ready: 'True/Stopped' });
    await api.remove(managedVM, 'cloned', 'web');
    await gone(api, managedVM, 'cloned', 'web');
    await untilStill(bed);
    expect(await uidOf(VirtualMachine, 'cloned', 'web-copy')).toBe(metadata.uid);
    expect((await deletedSince(from)).filter(object => object.includes('web-copy'))).toEqual([]);
  });

  test('an exported manifest applied under another name stays, its reference to our order included', async () => {
    const { api, bed } = cluster;
    await backedUpVM('exported');
    const from = await mark(bed);
    for (const [kind, name] of [
      [DataVolume, 'vm-data'],
      [Service, 'vm-metrics'],
      [ServiceMonitor, 'vm-metrics'],
      [PrometheusRule, 'steward-defaults'],
    ] as const) {
      const { metadata, ...object } = await api.get(kind, 'exported', name);
      const { labels, annotations, ownerReferences } = metadata;
      const copy = { name: `mine-${name}`, namespace: 'exported', labels, annotations, ownerReferences };
      if (kind === Service) object.spec = { ports: object.spec.ports, clusterIP: 'None' };
      await api.create(kind, { ...object, status: undefined, metadata: copy });
    }
    const { metadata, spec } = (await schedulesOf((await uidOf(managedVM, 'exported', 'vm')) ?? ''))[0];
    const copy = { name: 'mine', namespace: 'velero', labels: metadata.labels, annotations: metadata.annotations };
    await api.create(VeleroSchedule, { apiVersion: 'velero.io/v1', kind: 'Schedule', metadata: copy, ...{ spec } });
    await api.edit(managedVM, 'exported', 'vm', { spec: { sizing: { cpu: 2 } } });
    await reads(api, managedVM, 'exported', 'vm', running);
    await cluster.steward().stop('SIGKILL');
    await cluster.startSteward();
    await untilStill(bed);
    expect(await deletedSince(from)).toEqual([]);
    await api.remove(VeleroSchedule, 'velero', 'mine');
  });

  test('a label that is stripped and put back changes nothing: the child is healed as the same object', async () => {
    const { api, bed } = cluster;
    const before = await uidOf(DataVolume, 'exported', 'vm-data');
    const { labels } = (await api.get(DataVolume, 'exported', 'vm-data')).metadata;
    const label = 'app.kubernetes.io/managed-by';
    await api.edit(DataVolume, 'exported', 'vm-data', { metadata: { labels: { [label]: 'somebody' } } });
    await api.edit(DataVolume, 'exported', 'vm-data', { metadata: { labels: { [label]: labels[label] } } });
    await untilStill(bed);
    const { metadata } = await api.get(DataVolume, 'exported', 'vm-data');
    expect([metadata.uid, metadata.labels[label], metadata.deletionTimestamp]).toEqual([before, 'steward', undefined]);
    await reads(api, managedVM, 'exported', 'vm', running);
  });
});

describe('an object that somebody planted under a name that Steward needs', () => {
  test.each([
    ['with our labels', {}],
    ['with an empty hash', { 'managed.systems/applied-hash': '' }],
    ['with the mark of another child', { 'managed.systems/mark': 'v1-AAAAAAAAAAAAAAAAAAAAAA' }],
  ])('%s is neither taken nor deleted, and is named in Ready', async (_, annotations) => {
    const { api } = cluster;
    const namespace = `planted-${Object.keys(annotations).length}-${Object.values(annotations).join('').length}`;
    await api.namespace(namespace);
    await api.create(managedVM, machine(namespace, 'other', { disks: [{ name: 'root' }] }));
    const { metadata } = await reads(api, managedVM, namespace, 'other', running);
    const labels = {
      'app.kubernetes.io/managed-by': 'steward',
      'managed.systems/owner-kind': 'ManagedVM',
      'managed.systems/owner-namespace': namespace,
      'managed.systems/owner-name': 'other',
      'managed.systems/owner-uid': metadata.uid,
    };
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'later-metrics', namespace, labels, annotations },
    };
    const planted = await api.create(Service, { ...service, ...{ spec: { ports: [{ port: 80 }] } } } as Any);
    await api.create(managedVM, machine(namespace, 'later'));
    const stalled = { Ready: 'False/ChildNameTaken' };
    const later = await reads(api, managedVM, namespace, 'later', stalled);
    expect(conditionOf(later, 'Ready')?.message).toContain(
      `Service ${namespace}/later-metrics exists and is not Steward's`,
    );
    await api.remove(managedVM, namespace, 'later');
    await gone(api, managedVM, namespace, 'later');
    await api.remove(managedVM, namespace, 'other');
    await gone(api, managedVM, namespace, 'other');
    const { metadata: left } = await api.get(Service, namespace, 'later-metrics');
    expect([left.uid, left.deletionTimestamp]).toEqual([planted.metadata.uid, undefined]);
  });
});

describe('--cascade=orphan (cluster/06)', () => {
  const orphan = (namespace: string) =>
    cluster.kubectl(['-n', namespace, 'delete', 'managedvm', 'vm', '--cascade=orphan', '--wait=false']);

  /** Everything lives, refers to nobody, and ends when its machine and its disks do. */
  async function livesOn(namespace: string, uid: string, uids: Readonly<Record<string, string | undefined>>) {
    const { api, bed } = cluster;
    await gone(api, managedVM, namespace, 'vm');
    await untilStill(bed);
    for (const [name, was] of Object.entries(uids)) {
      const kind = name === 'vm' ? VirtualMachine : DataVolume;
      const { metadata } = await api.get(kind, namespace, name);
      expect([metadata.uid, metadata.deletionTimestamp, metadata.ownerReferences]).toEqual([was, undefined, undefined]);
    }
    expect(await api.find(Secret, namespace, 'vm-first-boot')).toBeDefined();
    expect([(await schedulesOf(uid)).length, await keysOf(uid)]).toEqual([1, expect.anything()]);
    await api.remove(VirtualMachine, namespace, 'vm');
    await eventually(async () => expect(await schedulesOf(uid)).toEqual([]));
    expect(await keysOf(uid)).toBeDefined();
    for (const name of ['vm-root', 'vm-data']) await api.remove(DataVolume, namespace, name);
    await eventually(async () => expect(await keysOf(uid)).toBeUndefined());
  }

  const uidsIn = async (namespace: string) => ({
    vm: await uidOf(VirtualMachine, namespace, 'vm'),
    'vm-root': await uidOf(DataVolume, namespace, 'vm-root'),
    'vm-data': await uidOf(DataVolume, namespace, 'vm-data'),
  });

  test('lets machine, disks, first boot, schedules and keys live on', async () => {
    const { uid } = (await backedUpVM('keepme')).metadata;
    const uids = await uidsIn('keepme');
    await orphan('keepme');
    await livesOn('keepme', uid, uids);
  });

  test('does so too where the operator comes only after the garbage collector has gone', async () => {
    const { api } = cluster;
    const { uid } = (await backedUpVM('keepme-late')).metadata;
    const uids = await uidsIn('keepme-late');
    await cluster.steward().stop('SIGKILL');
    await orphan('keepme-late');
    await eventually(async () => {
      const { metadata } = await api.get(managedVM, 'keepme-late', 'vm');
      expect(metadata.finalizers).toEqual(['managed.systems/managed-vm']);
    });
    await cluster.startSteward();
    await livesOn('keepme-late', uid, uids);
  });

  test('and a new order of that name says that the name is taken', async () => {
    const { api } = cluster;
    await backedUpVM('keepme-again');
    const uids = await uidsIn('keepme-again');
    await orphan('keepme-again');
    await gone(api, managedVM, 'keepme-again', 'vm');
    await api.create(managedVM, machine('keepme-again', 'vm', { disks }));
    await eventually(async () => {
      const vm = await api.get(managedVM, 'keepme-again', 'vm');
      expect(verdictOf(vm, 'Stalled')).toMatch(/^True/);
    });
    await untilStill(cluster.bed);
    expect(await uidsIn('keepme-again')).toEqual(uids);
  });
});

test('a finalizer stripped while Steward is down: schedules and keys are reaped when the machine has gone (cluster/07)', async () => {
  const { api } = cluster;
  const only = [{ name: 'root', size: '20Gi', reclaimPolicy: 'Delete' }];
  const { uid } = (await backedUpVM('stripped', { disks: only })).metadata;
  await cluster.steward().stop('SIGKILL');
  await api.remove(managedVM, 'stripped', 'vm');
  await api.edit(managedVM, 'stripped', 'vm', { metadata: { finalizers: null } });
  await gone(api, managedVM, 'stripped', 'vm');
  await cluster.startSteward();
  await gone(api, VirtualMachine, 'stripped', 'vm');
  await gone(api, PersistentVolumeClaim, 'stripped', 'vm-root');
  await eventually(async () => expect(await schedulesOf(uid)).toEqual([]));
  await eventually(async () => expect(await keysOf(uid)).toBeUndefined());
  await eventually(async () => expect(await childrenOf(api, 'stripped')).toEqual([]));
});

test('the keys of a guest whose disk is kept stay until the disk goes', async () => {
  const { api } = cluster;
  const { uid } = (await backedUpVM('kept')).metadata;
  await api.remove(managedVM, 'kept', 'vm');
  await gone(api, managedVM, 'kept', 'vm');
  await untilStill(cluster.bed);
  expect(await keysOf(uid)).toBeDefined();
  await api.remove(DataVolume, 'kept', 'vm-root');
  await eventually(async () => expect(await keysOf(uid)).toBeUndefined());
});

test('children of a version without marks are known again: one write each, the same objects, and deleted with their owner', async () => {
  const { api, bed } = cluster;
  const { uid } = (await backedUpVM('upgraded')).metadata;
  const near: [ResourceKind, string][] = [
    [VirtualMachine, 'vm'],
    [DataVolume, 'vm-root'],
    [DataVolume, 'vm-data'],
    [Service, 'vm-metrics'],
    [ServiceMonitor, 'vm-metrics'],
    [PrometheusRule, 'steward-defaults'],
  ];
  const [schedule] = await schedulesOf(uid);
  const all: [ResourceKind, string, string][] = [
    ...near.map(([kind, name]): [ResourceKind, string, string] => [kind, 'upgraded', name]),
    [VeleroSchedule, 'velero', schedule.metadata.name],
  ];
  const unmark = async (which: typeof all) => {
    for (const [kind, namespace, name] of which)
      await api.edit(kind, namespace, name, { metadata: { annotations: { [MARK]: null } } });
  };
  await cluster.steward().stop('SIGKILL');
  const before = await Promise.all(all.map(each => uidOf(...each)));
  await unmark(all);
  await unmark([[Secret, KEYS, `managedvm-${uid}`]]);
  const from = await mark(bed);
  await cluster.startSteward();
  await eventually(async () => {
    const found = await Promise.all(all.map(each => api.get(...each)));
    expect(found.map(({ metadata }) => metadata.annotations[MARK] === undefined)).toEqual(all.map(() => false));
    expect(found.map(({ metadata }) => metadata.uid)).toEqual(before);
  });
  await untilStill(bed);
  const patches = writes(await callsSince(bed, from)).filter(({ objectRef }) =>
    all.some(([kind, , name]) => objectRef?.resource === kind.plural && objectRef.name === name),
  );
  const counted = Map.groupBy(
    patches,
    ({ objectRef }) => `${objectRef?.resource} ${objectRef?.namespace}/${objectRef?.name}`,
  );
  const here = [...counted].filter(([name]) => name.includes('upgraded/') || name.includes(schedule.metadata.name));
  expect(Object.fromEntries(here.map(([name, calls]) => [name, calls.length]))).toEqual(
    Object.fromEntries(here.map(([name]) => [name, 1])),
  );

  // And where the order is deleted before the upgraded operator has had a pass over it.
  await cluster.steward().stop('SIGKILL');
  await unmark([...all, [Secret, KEYS, `managedvm-${uid}`]]);
  await api.remove(managedVM, 'upgraded', 'vm');
  await cluster.startSteward();
  await gone(api, managedVM, 'upgraded', 'vm');
  await gone(api, VirtualMachine, 'upgraded', 'vm');
  expect(await schedulesOf(uid)).toEqual([]);
  expect(await uidOf(DataVolume, 'upgraded', 'vm-root')).toBe(before[1]);
  await gone(api, DataVolume, 'upgraded', 'vm-data');
});

test('the roles of the chart were enough: no call was refused', () => expectNoRefusals(cluster));
