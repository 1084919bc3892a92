import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backupPolicy } from '../../src/api/backuppolicy.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import { BackupStorageLocation, DataVolume, VeleroSchedule, VirtualMachine } from '../../src/api/upstream.ts';
import { type Any, conditionOf, ResourceQuota } from './support/api.ts';
import { type Cluster, expectNoRefusals, startCluster } from './support/cluster.ts';
import { eventually, gone, reads } from './support/eventually.ts';
import { dailyPolicy, linuxSystem, machine, storageLocation, windowsSystem } from './support/orders.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  const { api } = cluster;
  await api.create(BackupStorageLocation, storageLocation);
  await api.create(operatingSystem, linuxSystem('debian-13'));
  await api.create(operatingSystem, windowsSystem('windows-2025'));
});

afterAll(() => cluster?.stop());

/** Applies as a person does and returns what the API server says to it. */
async function refusalOf(object: object): Promise<string> {
  return cluster
    .kubectl(['apply', '--server-side', '--force-conflicts', '--validate=strict', '-f', '-'], JSON.stringify(object))
    .then(
      () => 'accepted',
      (error: Error) => error.message,
    );
}

const LONG = 'x'.repeat(10_000);
const many = (count: number) => Array.from({ length: count }, (_, index) => `service-${index}`);

describe('refused at admission, with a message that names field and rule', () => {
  test.each<[string, object, string]>([
    [
      'MO-7: Windows at Monitoring & Patching',
      machine('default', 'vm', { operatingSystem: 'windows-2025', serviceLevel: 'MonitoringAndPatching' }),
      'spec.serviceLevel: Windows Server 2025 is offered at Admin or AdvancedMonitoringAndPatching only',
    ],
    [
      'MO-7: a catalogue entry that offers Windows at Monitoring & Patching',
      windowsSystem('windows-2019', { serviceLevels: ['MonitoringAndPatching'] }),
      'MonitoringAndPatching is for Linux (MO-7)',
    ],
    ['an unknown field', machine('default', 'vm', { serviceLvl: 'Admin' }), '.spec.serviceLvl: field not declared'],
    ['a zone that does not exist', dailyPolicy('default', 'bp', { timeZone: 'Europe/Atlantis 1' }), 'spec.timeZone'],
    ['a name of 10 000 characters', machine('default', LONG), 'metadata.name'],
    ['a reference of 10 000 characters', machine('default', 'vm', { operatingSystem: LONG }), 'spec.operatingSystem'],
    ['a list over its bound', machine('default', 'vm', { services: many(33) }), 'spec.services'],
  ])('%s', async (_, object, message) => expect(await refusalOf(object)).toContain(message));

  test.each<[string, object, string]>([
    [
      'shrinking a disk',
      { disks: [{ name: 'root', size: '19Gi', reclaimPolicy: 'Delete' }] },
      'spec.disks: Forbidden: size only grows',
    ],
    ['GE-11: changing the operating system', { operatingSystem: 'windows-2025' }, 'operatingSystem is immutable'],
    ['giving the VM another name', { virtualMachineName: 'other' }, 'virtualMachineName is immutable'],
  ])('%s', async (_, change, message) => {
    const object = machine('default', 'steady', { powerState: 'Stopped' });
    if ((await cluster.api.find(managedVM, 'default', 'steady')) === undefined)
      await cluster.api.create(managedVM, object);
    expect(await refusalOf({ ...object, spec: { ...object.spec, ...change } })).toContain(message);
  });
});

