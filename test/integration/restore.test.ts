/** AP-13: restores in place and drills, with Velero played. On the real one: test/backup/restore.test.ts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathOf } from '../../hack/testbed/client/path.ts';
import { backupPolicy } from '../../src/api/backuppolicy.ts';
import { changeRequest } from '../../src/api/changerequest.ts';
import { contract } from '../../src/api/contract.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import { restore } from '../../src/api/restore.ts';
import { serviceCalendar } from '../../src/api/servicecalendar.ts';
import { servicePlan } from '../../src/api/serviceplan.ts';
import {
  BackupStorageLocation,
  PersistentVolume,
  PersistentVolumeClaim,
  VeleroRestore,
  VirtualMachine,
  VirtualMachineInstance,
} from '../../src/api/upstream.ts';
import { type Any, verdictOf } from './support/api.ts';
import { type Cluster, expectNoRefusals, startCluster } from './support/cluster.ts';
import { eventually, gone, reads } from './support/eventually.ts';
import {
  contractOf,
  dailyPolicy,
  linuxSystem,
  machine,
  regularHours,
  restoreOrder,
  restoringPlan,
  storageLocation,
} from './support/orders.ts';
import { instantOf, playBackup, schedulesOf } from './support/playedbackup.ts';
import { PARTIALLY_FAILED, playRestores } from './support/playedrestore.ts';
import { playStore } from './support/playedstore.ts';

const NAMESPACES = ['whole', 'failed', 'empty', 'copied', 'drilled', 'left'];
const SANDBOX = 'steward-drills';

const ending = new AbortController();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  const { api } = cluster;
  await api.create(operatingSystem, linuxSystem('debian-13'));
  await api.create(BackupStorageLocation, storageLocation);
  await api.create(serviceCalendar, regularHours('regular'));
  await api.create(servicePlan, restoringPlan('advanced', 'regular'));
  await api.create(contract, contractOf('acme', NAMESPACES, 'advanced'));
  await playStore(api, ending.signal);
  const wrong = new Map([
    ['failed', PARTIALLY_FAILED],
    ['empty', { claim: () => 'empty' as const }],
    ['left', { status: 'none' as const }],
  ]);
  playRestores(api, ending.signal, wrong);
});

afterAll(() => {
  ending.abort();
  return cluster?.stop();
});

/** A VM that runs, with a backup in which Steward has found its disks. */
async function backedUp(namespace: string, policy: object = {}): Promise<Any> {
  const { api } = cluster;
  await api.namespace(namespace);
  await api.create(backupPolicy, dailyPolicy(namespace, 'daily', { consistency: 'CrashConsistent', ...policy }));
  const order = { backupPolicyRef: { kind: 'BackupPolicy', name: 'daily' } };
  await api.create(managedVM, machine(namespace, 'vm', order));
  const vm = await reads(api, managedVM, namespace, 'vm', { Ready: 'True/Running' });
  const [schedule] = await schedulesOf(api, vm);
  await playBackup(api, schedule);
  return reads(api, managedVM, namespace, 'vm', { RPOMet: 'True/RecoveryPointGood' });
}

function order(
  namespace: string,
  name = 'again',
  metadata: object = {},
  target: object = { inPlace: true },
): Promise<Any> {
  const ordered = restoreOrder(namespace, name, 'vm', { target });
  return cluster.api.create(restore, { ...ordered, metadata: { ...ordered.metadata, ...metadata } });
}

function over(namespace: string, phase: string, name = 'again'): Promise<Any> {
  return eventually(async () => {
    const found = await cluster.api.get(restore, namespace, name);
    expect(found.status?.phase, found.status?.message).toBe(phase);
    return found;
  });
}

describe('AP-13: a restore in place', () => {
  test('gives the VM restored disks beside the old ones, which stay, and says how long it took', async () => {
    const { api } = cluster;
    const before = await backedUp('whole');
    await order('whole');
    const { metadata, status } = await over('whole', 'Succeeded');
    const vm = await api.get(managedVM, 'whole', 'vm');
    for (const { disk, before: was, after } of status.disks) {
      expect(vm.status.disks.find(({ name }: Any) => name === disk)).toMatchObject({
        claim: after.claim,
        claimUID: after.uid,
      });
      expect(before.status.disks.find(({ name }: Any) => name === disk)).toMatchObject({
        claim: was.claim,
        claimUID: was.uid,
      });
      expect((await api.get(PersistentVolumeClaim, 'whole', was.claim)).metadata).toMatchObject({ uid: was.uid });
      const beside = await api.get(PersistentVolumeClaim, 'whole', after.claim);
      expect(beside.metadata.ownerReferences).toBeUndefined();
      const volume = await api.get(PersistentVolume, '', beside.spec.volumeName);
      expect(volume.spec.persistentVolumeReclaimPolicy).toBe('Delete');
    }
    const machineNow = await api.get(VirtualMachine, 'whole', 'vm');
    expect(JSON.stringify(machineNow.spec.template.spec.volumes)).toContain(status.disks[0].after.claim);
    expect(status.steps.map(({ name }: Any) => name)).toEqual([
      ...['chosen', 'agreed', 'begun', 'restored', 'moved', 'stopped', 'exchanged', 'ended'],
    ]);
    expect(status.recoveryTime).toMatchObject({ target: '4h', seconds: expect.any(Number) });
    expect(verdictOf({ status }, 'RTOMet')).toBe('True/WithinTarget');
    await eventually(async () => {
      const { spec } = await api.get(changeRequest, 'whole', status.change.name);
      expect(spec.result).toMatchObject({ outcome: 'Succeeded', by: 'steward' });
    });
    await gone(api, VeleroRestore, 'velero', `steward-${metadata.uid}`);
    expect(await api.list(PersistentVolumeClaim, 'velero')).toEqual([]);
    await reads(api, managedVM, 'whole', 'vm', { Ready: 'True/Running' });
  });

  test.each([
    ['failed', 'fails', /PartiallyFailed with 1 errors/],
    ['empty', 'brings back a claim without data', /came without data/],
  ])('leaves the VM as it is where Velero %s: it %s', async (namespace, _, why) => {
    const { api } = cluster;
    const before = await backedUp(namespace);
    await order(namespace);
    const { status } = await over(namespace, 'Failed');
    expect(status.message).toMatch(why);
    const vm = await reads(api, managedVM, namespace, 'vm', { Ready: 'True/Running' });
    expect(vm.status.disks).toEqual(before.status.disks);
    await eventually(async () => {
      expect(await api.list(PersistentVolumeClaim, 'velero', `velero.io/restore-name=${status.engine.name}`)).toEqual(
        [],
      );
    });
  });

  test('is not done again by a copy of the order, as Velero or an export brings it back', async () => {
    await backedUp('copied');
    const annotations = { 'managed.systems/restore-uid': 'another' };
    await order('copied', 'exported', { annotations });
    await order('copied', 'restored', { labels: { 'velero.io/restore-name': 'disaster' } });
    for (const name of ['exported', 'restored']) {
      const { status } = await over('copied', 'Failed', name);
      expect(status.message).toContain('copy of a Restore of before');
      expect(status.change).toBeUndefined();
    }
  });
});

