import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeRequest } from '../../src/api/changerequest.ts';
import { contract } from '../../src/api/contract.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import { serviceCalendar } from '../../src/api/servicecalendar.ts';
import { servicePlan } from '../../src/api/serviceplan.ts';
import { serviceRequest } from '../../src/api/servicerequest.ts';
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
  VirtualMachineInstance,
} from '../../src/api/upstream.ts';
import type { ResourceKind } from '../../src/runtime/api/object.ts';
import { type Any, conditionOf, verdictOf } from './support/api.ts';
import { callsSince, mark, untilStill, writes } from './support/audit.ts';
import { childrenOf, expectedChildrenOf } from './support/children.ts';
import { type Cluster, expectNoRefusals, startCluster } from './support/cluster.ts';
import { consent } from './support/consent.ts';
import { eventually, gone, reads } from './support/eventually.ts';
import { fleet } from './support/fleet.ts';
import {
  advancedPlan,
  contractOf,
  linuxSystem,
  machine,
  regularHours,
  storageLocation,
  workOrder,
} from './support/orders.ts';
import { backupPolicyRef, runningVM } from './support/running.ts';

const running = { Ready: 'True/Running' };

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.api.create(BackupStorageLocation, storageLocation);
  await cluster.api.create(operatingSystem, linuxSystem('debian-13'));
});

afterAll(() => cluster?.stop());

/** A namespace with the policy `daily` and a running ManagedVM `vm` under it. */
const backedUpVM = (namespace: string, spec: Record<string, unknown> = {}) =>
  runningVM(cluster, namespace, { backupPolicyRef, ...spec });

async function scheduleOf(uid: string): Promise<Any> {
  const [schedule] = await cluster.api.list(VeleroSchedule, 'velero', `managed.systems/owner-uid=${uid}`);
  return schedule;
}