describe('a condition with a reason, and recovery by itself when cured', () => {
  test('an unknown OperatingSystem: nothing is created until the catalogue has it', async () => {
    const { api } = cluster;
    const namespace = await api.namespace('unknown-system');
    await api.create(managedVM, machine(namespace, 'vm', { operatingSystem: 'debian-14' }));
    const notFound = 'False/OperatingSystemNotFound';
    await reads(api, managedVM, namespace, 'vm', { Ready: notFound, Provisioned: notFound });
    expect(await api.list(VirtualMachine, namespace)).toEqual([]);
    await api.create(operatingSystem, linuxSystem('debian-14'));
    await reads(api, managedVM, namespace, 'vm', { Ready: 'True/Running', Supported: 'True/VendorSupported' });
  });

  test('an unknown BackupPolicy: the VM runs, and is backed up as soon as the policy is there', async () => {
    const { api } = cluster;
    const namespace = await api.namespace('unknown-policy');
    const backupPolicyRef = { kind: 'BackupPolicy', name: 'daily' };
    await api.create(managedVM, machine(namespace, 'vm', { backupPolicyRef }));
    await reads(api, managedVM, namespace, 'vm', {
      Available: 'True/GuestAnswers',
      BackupCompliant: 'False/PolicyNotFound',
    });
    await api.create(backupPolicy, dailyPolicy(namespace, 'daily'));
    await reads(api, managedVM, namespace, 'vm', { Ready: 'True/Running', BackupCompliant: 'Unknown/NoBackupYet' });
    await reads(api, backupPolicy, namespace, 'daily', { Ready: 'True/InForce' });
  });

  test('GE-12: past the end of support Supported is False and the VM keeps running', async () => {
    const { api } = cluster;
    const namespace = await api.namespace('past-support');
    await api.create(operatingSystem, linuxSystem('debian-9', { lifeCycle: { endOfSupport: '2099-07-18' } }));
    await api.create(managedVM, machine(namespace, 'vm', { operatingSystem: 'debian-9' }));
    await reads(api, managedVM, namespace, 'vm', { Ready: 'True/Running' });
    await api.edit(operatingSystem, '', 'debian-9', { spec: { lifeCycle: { endOfSupport: '2020-07-18' } } });
    const vm = await reads(api, managedVM, namespace, 'vm', { Ready: 'True/Running', Supported: 'False/SupportEnded' });
    expect(conditionOf(vm, 'Supported')?.message).toContain('2020-07-18');
    expect(conditionOf(vm, 'Supported')?.message).toContain('GE-12');
    await reads(api, operatingSystem, '', 'debian-9', { Supported: 'False/SupportEnded' });
    // One that comes past the admission policy, as what Velero restores does: nothing is created for it.
    const late = machine(namespace, 'late', { operatingSystem: 'debian-9' });
    const labels = { 'velero.io/restore-name': 'nightly' };
    await api.create(managedVM, { ...late, metadata: { ...late.metadata, labels } });
    await reads(api, managedVM, namespace, 'late', { Ready: 'False/SystemNoLongerOffered' });
    expect((await api.list(VirtualMachine, namespace)).map(({ metadata }) => metadata.name)).toEqual(['vm']);
    await api.edit(operatingSystem, '', 'debian-9', { spec: { lifeCycle: { endOfSupport: '2099-06-30' } } });
    await reads(api, managedVM, namespace, 'vm', { Supported: 'True/VendorSupported' });
  });

  test('MO-7: a level that the system, listed later, is not offered at: nothing is created', async () => {
    const { api } = cluster;
    const namespace = await api.namespace('level-not-offered');
    const order = { operatingSystem: 'windows-2022', serviceLevel: 'MonitoringAndPatching' };
    await api.create(managedVM, machine(namespace, 'vm', order));
    await api.create(
      operatingSystem,
      windowsSystem('windows-2022', { version: '2022', preference: 'windows.2k22.virtio' }),
    );
    await reads(api, managedVM, namespace, 'vm', { Ready: 'False/ServiceLevelNotOffered' });
    expect(await api.list(VirtualMachine, namespace)).toEqual([]);
    await api.edit(managedVM, namespace, 'vm', { spec: { serviceLevel: 'AdvancedMonitoringAndPatching' } });
    await reads(api, managedVM, namespace, 'vm', { Ready: 'True/Running' });
  });

  test('AP-13: an objective that the schedule cannot meet is named with the gap, and met by a denser schedule', async () => {
    const { api } = cluster;
    const namespace = await api.namespace('objective');
    await api.create(backupPolicy, dailyPolicy(namespace, 'daily', { recoveryPointObjective: '4h' }));
    await api.create(managedVM, machine(namespace, 'vm', { backupPolicyRef: { kind: 'BackupPolicy', name: 'daily' } }));
    const vm = await reads(api, managedVM, namespace, 'vm', { BackupCompliant: 'False/ScheduleCannotMeetRPO' });
    expect(conditionOf(vm, 'BackupCompliant')?.message).toMatch(/objective of 4h: 2[45]h lie between the runs/);
    await reads(api, backupPolicy, namespace, 'daily', { Ready: 'False/ScheduleCannotMeetRPO' });
    const tiers = [{ name: 'hourly', schedule: '0 * * * *', retention: '48h' }];
    await api.edit(backupPolicy, namespace, 'daily', { spec: { tiers } });
    await reads(api, managedVM, namespace, 'vm', { BackupCompliant: 'Unknown/NoBackupYet' });
    const schedules = await api.list(VeleroSchedule, 'velero', `managed.systems/owner-namespace=${namespace}`);
    expect(schedules.map(({ spec }) => spec.schedule)).toEqual(['CRON_TZ=Europe/Berlin 0 * * * *']);
  });

  test.each([
    [
      'a cron that never fires',
      { tiers: [{ name: 'never', schedule: '0 0 30 2 *', retention: '24h' }] },
      'InvalidSchedule',
    ],
    ['a zone that the time zone database does not have', { timeZone: 'Europe/Atlantis' }, 'InvalidTimeZone'],
  ])('%s is refused, or a condition until the policy is corrected', async (what, spec, reason) => {
    const { api } = cluster;
    const name = reason.toLowerCase();
    const answer = await refusalOf(dailyPolicy('default', name, spec));
    if (answer !== 'accepted') return expect(answer, what).toMatch(/spec\.(tiers|timeZone)/);
    await reads(api, backupPolicy, 'default', name, { Ready: `False/${reason}` });
    expect(await refusalOf(dailyPolicy('default', name))).toBe('accepted');
    await reads(api, backupPolicy, 'default', name, { Ready: 'True/InForce' });
  });

  test('an image that cannot be imported is named with the importer’s words', async () => {
    const { api } = cluster;
    const namespace = await api.namespace('import-fails');
    await api.misbehave(namespace, 'vm-root', 'ImportFails');
    await api.create(managedVM, machine(namespace, 'vm'));
    const failed = 'False/ImportFailed';
    const vm = await reads(api, managedVM, namespace, 'vm', { Ready: failed, Provisioned: failed });
    expect(conditionOf(vm, 'Provisioned')?.message).toContain(
      'cannot be imported: Unable to connect to http data source',
    );
    await api.misbehave(namespace, 'vm-root');
    await reads(api, managedVM, namespace, 'vm', { Ready: 'True/Running', Provisioned: 'True/DisksFilled' });
  });

  test.each<[string, Record<string, string>, Record<string, string>]>([
    ['Pods', { pods: '0' }, { Available: 'False/QuotaExceeded', Ready: 'False/QuotaExceeded' }],
    ['storage', { 'requests.storage': '1Gi' }, { Provisioned: 'False/QuotaExceeded', Ready: 'False/QuotaExceeded' }],
  ])('a quota on %s that is used up', async (what, hard, conditions) => {
    const { api } = cluster;
    const namespace = await api.namespace(`quota-${what.toLowerCase()}`);
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'small', namespace }, spec: { hard } };
    await api.create(ResourceQuota, quota);
    await eventually(async () => expect((await api.get(ResourceQuota, namespace, 'small')).status.hard).toEqual(hard));
    await api.create(managedVM, machine(namespace, 'vm'));
    const vm = await reads(api, managedVM, namespace, 'vm', conditions);
    expect(conditionOf(vm, 'Ready')?.message).toContain('ResourceQuota small');
    await api.remove(ResourceQuota, namespace, 'small');
    await reads(api, managedVM, namespace, 'vm', { Ready: 'True/Running' }, 60_000);
  });

  test('a second network that does not exist is named, and the VM starts when it is there (MO-1)', async () => {
    const { api, kubectl } = cluster;
    const namespace = await api.namespace('no-network');
    const networks = [{ name: 'default' }, { name: 'lan', multusNetwork: 'vlan-40' }];
    await api.create(managedVM, machine(namespace, 'vm', { networks }));
    const vm = await reads(api, managedVM, namespace, 'vm', { Ready: 'False/LaunchRefused' });
    expect(conditionOf(vm, 'Ready')?.message).toContain(`${namespace}/vlan-40`);
    const network = {
      apiVersion: 'k8s.cni.cncf.io/v1',
      kind: 'NetworkAttachmentDefinition',
      metadata: { name: 'vlan-40', namespace },
      spec: { config: '{}' },
    };
    await kubectl(['apply', '-f', '-'], JSON.stringify(network));
    await reads(api, managedVM, namespace, 'vm', { Ready: 'True/Running' }, 90_000);
  });

  test('a guest agent that is lost, and one that comes back', async () => {
    const { api } = cluster;
    const namespace = await api.namespace('agent-lost');
    await api.misbehave(namespace, 'vm', 'AgentLost');
    await api.create(managedVM, machine(namespace, 'vm'));
    // A step of a start that is no news is told when it has lasted a minute (ADR 0012).
    await eventually(async () => {
      const vm = await api.get(managedVM, namespace, 'vm');
      expect(conditionOf(vm, 'AgentConnected')?.status).not.toBe('True');
      expect(['AgentStarting', 'AgentNotConnected']).toContain(conditionOf(vm, 'Ready')?.reason);
    }, 90_000);
    await api.misbehave(namespace, 'vm');
    await reads(api, managedVM, namespace, 'vm', { Ready: 'True/Running', AgentConnected: 'True/AgentAnswers' });
  });
});

