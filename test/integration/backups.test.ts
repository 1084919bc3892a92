import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backupPolicy } from '../../src/api/backuppolicy.ts';
import { clusterBackupPolicy } from '../../src/api/clusterbackuppolicy.ts';
import { clusterPatchPolicy } from '../../src/api/clusterpatchpolicy.ts';
import { contract } from '../../src/api/contract.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import { patchRun } from '../../src/api/patchrun.ts';
import { serviceCalendar } from '../../src/api/servicecalendar.ts';
import { servicePlan } from '../../src/api/serviceplan.ts';
import {
  BackupStorageLocation,
  PrometheusRule,
  VeleroBackup,
  VeleroSchedule,
  VirtualMachine,
} from '../../src/api/upstream.ts';
import { type Any, conditionOf, Namespace, verdictOf } from './support/api.ts';
import { untilStill } from './support/audit.ts';
import { type Cluster, expectNoRefusals, startCluster } from './support/cluster.ts';
import { eventually, reads } from './support/eventually.ts';
import {
  advancedPlan,
  contractOf,
  dailyPolicy,
  linuxSystem,
  machine,
  regularHours,
  standardBackups,
  standardPatches,
  storageLocationOf,
} from './support/orders.ts';
import { instantOf, playBackup, schedulesOf } from './support/playedbackup.ts';
import { playStore } from './support/playedstore.ts';

const backupPolicyRef = { kind: 'BackupPolicy', name: 'daily' };
const good = { BackupCompliant: 'True/RecoveryPointGood' };
const tooOld = { BackupCompliant: 'False/RecoveryPointTooOld' };

const ending = new AbortController();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  const { api } = cluster;
  await api.create(operatingSystem, linuxSystem('debian-13'));
  for (const name of ['default', 'site-b', 'globex-vault']) {
    await api.create(BackupStorageLocation, storageLocationOf(name));
  }
  await playStore(api, ending.signal);
});

afterAll(() => {
  ending.abort();
  return cluster?.stop();
});

type Spec = Readonly<Record<string, unknown>>;

/** A namespace with the policy `daily` and a ManagedVM `vm` under it, its Schedules in place. */
async function backedUp(
  namespace: string,
  policy: Spec = {},
  annotations: Record<string, string> = {},
  spec: Spec = {},
): Promise<Any> {
  const { api } = cluster;
  await api.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, annotations } });
  await api.create(backupPolicy, dailyPolicy(namespace, 'daily', { consistency: 'CrashConsistent', ...policy }));
  await api.create(managedVM, machine(namespace, 'vm', { serviceLevel: 'Admin', backupPolicyRef, ...spec }));
  const vm = await reads(api, managedVM, namespace, 'vm', { BackupCompliant: 'Unknown/NoBackupYet' });
  expect(await schedulesOf(api, vm)).toHaveLength(1);
  return vm;
}

async function scheduleOf(vm: Any): Promise<Any> {
  const [schedule] = await schedulesOf(cluster.api, vm);
  return schedule;
}

/** The VM has been under backup for five days, as its status remembers. */
async function longUnderBackup({ metadata: { namespace, name } }: Any): Promise<Any> {
  const path = `/apis/managed.systems/v1alpha1/namespaces/${namespace}/managedvms/${name}/status`;
  await cluster.api.client.patch('merge', path, { status: { backup: { since: instantOf(-120) } } });
  return reads(cluster.api, managedVM, namespace, name, tooOld);
}

const messageOf = (vm: Any): string => conditionOf(vm, 'BackupCompliant')?.message ?? '';
const now = async (vm: Any): Promise<Any> => cluster.api.get(managedVM, vm.metadata.namespace, 'vm');