describe('a child that someone meddles with', () => {
  const FOREIGN = { labels: { 'example.org/team': 'shop' }, annotations: { 'example.org/note': 'keep me' } };
  const children: [string, ResourceKind, string, object, (child: Any) => unknown][] = [
    ['VirtualMachine', VirtualMachine, 'vm', { spec: { runStrategy: 'Halted' } }, ({ spec }) => spec.runStrategy],
    [
      'Service',
      Service,
      'vm-metrics',
      { spec: { selector: { 'example.org/team': 'one-term-more' } } },
      ({ spec }) => spec.selector,
    ],
    [
      'ServiceMonitor',
      ServiceMonitor,
      'vm-metrics',
      { spec: { selector: { matchLabels: { 'example.org/team': 'one-term-more' } } } },
      ({ spec }) => spec.selector,
    ],
    ['PrometheusRule', PrometheusRule, 'steward-defaults', { spec: { groups: [] } }, ({ spec }) => spec.groups],
    [
      'Schedule',
      VeleroSchedule,
      '',
      { spec: { schedule: '0 0 1 1 *', skipImmediately: true } },
      ({ spec }) => [spec.schedule, spec.skipImmediately],
    ],
  ];

  let namespace: string;
  let uid: string;

  beforeAll(async () => {
    namespace = 'meddled';
    uid = (await backedUpVM(namespace)).metadata.uid;
    await untilStill(cluster.bed, 1_000);
  });

  const placeOf = async (kind: ResourceKind, name: string): Promise<[ResourceKind, string, string]> =>
    kind === VeleroSchedule ? [kind, 'velero', (await scheduleOf(uid)).metadata.name] : [kind, namespace, name];

  test.each(children)('%s: an edit is healed, foreign fields stay', async (_, kind, name, edit, ours) => {
    const { api } = cluster;
    const place = await placeOf(kind, name);
    const before = await api.get(...place);
    await api.edit(...place, { ...edit, metadata: FOREIGN });
    const healed = await eventually(async () => {
      const live = await api.get(...place);
      expect(ours(live)).toEqual(ours(before));
      return live;
    });
    expect(healed.metadata.uid).toBe(before.metadata.uid);
    expect(healed.metadata.labels).toMatchObject({ ...before.metadata.labels, ...FOREIGN.labels });
    expect(healed.metadata.annotations).toMatchObject(FOREIGN.annotations);
  });

  test.each(children)('%s: labels that were taken away come back', async (_, kind, name) => {
    const { api } = cluster;
    const place = await placeOf(kind, name);
    const { labels, ownerReferences } = (await api.get(...place)).metadata;
    // Without the uid and without an owner reference nothing says any more whose it is, and it is not taken over.
    const uidLabel = ownerReferences === undefined ? {} : { 'managed.systems/owner-uid': null };
    const none = { 'app.kubernetes.io/managed-by': null, ...uidLabel };
    await api.edit(...place, { metadata: { labels: none } });
    await eventually(async () => expect((await api.get(...place)).metadata.labels).toMatchObject(labels));
  });

  test.each(children)('%s: deleted, it is made again', async (_, kind, name, _edit, ours) => {
    const { api } = cluster;
    const place = await placeOf(kind, name);
    const before = await api.get(...place);
    await api.remove(...place);
    const again = await eventually(async () => {
      const live = await api.find(...place);
      expect(live?.metadata.uid).toBeDefined();
      expect(live.metadata.uid).not.toBe(before.metadata.uid);
      return live;
    }, 60_000);
    expect(ours(again)).toEqual(ours(before));
    await reads(api, managedVM, namespace, 'vm', running, 60_000);
  });

  test('Service: one with an address of its own in its place, as a restore may bring it, is made anew, for none can be taken away (MO-5)', async () => {
    const { api } = cluster;
    const { metadata, spec } = await api.get(Service, namespace, 'vm-metrics');
    const { labels, annotations } = metadata;
    const { clusterIP: _ip, clusterIPs: _ips, ...restored } = spec;
    await api.edit(managedVM, namespace, 'vm', { spec: { paused: { reason: 'restore of a Service' } } });
    await reads(api, managedVM, namespace, 'vm', { Ready: 'Unknown/ReconciliationPaused' });
    await api.remove(Service, namespace, 'vm-metrics');
    const copy = { metadata: { name: 'vm-metrics', namespace, labels, annotations }, spec: restored };
    expect((await api.create(Service, { apiVersion: 'v1', kind: 'Service', ...copy })).spec.clusterIP).not.toBe('None');

    await api.edit(managedVM, namespace, 'vm', { spec: { paused: null } });
    await eventually(async () =>
      expect((await api.get(Service, namespace, 'vm-metrics')).spec).toMatchObject({
        clusterIP: 'None',
        ports: spec.ports,
      }),
    );
  });

  test('Service: a port under another number is healed, though an apply alone would leave two of one name (cluster/23)', async () => {
    const { api } = cluster;
    const before = await api.get(Service, namespace, 'vm-metrics');
    const [port] = before.spec.ports;
    await api.edit(Service, namespace, 'vm-metrics', { spec: { ports: [{ ...port, port: 1234 }] } });
    await eventually(async () =>
      expect((await api.get(Service, namespace, 'vm-metrics')).spec.ports).toEqual(before.spec.ports),
    );
  });

  test('VirtualMachine: deleted, its disks stay', async () => {
    const { api } = cluster;
    const disk = await api.get(DataVolume, namespace, 'vm-root');
    const vm = await api.get(VirtualMachine, namespace, 'vm');
    await api.remove(VirtualMachine, namespace, 'vm');
    await eventually(async () => {
      const live = await api.find(VirtualMachine, namespace, 'vm');
      expect(live?.metadata.uid ?? vm.metadata.uid).not.toBe(vm.metadata.uid);
    }, 60_000);
    expect((await api.get(DataVolume, namespace, 'vm-root')).metadata.uid).toBe(disk.metadata.uid);
  });

  test('first-boot Secret: nobody but Steward may change it', async () => {
    const change = cluster.api.edit(Secret, namespace, 'vm-first-boot', { data: { userdata: 'bm9uZQ==' } });
    await expect(change).rejects.toThrow('edit the ManagedVM instead');
  });
});