describe('names that are taken', () => {
  test('two ManagedVMs wanting one VM name: the older has it, the other says so and gets it when it is free', async () => {
    const { api } = cluster;
    const namespace = await api.namespace('one-name');
    await api.create(managedVM, machine(namespace, 'elder', { virtualMachineName: 'shop' }));
    await reads(api, managedVM, namespace, 'elder', { Ready: 'True/Running' });
    const before: Any = await api.get(VirtualMachine, namespace, 'shop');
    await api.create(managedVM, machine(namespace, 'younger', { virtualMachineName: 'shop' }));
    const claimed = 'False/VirtualMachineNameClaimed';
    await reads(api, managedVM, namespace, 'younger', { Ready: claimed, Provisioned: claimed });
    const kept: Any = await api.get(VirtualMachine, namespace, 'shop');
    expect({ uid: kept.metadata.uid, spec: kept.spec }).toEqual({ uid: before.metadata.uid, spec: before.spec });
    await api.remove(managedVM, namespace, 'elder');
    await gone(api, managedVM, namespace, 'elder');
    await reads(api, managedVM, namespace, 'younger', { Ready: 'True/Running' });
    const taken: Any = await api.get(VirtualMachine, namespace, 'shop');
    expect(taken.metadata.uid).not.toBe(before.metadata.uid);
    expect(taken.metadata.labels['managed.systems/owner-name']).toBe('younger');
  });

  test('a VM of that name that is not ours is never adopted nor touched, and its name is used when it is gone', async () => {
    const { api } = cluster;
    const namespace = await api.namespace('not-ours');
    const untouched = ({ metadata, spec }: Any) => ({
      uid: metadata.uid,
      labels: metadata.labels,
      annotations: Object.keys(metadata.annotations ?? {}).filter(key => !key.startsWith('kubevirt.io/')),
      managers: metadata.managedFields.map(({ manager }: Any) => manager).filter((name: string) => name === 'steward'),
      owners: metadata.ownerReferences,
      spec,
    });
    const theirs = untouched(await api.create(VirtualMachine, handmade(namespace, 'vm')));
    await api.create(managedVM, machine(namespace, 'vm'));
    await reads(api, managedVM, namespace, 'vm', { Ready: 'False/VirtualMachineNameTaken' });
    expect(untouched(await api.get(VirtualMachine, namespace, 'vm'))).toEqual(theirs);
    expect(await api.list(DataVolume, namespace)).toEqual([]);
    await api.remove(VirtualMachine, namespace, 'vm');
    await reads(api, managedVM, namespace, 'vm', { Ready: 'True/Running' });
  });

  test('a Service of a name that Steward needs is not taken over either', async () => {
    const { api } = cluster;
    const namespace = await api.namespace('service-taken');
    const service = { metadata: { name: 'vm-metrics', namespace }, spec: { ports: [{ port: 80 }] } };
    await cluster.kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Service', ...service }));
    await api.create(managedVM, machine(namespace, 'vm'));
    const vm = await reads(api, managedVM, namespace, 'vm', { Ready: 'False/ChildNameTaken' });
    expect(conditionOf(vm, 'Ready')?.message).toContain('vm-metrics');
    await cluster.kubectl(['delete', 'service', 'vm-metrics', '-n', namespace]);
    await reads(api, managedVM, namespace, 'vm', { Ready: 'True/Running' }, 60_000);
  });
});

test('the roles of the chart were enough: no call was refused (Must show 4)', () => expectNoRefusals(cluster));

/** A VirtualMachine as a person makes it. */
function handmade(namespace: string, name: string) {
  const disks = [{ name: 'root', disk: { bus: 'virtio' } }];
  const domain = { memory: { guest: '1Gi' }, devices: { disks } };
  const volumes = [{ name: 'root', containerDisk: { image: 'registry.example/disk:1' } }];
  const spec = { runStrategy: 'Halted', template: { spec: { domain, volumes } } };
  return { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', metadata: { name, namespace }, spec };
}