describe('AP-13: a broken promise is remembered (cluster/09)', () => {
  /** When the condition last changed: the same after all means that it never was anything else meanwhile. */
  const brokenSince = (vm: Any): string => (conditionOf(vm, 'BackupCompliant') as Any).lastTransitionTime;

  test('when a tier is renamed', async () => {
    const { api, bed } = cluster;
    const vm = await longUnderBackup(await backedUp('renamed'));
    const before = await scheduleOf(vm);
    await api.edit(backupPolicy, 'renamed', 'daily', {
      spec: { tiers: [{ name: 'nightly', schedule: '0 1 * * *', retention: '720h' }] },
    });
    await eventually(async () => {
      const names = (await schedulesOf(api, vm)).map(({ metadata }) => metadata.name);
      expect(names).toEqual([expect.stringMatching(/^renamed-vm-nightly-/)]);
      expect(names).not.toContain(before.metadata.name);
    });
    await untilStill(bed, 1_000);
    expect(verdictOf(await now(vm), 'BackupCompliant')).toBe(tooOld.BackupCompliant);
    expect(brokenSince(await now(vm))).toBe(brokenSince(vm));
  });

  test('when a Schedule is deleted and made again, and when Steward starts anew', async () => {
    const { api, bed } = cluster;
    const vm = await longUnderBackup(await backedUp('recreated'));
    const before = await scheduleOf(vm);
    await api.remove(VeleroSchedule, 'velero', before.metadata.name);
    await eventually(async () => {
      const again = await scheduleOf(vm);
      expect(again?.metadata.uid ?? before.metadata.uid).not.toBe(before.metadata.uid);
    });
    await cluster.steward().stop();
    await cluster.startSteward();
    await untilStill(bed, 1_000);
    expect(verdictOf(await now(vm), 'BackupCompliant')).toBe(tooOld.BackupCompliant);
    expect(brokenSince(await now(vm))).toBe(brokenSince(vm));
  });
});

describe('AP-6: a backup that counts', () => {
  test('makes the promise True when Steward has found each disk in it; policy and sum say the same', async () => {
    const { api } = cluster;
    const vm = await longUnderBackup(await backedUp('counts'));
    const backup = await playBackup(api, await scheduleOf(vm), {
      status: { csiVolumeSnapshotsAttempted: 1, csiVolumeSnapshotsCompleted: 1, hookStatus: { hooksAttempted: 2 } },
    });
    const judged = await reads(api, managedVM, 'counts', 'vm', {
      ...good,
      // The policy asks for no proof by restores.
      RestoreVerified: 'Unknown/NotIncluded',
      RetentionMet: 'True/PointsKept',
    });
    expect(judged.status.backup).toMatchObject({
      lastBackup: backup.metadata.name,
      lastRecoveryPoint: backup.status.startTimestamp,
    });
    const [inspected] = judged.status.backup.inspected;
    expect(inspected).toMatchObject({ uid: backup.metadata.uid, disks: [{ name: 'root', data: 'Held' }] });
    const policy = await reads(api, backupPolicy, 'counts', 'daily', { BackupCompliant: 'True/Compliant' });
    expect(policy.status).toMatchObject({ managedVMs: 1, compliant: 1, last: { backup: backup.metadata.name } });
  });

  test('is still there when its tier has been renamed', async () => {
    const { api, bed } = cluster;
    const vm = await longUnderBackup(await backedUp('kept'));
    const backup = await playBackup(api, await scheduleOf(vm));
    await reads(api, managedVM, 'kept', 'vm', good);
    const tiers = [{ name: 'nightly', schedule: '0 1 * * *', retention: '720h' }];
    await api.edit(backupPolicy, 'kept', 'daily', { spec: { tiers } });
    await eventually(async () => expect((await scheduleOf(vm))?.metadata.name).toMatch(/^kept-vm-nightly-/));
    await untilStill(bed, 1_000);
    expect((await now(vm)).status.backup.lastBackup).toBe(backup.metadata.name);
  });

  test.each([
    [
      'with zero of two volume snapshots',
      'no-volumes',
      { csiVolumeSnapshotsAttempted: 2 },
      'False/VolumesMissing',
      'lacks volumes: 0 of 2 CSI volume snapshots completed',
    ],
    [
      'dated in the future (cluster/11)',
      'future',
      { startTimestamp: instantOf(480) },
      tooOld.BackupCompliant,
      'which is in the future',
    ],
    [
      'past its expiration (cluster/12)',
      'expired',
      { startTimestamp: instantOf(-2), expiration: instantOf(-1) },
      tooOld.BackupCompliant,
      'expired at',
    ],
    ['that failed in part', 'in-part', { phase: 'PartiallyFailed', errors: 1 }, tooOld.BackupCompliant, '(1 errors)'],
  ])('is none %s', async (_, namespace, status, verdict, why) => {
    const { api } = cluster;
    const vm = await longUnderBackup(await backedUp(namespace));
    const backup = await playBackup(api, await scheduleOf(vm), { status });
    await eventually(async () => expect(messageOf(await now(vm))).toContain(`Backup ${backup.metadata.name} `));
    const judged = await now(vm);
    expect(verdictOf(judged, 'BackupCompliant')).toBe(verdict);
    expect(messageOf(judged)).toContain(why);
    expect(judged.status.backup.lastBackup).toBeUndefined();
  });

  test('is none that somebody planted with the labels of the VM; it is named and left alone', async () => {
    const { api, bed } = cluster;
    const vm = await longUnderBackup(await backedUp('planted'));
    const labels = { 'velero.io/schedule-name': 'everything-nightly' };
    await playBackup(api, await scheduleOf(vm), { name: 'planted-by-somebody', labels });
    await eventually(async () => expect(messageOf(await now(vm))).toContain('Backup planted-by-somebody'));
    await untilStill(bed, 1_000);
    expect(verdictOf(await now(vm), 'BackupCompliant')).toBe(tooOld.BackupCompliant);
    expect(await api.find(VeleroBackup, 'velero', 'planted-by-somebody')).toBeDefined();
  });

  test.each([
    [
      'is deleted',
      'site-gone',
      'does not exist',
      (name: string) => cluster.api.remove(BackupStorageLocation, 'velero', name),
    ],
    [
      'is unavailable',
      'site-down',
      'is Unavailable',
      (name: string) => cluster.api.edit(BackupStorageLocation, 'velero', name, { status: { phase: 'Unavailable' } }),
    ],
  ])(
    'is none in a location that %s, though the policy has moved on (cluster/10, cluster/33)',
    async (_, site, why, lose) => {
      const { api } = cluster;
      await api.create(BackupStorageLocation, storageLocationOf(site));
      const lists = { 'managed.systems/storage-locations': `default,${site}` };
      const vm = await longUnderBackup(await backedUp(`moved-from-${site}`, { storageLocation: site }, lists));
      const namespace = vm.metadata.namespace;
      const backup = await playBackup(api, await scheduleOf(vm));
      await reads(api, managedVM, namespace, 'vm', good);
      await api.edit(backupPolicy, namespace, 'daily', { spec: { storageLocation: 'default' } });
      await eventually(async () => expect((await scheduleOf(vm)).spec.template.storageLocation).toBe('default'));
      expect((await now(vm)).status.backup.lastBackup).toBe(backup.metadata.name);
      await lose(site);
      const judged = await reads(api, managedVM, namespace, 'vm', tooOld);
      expect(messageOf(judged)).toContain(`BackupStorageLocation ${site}, which ${why}`);
    },
  );
});