describe('a change of a running VM', () => {
  test('more memory reaches the guest without a restart', async () => {
    const { api } = cluster;
    await backedUpVM('live-change', { sizing: { cpu: 1, memory: '2Gi' } });
    const before = await api.get(VirtualMachineInstance, 'live-change', 'vm');
    await api.edit(managedVM, 'live-change', 'vm', { spec: { sizing: { memory: '4Gi' } } });
    await eventually(async () => {
      const instance = await api.get(VirtualMachineInstance, 'live-change', 'vm');
      expect(instance.spec.domain.memory.guest).toBe('4Gi');
      expect(instance.metadata.uid).toBe(before.metadata.uid);
    });
    await reads(api, managedVM, 'live-change', 'vm', { RestartPending: 'False/UpToDate' });
  });

  test('Manual: one that needs a restart waits, with the exact difference, until somebody restarts', async () => {
    const { api } = cluster;
    await backedUpVM('restart-manual', { sizing: { cpu: 2, memory: '4Gi' } });
    const before = await api.get(VirtualMachineInstance, 'restart-manual', 'vm');
    await api.edit(managedVM, 'restart-manual', 'vm', { spec: { sizing: { memory: '2Gi' } } });
    const vm = await reads(api, managedVM, 'restart-manual', 'vm', { RestartPending: 'True/RestartNeeded' });
    expect(vm.status.pendingChanges).toEqual([{ path: 'spec.domain.memory.guest', running: '4Gi', desired: '2Gi' }]);
    expect(conditionOf(vm, 'RestartPending')?.message).toMatch(/4Gi.*2Gi/);
    expect((await api.get(VirtualMachineInstance, 'restart-manual', 'vm')).metadata.uid).toBe(before.metadata.uid);
    await api.client.put('/apis/subresources.kubevirt.io/v1/namespaces/restart-manual/virtualmachines/vm/restart', {});
    const restarted = await reads(
      api,
      managedVM,
      'restart-manual',
      'vm',
      { RestartPending: 'False/UpToDate', ...running },
      60_000,
    );
    expect(restarted.status.pendingChanges ?? []).toEqual([]);
  });

  test('Automatic: the VM is restarted once and has it, and the same call, repeated late, cannot restart the next instance (MO-8)', async () => {
    const { api, bed } = cluster;
    await backedUpVM('restart-automatic', { restartPolicy: 'Automatic', sizing: { cpu: 2, memory: '4Gi' } });
    const before = await api.get(VirtualMachineInstance, 'restart-automatic', 'vm');
    const from = await mark(bed);
    await api.edit(managedVM, 'restart-automatic', 'vm', { spec: { sizing: { memory: '2Gi' } } });
    await eventually(async () => {
      const instance = await api.find(VirtualMachineInstance, 'restart-automatic', 'vm');
      expect(instance?.metadata.uid).toBeDefined();
      expect(instance.metadata.uid).not.toBe(before.metadata.uid);
      expect(instance.spec.domain.memory.guest).toBe('2Gi');
    }, 60_000);
    await reads(api, managedVM, 'restart-automatic', 'vm', { RestartPending: 'False/UpToDate', ...running }, 60_000);
    const restarts = writes(await callsSince(bed, from)).filter(
      ({ verb, objectRef }) => verb === 'delete' && objectRef?.resource === 'virtualmachineinstances',
    );
    expect(restarts.map(({ responseStatus }) => responseStatus?.code)).toEqual([200]);
    const after = await api.get(VirtualMachineInstance, 'restart-automatic', 'vm');
    const again = api.end(VirtualMachineInstance, 'restart-automatic', 'vm', before.metadata.uid);
    await expect(again).rejects.toThrow('the UID in the precondition');
    const now = await api.get(VirtualMachineInstance, 'restart-automatic', 'vm');
    expect(now.metadata).toMatchObject({ uid: after.metadata.uid });
    expect(now.metadata.deletionTimestamp).toBeUndefined();
  });

  test('ordered: nothing before its window, then once, and the order says which instance ended and which runs (MO-2, GE-6)', async () => {
    const { api, bed } = cluster;
    const namespace = 'restart-ordered';
    await backedUpVM(namespace);
    const prices = { currency: 'EUR', perMonth: '49.00', effortPerHour: '120.00' };
    const onDemand = [{ service: 'Restart', price: '25.00' }];
    await api.create(serviceCalendar, regularHours('restarts'));
    await api.create(servicePlan, advancedPlan('restarts', 'restarts', { prices: { ...prices, onDemand } }));
    await api.create(contract, contractOf('restarts', [namespace], 'restarts'));
    await reads(api, managedVM, namespace, 'vm', { Contracted: 'True/PlanApplies' });
    const before = await api.get(VirtualMachineInstance, namespace, 'vm');
    const from = await mark(bed);
    const order = (name: string, spec: object) => {
      const restart = { service: 'Restart', description: undefined, requestedBy: 'testbed-admin', ...spec };
      return api.create(serviceRequest, workOrder(namespace, name, 'vm', restart));
    };
    const says = (name: string, reason: string) => reads(api, serviceRequest, namespace, name, { Done: reason });
    await order('later', { notBefore: '2096-01-01T00:00:00Z' });
    await says('later', 'False/Open');
    await order('now', {});
    const { status } = await says('now', 'True/Succeeded');
    const after = await api.get(VirtualMachineInstance, namespace, 'vm');
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
    const change = await api.get(changeRequest, namespace, status.change.name);
    expect(change.spec).toMatchObject({
      class: 'Standard',
      preApprovedBy: { kind: 'ServicePlan', name: 'restarts' },
      result: {
        by: 'steward',
        notes: `Instance ${before.metadata.uid} of ManagedVM vm has ended, and instance ${after.metadata.uid} runs.`,
      },
    });
    expect(change.status.claim.instance).toBe(before.metadata.uid);
    expect(verdictOf(change, 'Ready')).toBe('True/Closed');
    const later = await api.get(serviceRequest, namespace, 'later');
    const held = await api.get(changeRequest, namespace, later.status.change.name);
    expect([verdictOf(held, 'InWindow'), held.status.claim]).toEqual(['False/BeforeWindow', undefined]);
    const ends = writes(await callsSince(bed, from)).filter(({ verb, objectRef }) => {
      return (
        verb === 'delete' && objectRef?.resource === 'virtualmachineinstances' && objectRef.namespace === namespace
      );
    });
    expect(ends.map(({ responseStatus }) => responseStatus?.code)).toEqual([200]);
  });

  test('powered off and on again as ordered', async () => {
    const { api } = cluster;
    await backedUpVM('power');
    await api.edit(managedVM, 'power', 'vm', { spec: { powerState: 'Stopped' } });
    await reads(api, managedVM, 'power', 'vm', { Ready: 'True/Stopped' });
    await gone(api, VirtualMachineInstance, 'power', 'vm');
    await api.edit(managedVM, 'power', 'vm', { spec: { powerState: 'Running' } });
    await reads(api, managedVM, 'power', 'vm', running);
  });

  test('a disk is plugged into the guest and out of it again without a restart, and its data stays (MO-1, MO-8)', async () => {
    const { api, bed } = cluster;
    const root = { name: 'root', size: '20Gi' };
    const data = { name: 'data', size: '1Gi', hotpluggable: true };
    await backedUpVM('plug', { disks: [root], restartPolicy: 'Automatic' });
    const before = await api.get(VirtualMachineInstance, 'plug', 'vm');
    const instance = () => api.get(VirtualMachineInstance, 'plug', 'vm');
    const volumes = ({ status }: Any) =>
      status.volumeStatus.map(({ name, phase = 'Ready' }: Any) => `${name} ${phase}`);
    await api.edit(managedVM, 'plug', 'vm', { spec: { disks: [root, data] } });
    await eventually(async () => expect(volumes(await instance())).toContain('data Ready'), 60_000);
    const plugged = await reads(api, managedVM, 'plug', 'vm', { ...running, RestartPending: 'False/UpToDate' });
    expect(plugged.status.disks).toContainEqual(expect.objectContaining({ name: 'data', phase: 'Filled' }));
    expect(plugged.status.pluggedIn, 'taken for somebody else’s').toBeUndefined();

    await api.edit(managedVM, 'plug', 'vm', { spec: { disks: [root] } });
    await eventually(async () => {
      const names = (await instance()).spec.volumes.map(({ name }: Any) => name);
      expect(names).not.toContain('data');
      expect(volumes(await instance()).join()).not.toContain('data');
    }, 60_000);
    const out = await reads(api, managedVM, 'plug', 'vm', { ...running, RestartPending: 'False/UpToDate' });
    await eventually(async () => {
      const { status } = await api.get(managedVM, 'plug', 'vm');
      expect(status.disks.map(({ name }: Any) => name)).toEqual(['root']);
    });
    await untilStill(bed, 1_500);
    expect(out.status.pendingChanges ?? []).toEqual([]);
    expect((await instance()).metadata.uid, 'restarted for it').toBe(before.metadata.uid);
    expect(await api.find(PersistentVolumeClaim, 'plug', 'vm-data')).toBeDefined();
  });

  test('a disk that is ordered larger grows', async () => {
    const { api } = cluster;
    await backedUpVM('grow', { disks: [{ name: 'root', size: '20Gi', reclaimPolicy: 'Delete' }] });
    await api.edit(managedVM, 'grow', 'vm', {
      spec: { disks: [{ name: 'root', size: '30Gi', reclaimPolicy: 'Delete' }] },
    });
    await eventually(async () => {
      const claim = await api.get(PersistentVolumeClaim, 'grow', 'vm-root');
      expect(claim.status.capacity.storage).toBe('30Gi');
    });
    const vm = await reads(api, managedVM, 'grow', 'vm', running);
    await eventually(async () => {
      const { status } = await api.get(managedVM, 'grow', 'vm');
      expect(status.disks).toMatchObject([{ name: 'root', claim: 'vm-root', capacity: '30Gi' }]);
    });
    expect(vm.status.pendingChanges ?? []).toEqual([]);
  });
});