/** Nothing of any drill is left: no machine, no claim, and no order to Velero. */
async function sandboxIsEmpty(uid: string): Promise<void> {
  const { api } = cluster;
  await gone(api, VeleroRestore, 'velero', `steward-${uid}`);
  for (const kind of [VirtualMachine, VirtualMachineInstance, PersistentVolumeClaim])
    expect(await api.list(kind, SANDBOX)).toEqual([]);
}

describe('AP-13: a drill', () => {
  test('is ordered by the policy, boots a guest in the sandbox, proves the backup, and leaves nothing behind', async () => {
    const { api } = cluster;
    const before = await backedUp('drilled', { verification: { drills: '0 * * * *', maxAge: '840h' } });
    expect(verdictOf(before, 'RestoreVerified')).toBe('Unknown/RestoreNotVerified');
    // As if it had been asked for since two hours ago.
    const since = { status: { backup: { verificationSince: instantOf(-2) } } };
    await api.client.patch('merge', `${pathOf(managedVM, 'drilled', 'vm')}/status`, since);
    const vm = await reads(api, managedVM, 'drilled', 'vm', { RestoreVerified: 'True/RestoreProven' });
    const [drill, ...others] = await api.list(restore, 'drilled');
    expect(others).toEqual([]);
    expect(drill.spec).toMatchObject({ target: { sandbox: true }, requestedBy: 'steward' });
    expect(drill.status).toMatchObject({
      phase: 'Succeeded',
      drill: { machine: { name: `drill-${drill.metadata.uid}` } },
    });
    expect(drill.status.change).toBeUndefined();
    expect(vm.status.backup.verified).toMatchObject([{ restore: drill.metadata.name, point: drill.status.point.name }]);
    expect(vm.status.backup.lastDrill).toBe(drill.metadata.creationTimestamp);
    expect(vm.status.disks).toEqual(before.status.disks);
    expect(verdictOf(vm, 'Ready')).toBe('True/Running');
    await sandboxIsEmpty(drill.metadata.uid);
  });

  test('that Velero cannot serve fails, says so, and leaves nothing behind', async () => {
    const { metadata } = await order('failed', 'drill', {}, { sandbox: true });
    const { status } = await over('failed', 'Failed', 'drill');
    expect(status.message).toMatch(/PartiallyFailed with 1 errors/);
    await sandboxIsEmpty(metadata.uid);
  });

  test('that is deleted half way waits for Velero to end, and leaves nothing behind', async () => {
    const { api } = cluster;
    await backedUp('left');
    const { metadata } = await order('left', 'drill', {}, { sandbox: true });
    const request = `steward-${metadata.uid}`;
    await eventually(async () => {
      expect((await api.find(VeleroRestore, 'velero', request))?.status?.phase).toBe('InProgress');
    });
    await api.remove(restore, 'left', 'drill');
    await eventually(async () => expect(await api.list(PersistentVolumeClaim, SANDBOX)).toEqual([]));
    expect(await api.find(restore, 'left', 'drill')).toBeDefined();
    await api.edit(VeleroRestore, 'velero', request, { status: { phase: 'Completed' } });
    await gone(api, restore, 'left', 'drill');
    await sandboxIsEmpty(metadata.uid);
  });

  test('is not ordered in Steward’s name by anybody else', async () => {
    const { api } = cluster;
    const spec = { managedVMRef: 'vm', point: { latest: 'Good' }, target: { sandbox: true } };
    const asSteward = { ...spec, reason: 'x', requestedBy: 'steward' };
    const metadata = { name: 'forged', namespace: 'drilled' };
    const forged = { apiVersion: 'managed.systems/v1alpha1', kind: 'Restore', metadata, spec: asSteward };
    await expect(api.create(restore, forged as Any)).rejects.toThrow(/cannot order as steward/);
  });
});

test('the roles of the chart were enough: no call was refused', () => expectNoRefusals(cluster));