describe('AP-6: a Schedule that somebody pauses (cluster/28)', () => {
  test('stays paused while Steward goes on, is told, and goes on when it is let', async () => {
    const { api, bed } = cluster;
    const vm = await backedUp('paused');
    const { name } = (await scheduleOf(vm)).metadata;
    await api.edit(VeleroSchedule, 'velero', name, { spec: { paused: true } });
    const paused = await reads(api, managedVM, 'paused', 'vm', { BackupCompliant: 'Unknown/SchedulePaused' });
    expect(messageOf(paused)).toContain(`Paused: Schedule ${name}; the objective counts on.`);
    expect(paused.status.backup.nextRun).toBeUndefined();
    const tiers = [{ name: 'daily', schedule: '30 2 * * *', retention: '720h' }];
    await api.edit(backupPolicy, 'paused', 'daily', { spec: { tiers, recoveryPointObjective: '50h' } });
    await eventually(async () => expect((await scheduleOf(vm)).spec.schedule).toContain('30 2 * * *'));
    await untilStill(bed, 1_000);
    expect((await scheduleOf(vm)).spec.paused).toBe(true);
    await api.edit(VeleroSchedule, 'velero', name, { spec: { paused: false } });
    await reads(api, managedVM, 'paused', 'vm', { BackupCompliant: 'Unknown/NoBackupYet' });
  });
});