describe('deletion', () => {
  test('is refused while spec.deletionProtection is true, of the VM, its parts and its namespace', async () => {
    const { api } = cluster;
    await backedUpVM('protected', { deletionProtection: true });
    const why = 'spec.deletionProtection is true';
    await expect(api.remove(managedVM, 'protected', 'vm')).rejects.toThrow(/spec.deletionProtection .*is true/);
    await expect(api.remove(VirtualMachine, 'protected', 'vm')).rejects.toThrow(why);
    await expect(api.remove(DataVolume, 'protected', 'vm-root')).rejects.toThrow(why);
    const namespaces: ResourceKind = {
      group: '',
      version: 'v1',
      kind: 'Namespace',
      plural: 'namespaces',
      namespaced: false,
    };
    await expect(api.remove(namespaces, '', 'protected')).rejects.toThrow(why);
    await api.edit(managedVM, 'protected', 'vm', { spec: { deletionProtection: false } });
    await api.remove(managedVM, 'protected', 'vm');
    await gone(api, managedVM, 'protected', 'vm');
  });

  test('takes every child along, in Velero’s namespace too, and leaves the disks that are to be retained, with the keys of the guest on them', async () => {
    const { api } = cluster;
    const disks = [{ name: 'root' }, { name: 'scratch', size: '10Gi', reclaimPolicy: 'Delete' }];
    const { uid } = (await backedUpVM('deleted', { disks })).metadata;
    expect(await scheduleOf(uid)).toBeDefined();
    expect(await api.find(Secret, 'steward-keys', `managedvm-${uid}`)).toBeDefined();
    await api.remove(managedVM, 'deleted', 'vm');
    await gone(api, managedVM, 'deleted', 'vm');
    expect(await scheduleOf(uid)).toBeUndefined();
    const kept = ['DataVolume vm-root', `key Secret managedvm-${uid}`];
    await eventually(async () => expect(await childrenOf(api, 'deleted')).toEqual(kept), 60_000);
    await gone(api, PersistentVolumeClaim, 'deleted', 'vm-scratch');
    const claim = await api.get(PersistentVolumeClaim, 'deleted', 'vm-root');
    expect({ phase: claim.status.phase, deleting: claim.metadata.deletionTimestamp }).toEqual({ phase: 'Bound' });
    await gone(api, PrometheusRule, 'deleted', 'steward-defaults');
  });

  test('and a new ManagedVM of the same name takes up the disk that was retained, once somebody consents (AP-13)', async () => {
    const { api } = cluster;
    const before = (await api.get(DataVolume, 'deleted', 'vm-root')).metadata;
    await api.create(managedVM, machine('deleted', 'vm', { disks: [{ name: 'root' }] }));
    await reads(api, managedVM, 'deleted', 'vm', {
      Ready: 'False/DiskNeedsConsent',
      Provisioned: 'False/DiskNeedsConsent',
    });
    expect(await api.find(VirtualMachine, 'deleted', 'vm')).toBeUndefined();
    expect((await api.get(DataVolume, 'deleted', 'vm-root')).metadata.labels).toEqual(before.labels);
    await consent(cluster, 'deleted', 'vm');
    const { metadata } = await reads(api, managedVM, 'deleted', 'vm', running);
    const disk = await api.get(DataVolume, 'deleted', 'vm-root');
    expect(disk.metadata.uid).toBe(before.uid);
    expect(disk.metadata.labels['managed.systems/owner-uid']).toBe(metadata.uid);
  });

  test('that is stuck names what it waits for and since when, and ends by itself when that goes', async () => {
    const { api } = cluster;
    await backedUpVM('stuck');
    await api.misbehave('stuck', 'vm', 'DeletionStuck');
    await api.remove(managedVM, 'stuck', 'vm');
    await eventually(async () => {
      const vm = await api.get(managedVM, 'stuck', 'vm');
      expect(verdictOf(vm, 'Ready')).toBe('False/Deleting');
      expect(vm.status.waitingFor).toContainEqual({
        object: expect.stringContaining('VirtualMachine'),
        since: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        reason: expect.any(String),
      });
    });
    await api.misbehave('stuck', 'vm');
    await gone(api, managedVM, 'stuck', 'vm', 60_000);
    // The first-boot Secret goes by its owner reference, so a little later.
    await eventually(async () => expect(await childrenOf(api, 'stuck')).toEqual([]), 60_000);
  });
});