describe('AP-6: what a namespace may use stands on the Namespace', () => {
  const locations = (list: string | null) => ({
    metadata: { annotations: { 'managed.systems/storage-locations': list } },
  });

  test('another tenant’s storage location is refused, without a word about it, until the provider permits it', async () => {
    const { api } = cluster;
    const namespace = await api.namespace('reaching');
    await api.create(backupPolicy, dailyPolicy(namespace, 'daily', { storageLocation: 'globex-vault' }));
    await api.create(managedVM, machine(namespace, 'vm', { serviceLevel: 'Admin', backupPolicyRef }));
    const refused = 'False/StorageLocationNotPermitted';
    const vm = await reads(api, managedVM, namespace, 'vm', { BackupCompliant: refused });
    await reads(api, backupPolicy, namespace, 'daily', { Ready: refused, Stalled: 'True/StorageLocationNotPermitted' });
    expect(await schedulesOf(api, vm)).toEqual([]);
    const said = messageOf(vm);
    expect(said).toContain('managed.systems/storage-locations');
    await api.edit(BackupStorageLocation, 'velero', 'globex-vault', {
      status: { phase: 'Unavailable', message: 'api error AccessDenied: arn:aws:s3:::globex-hr-backups' },
    });
    await api.edit(Namespace, '', namespace, locations('globex-*'));
    const permitted = await reads(api, managedVM, namespace, 'vm', {
      BackupCompliant: 'False/StorageLocationUnavailable',
    });
    expect(messageOf(permitted)).toContain(
      'BackupStorageLocation globex-vault is Unavailable: api error AccessDenied.',
    );
    expect(await schedulesOf(api, vm)).toHaveLength(1);
    await api.edit(BackupStorageLocation, 'velero', 'globex-vault', { status: { phase: 'Available', message: null } });
    await reads(api, managedVM, namespace, 'vm', { BackupCompliant: 'Unknown/NoBackupYet' });
  });

  test('and a location that is withdrawn gets no more backups: its Schedules go', async () => {
    const { api } = cluster;
    const lists = { 'managed.systems/storage-locations': 'site-b' };
    const vm = await backedUp('withdrawn', { storageLocation: 'site-b' }, lists);
    await api.edit(Namespace, '', 'withdrawn', locations(null));
    await reads(api, managedVM, 'withdrawn', 'vm', { BackupCompliant: 'False/StorageLocationNotPermitted' });
    await eventually(async () => expect(await schedulesOf(api, vm)).toEqual([]));
  });

  test('MO-1: an instance type that is not permitted makes no VM until it is', async () => {
    const { api, bed } = cluster;
    const namespace = await api.namespace('instance-types');
    await api.create(managedVM, machine(namespace, 'vm', { sizing: { instanceType: 'cx1.large' } }));
    const vm = await reads(api, managedVM, namespace, 'vm', { Ready: 'False/InstanceTypeNotPermitted' });
    expect(conditionOf(vm, 'Ready')?.message).toContain('managed.systems/instance-types');
    await untilStill(bed, 1_000);
    expect(await api.list(VirtualMachine, namespace)).toEqual([]);
    const annotations = { 'managed.systems/instance-types': 'u1.*,cx1.large' };
    await api.edit(Namespace, '', namespace, { metadata: { annotations } });
    await eventually(async () => {
      const made = await api.find(VirtualMachine, namespace, 'vm');
      expect(made?.spec.instancetype.name).toBe('cx1.large');
    });
  });
});

describe('AP-6: the provider’s own policy', () => {
  const providers = { kind: 'ClusterBackupPolicy', name: 'daily' };
  const rules = 'steward-cluster-backups-daily';

  test('backs up what names it in any namespace, beside a BackupPolicy of the same name; its rules go with it, Schedules stay', async () => {
    const { api } = cluster;
    const own = await backedUp('own-daily');
    const namespace = await api.namespace('standard');
    await api.create(managedVM, machine(namespace, 'vm', { serviceLevel: 'Admin', backupPolicyRef: providers }));
    await reads(api, managedVM, namespace, 'vm', { BackupCompliant: 'False/ClusterBackupPolicyNotFound' });
    await api.create(clusterBackupPolicy, standardBackups('daily', { consistency: 'CrashConsistent' }));
    const vm = await reads(api, managedVM, namespace, 'vm', { BackupCompliant: 'Unknown/NoBackupYet' });
    expect(vm.status.backup).toMatchObject({ policy: 'daily', policyKind: 'ClusterBackupPolicy' });
    const backup = await playBackup(api, await scheduleOf(vm));
    await reads(api, managedVM, namespace, 'vm', good);
    const policy = await reads(api, clusterBackupPolicy, '', 'daily', { Ready: 'True/InForce' });
    await eventually(async () => {
      const { status } = await api.get(clusterBackupPolicy, '', 'daily');
      const last = { managedVM: 'standard/vm', backup: backup.metadata.name };
      expect(status).toMatchObject({ managedVMs: 1, compliant: 1, last });
    });
    const { ownerReferences } = (await api.get(PrometheusRule, 'steward-system', rules)).metadata;
    expect(ownerReferences).toMatchObject([{ kind: 'ClusterBackupPolicy', uid: policy.metadata.uid }]);
    expect((await api.get(backupPolicy, 'own-daily', 'daily')).status).toMatchObject({ managedVMs: 1, compliant: 0 });
    expect((await scheduleOf(own)).metadata.name).toMatch(/^own-daily-vm-/);

    await api.remove(clusterBackupPolicy, '', 'daily');
    await eventually(async () => expect(await api.find(PrometheusRule, 'steward-system', rules)).toBeUndefined());
    await reads(api, managedVM, namespace, 'vm', { BackupCompliant: 'False/ClusterBackupPolicyNotFound' });
    expect(await schedulesOf(api, vm)).toHaveLength(1);
  });

  test('opens no storage location to a namespace that may not use it', async () => {
    const { api } = cluster;
    await api.create(clusterBackupPolicy, standardBackups('vault', { storageLocation: 'site-b' }));
    const namespace = await api.namespace('no-vault');
    const backupPolicyRef = { kind: 'ClusterBackupPolicy', name: 'vault' };
    await api.create(managedVM, machine(namespace, 'vm', { serviceLevel: 'Admin', backupPolicyRef }));
    const vm = await reads(api, managedVM, namespace, 'vm', { BackupCompliant: 'False/StorageLocationNotPermitted' });
    expect(await schedulesOf(api, vm)).toEqual([]);
    await reads(api, clusterBackupPolicy, '', 'vault', { StorageAvailable: 'False/StorageLocationNotPermitted' });
  });
});

describe('AP-6: the standard that a plan names', () => {
  test('backs up an order that names no policy, and a weaker policy does not satisfy it', async () => {
    const { api } = cluster;
    const namespace = await api.namespace('plain');
    const standard = { policy: 'gold', policyKind: 'ClusterBackupPolicy', standard: true };
    const backup = { recoveryPointObjective: '26h', recoveryTimeObjective: '4h', policyRef: 'gold' };
    await api.create(serviceCalendar, regularHours('regular'));
    await api.create(servicePlan, advancedPlan('with-backups', 'regular', { backup }));
    await api.create(contract, contractOf('plain', [namespace], 'with-backups'));
    await api.create(managedVM, machine(namespace, 'vm'));
    await reads(api, managedVM, namespace, 'vm', { BackupCompliant: 'False/ClusterBackupPolicyNotFound' });
    await api.create(clusterBackupPolicy, standardBackups('gold'));
    const vm = await reads(api, managedVM, namespace, 'vm', { BackupCompliant: 'Unknown/NoBackupYet' });
    expect(vm.status.backup).toMatchObject(standard);
    expect(await schedulesOf(api, vm)).toHaveLength(1);
    await reads(api, clusterBackupPolicy, '', 'gold', { BackupCompliant: 'Unknown/NoBackupYet' });

    await api.create(backupPolicy, dailyPolicy(namespace, 'daily', { recoveryPointObjective: '48h' }));
    await api.edit(managedVM, namespace, 'vm', { spec: { backupPolicyRef } });
    const weak = await reads(api, managedVM, namespace, 'vm', { BackupCompliant: 'False/PolicyTooWeak' });
    expect(messageOf(weak)).toContain('Its recovery point objective is 48h, that of the standard 26h.');
    await api.edit(clusterBackupPolicy, '', 'gold', { spec: { recoveryPointObjective: '48h' } });
    await reads(api, managedVM, namespace, 'vm', { BackupCompliant: 'Unknown/NoBackupYet' });

    await api.edit(managedVM, namespace, 'vm', { spec: { backupPolicyRef: null } });
    await eventually(async () => expect((await now(weak)).status.backup).toMatchObject(standard));
    await api.remove(contract, '', 'plain');
    await reads(api, managedVM, namespace, 'vm', { Contracted: 'False/NoContract' });
    expect(await schedulesOf(api, vm)).toHaveLength(1);
  });
});