describe('the operator is killed', () => {
  test('by SIGKILL amid the creation of 20 ManagedVMs: the next one ends in the same state, nothing twice, nothing lost', async () => {
    const { api, bed } = cluster;
    await api.namespace('killed');
    const from = await mark(bed);
    const ordered = cluster.kubectl(['apply', '--server-side', '-f', '-'], fleet('killed', 20, 'daily'));
    const madeHere = async () =>
      writes(await callsSince(bed, from)).filter(
        ({ objectRef, responseStatus }) =>
          responseStatus?.code === 201 && !['events', 'leases'].includes(objectRef?.resource ?? ''),
      );
    // kubectl orders one after the other and Steward keeps up: once all are ordered, most are made.
    await eventually(async () => expect((await madeHere()).length).toBeGreaterThan(30), 60_000, 10);
    await cluster.steward().stop('SIGKILL');
    const halfway = (await madeHere()).length;
    await ordered;
    await cluster.startSteward();
    await eventually(async () => {
      const vms = await api.list(managedVM, 'killed');
      expect(vms.filter(vm => verdictOf(vm, 'Ready') === 'True/Running')).toHaveLength(20);
    }, 90_000);
    await untilStill(bed, 1_500);
    expect(await childrenOf(api, 'killed')).toEqual(await expectedChildrenOf(api, 'killed'));
    const made = (await madeHere()).map(
      ({ objectRef }) => `${objectRef?.resource} ${objectRef?.namespace}/${objectRef?.name}`,
    );
    expect(
      made.filter((object, index) => made.indexOf(object) !== index),
      'created twice',
    ).toEqual([]);
    console.log(`killed after ${halfway} of ${made.length} creations`);
    expect(halfway).toBeGreaterThan(0);
    expect(halfway).toBeLessThan(made.length);
  });

  test('while a ManagedVM is deleted: the next one finishes it', async () => {
    const { api } = cluster;
    const { uid } = (await backedUpVM('killed-deleting')).metadata;
    await api.misbehave('killed-deleting', 'vm', 'DeletionStuck');
    await api.remove(managedVM, 'killed-deleting', 'vm');
    await eventually(async () => expect(await scheduleOf(uid)).toBeUndefined());
    await cluster.steward().stop('SIGKILL');
    await api.misbehave('killed-deleting', 'vm');
    await cluster.startSteward();
    await gone(api, managedVM, 'killed-deleting', 'vm', 60_000);
    await eventually(async () => expect(await childrenOf(api, 'killed-deleting')).toEqual([]), 60_000);
    expect(await api.find(Secret, 'steward-keys', `managedvm-${uid}`)).toBeUndefined();
  });
});

test('the roles of the chart were enough: no call was refused (Must show 4)', () => expectNoRefusals(cluster));