describe('AP-6: the provider’s bounds', () => {
  test.each([
    ['runs every minute', 'fast', { schedule: '* * * * *', retention: '720h' }, 'ScheduleTooFrequent'],
    ['keeps its backups for 114 years', 'long', { schedule: '0 1 * * *', retention: '999999h' }, 'RetentionTooLong'],
  ])(
    'a tier that %s is in no Schedule, and those that were made before stay as they are',
    async (_, name, tier, reason) => {
      const { api, bed } = cluster;
      const vm = await backedUp(`bounds-${name}`);
      const before = await scheduleOf(vm);
      await api.edit(backupPolicy, vm.metadata.namespace, 'daily', { spec: { tiers: [{ name: 'daily', ...tier }] } });
      await reads(api, managedVM, vm.metadata.namespace, 'vm', { BackupCompliant: `False/${reason}` });
      await reads(api, backupPolicy, vm.metadata.namespace, 'daily', { Ready: `False/${reason}` });
      await untilStill(bed, 1_000);
      expect(await schedulesOf(api, vm)).toEqual([before]);
    },
  );

  test('AP-13: a daily tier with an hour of retention is not in force', async () => {
    const { api } = cluster;
    const vm = await backedUp('short');
    const tiers = [{ name: 'daily', schedule: '0 1 * * *', retention: '1h' }];
    await api.edit(backupPolicy, 'short', 'daily', { spec: { tiers } });
    await reads(api, backupPolicy, 'short', 'daily', { Ready: 'False/RetentionTooShort' });
    await reads(api, managedVM, 'short', 'vm', { BackupCompliant: 'False/RetentionTooShort' });
    expect((await scheduleOf(vm)).spec.template.ttl).toBe('1h0m0s');
  });
});

describe('GE-5: zones (cluster/27)', () => {
  test.each([
    ['Europe/Kyiv', true],
    ['Asia/Kolkata', true],
    ['Asia/Calcutta', true],
    ['EST', false],
    ['Local', false],
    ['europe/berlin', false],
  ])('%s', async (timeZone, accepted) => {
    const { api } = cluster;
    const name = timeZone.toLowerCase().replace('/', '-');
    const policy = dailyPolicy('zones', name, { timeZone });
    if ((await api.find(Namespace, '', 'zones')) === undefined) await api.namespace('zones');
    const made = api.create(backupPolicy, policy);
    if (!accepted) return expect(made).rejects.toThrow(/must be an IANA time zone/);
    await made;
    await reads(api, backupPolicy, 'zones', name, { Ready: 'True/InForce' });
  });
});

describe('AP-13, MO-3: patches that wait for a recovery point', () => {
  test('have one asked for, once, and the guest is begun when it is there, with what it was begun on in its run', async () => {
    const { api, bed } = cluster;
    const began = new Date(Math.floor(Date.now() / 60_000 - 1) * 60_000);
    const schedule = `${began.getUTCMinutes()} ${began.getUTCHours()} * * *`;
    const open = { name: 'open', schedule, timeZone: 'Etc/UTC', duration: '3h', cutoff: '1h' };
    const terms = {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'guarded' } },
      ...{ windows: [open], recoveryPoint: { maxAge: '4h' } },
      rings: [{ name: 'canary', namespaces: ['guarded'] }, { name: 'production' }],
    };
    await api.create(clusterPatchPolicy, standardPatches('guarded', terms));
    const vm = await backedUp('guarded', {}, {}, { serviceLevel: 'MonitoringAndPatching' });
    const selector = `managed.systems/owner-uid=${vm.metadata.uid}`;
    const backups = (): Promise<Any[]> => api.list(VeleroBackup, 'velero', selector);
    const [asked] = await eventually(async () => {
      const found = await backups();
      expect(found).toHaveLength(1);
      return found;
    });
    const { metadata, ...template } = (await scheduleOf(vm)).spec.template;
    expect(asked.spec).toMatchObject(template);
    expect(asked.metadata.labels).toMatchObject(metadata.labels);
    await untilStill(bed, 1_000);
    expect([await api.list(patchRun, 'guarded'), (await backups()).length]).toEqual([[], 1]);
    const start = instantOf(0);
    await api.edit(VeleroBackup, 'velero', asked.metadata.name, {
      status: {
        ...{ phase: 'Completed', startTimestamp: start, completionTimestamp: start, expiration: instantOf(720) },
        ...{ progress: { totalItems: 9, itemsBackedUp: 9 }, hookStatus: {} },
      },
    });
    await eventually(async () => {
      const [run] = await api.list(patchRun, 'guarded');
      expect(run?.spec.recoveryPoint).toEqual({ backup: asked.metadata.name, time: start });
    });
  });
});

test('the roles of the chart were enough: no call was refused', () => expectNoRefusals(cluster));
