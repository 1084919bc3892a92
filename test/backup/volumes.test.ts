/** AP-13 on the real Velero: a backup that is called Completed and cannot bring back the disks is none. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NAMESPACE } from '../../hack/testbed/velero/objects.ts';
import { backupPolicy } from '../../src/api/backuppolicy.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import {
  DataVolume,
  DownloadRequest,
  PersistentVolumeClaim,
  VeleroBackup,
  VirtualMachine,
} from '../../src/api/upstream.ts';
import { OWNER_UID_LABEL } from '../../src/domain/contract/child.ts';
import { conditionOf, Namespace } from '../integration/support/api.ts';
import { expectNoRefusals } from '../integration/support/cluster.ts';
import { eventually, reads } from '../integration/support/eventually.ts';
import { dailyPolicy } from '../integration/support/orders.ts';
import { schedulesOf } from '../integration/support/playedbackup.ts';
import {
  backedUp,
  completed,
  ended,
  fire,
  PATIENCE_MS,
  startVeleroCluster,
} from '../integration/support/realvelero.ts';

/** The provider's rule in this bed makes Velero leave it out. */
const small = { name: 'data', size: '1Gi' };
const large = { name: 'data', size: '5Gi' };
const BROKEN = { BackupCompliant: 'False/VolumesMissing', SLACompliant: 'False/PromiseBroken' };
const GOOD = { BackupCompliant: 'True/RecoveryPointGood' };

let bed: Awaited<ReturnType<typeof startVeleroCluster>>;

beforeAll(async () => {
  bed = await startVeleroCluster();
});
afterAll(() => bed?.stop());

async function said(namespace: string, verdict: Readonly<Record<string, string>>) {
  const vm = await reads(bed.cluster.api, managedVM, namespace, 'vm', verdict);
  return { backup: vm.status.backup, message: conditionOf(vm, 'BackupCompliant')?.message ?? '' };
}

/** Velero leaves out whatever bears this label. */
function excludeDisk(namespace: string, isExcluded = true): Promise<unknown> {
  const labels = { 'velero.io/exclude-from-backup': isExcluded ? 'true' : null };
  return bed.cluster.api.edit(PersistentVolumeClaim, namespace, 'vm-data', { metadata: { labels } });
}

describe('a backup that holds each disk', () => {
  test('counts, by what Velero says of its volumes in the store; its labels are those that lead back to the VM', async () => {
    const { api } = bed.cluster;
    const { schedule } = await backedUp(api, 'held', large);
    const { metadata, status } = await completed(api, schedule);
    expect(status).toMatchObject({ csiVolumeSnapshotsCompleted: 2 });
    const { backup } = await said('held', GOOD);
    const { name, uid, labels } = metadata;
    // Those of the Schedule would be copied if its template had none, and whoever prunes by them would prune backups (velero#2975).
    expect(labels).not.toHaveProperty(['app.kubernetes.io/managed-by']);
    const disks = [
      { name: 'root', data: 'Held' },
      { name: 'data', data: 'Held' },
    ];
    expect(backup).toMatchObject({ lastBackup: name, inspected: [{ name, uid, disks }] });
    expect(backup.lastRecoveryPoint).toBe(status.startTimestamp);
    await reads(api, backupPolicy, 'held', 'daily', { BackupCompliant: 'True/Compliant' });
  });

  test('leaves no question behind, and is asked about no more when Steward starts anew', async () => {
    const { api } = bed.cluster;
    const noQuestion = async () => expect(await api.list(DownloadRequest, NAMESPACE)).toEqual([]);
    await eventually(noQuestion);
    await bed.cluster.steward().stop();
    await bed.cluster.startSteward();
    await said('held', GOOD);
    await noQuestion();
  });

  test('suffices while a newer one lacks a disk, which is named', async () => {
    const { api } = bed.cluster;
    const { schedule } = await backedUp(api, 'newer', large);
    const good = await completed(api, schedule);
    await said('newer', GOOD);
    await excludeDisk('newer');
    const lacking = await completed(api, schedule);
    const names = `Backup ${lacking.metadata.name} is Completed and lacks 1 of 2 disks: data (it is not in the backup).`;
    await eventually(async () => expect((await said('newer', GOOD)).message).toContain(names));
    expect((await said('newer', GOOD)).backup.lastBackup).toBe(good.metadata.name);
  });
});

test('a VM that comes under another policy has its Schedules alone, and a backup of the former counts until there is a newer', async () => {
  const { api } = bed.cluster;
  const { vm, schedule } = await backedUp(api, 'moved');
  const former = await completed(api, schedule);
  await said('moved', GOOD);
  const tiers = [{ name: 'hourly', schedule: '0 * * * *', retention: '48h' }];
  const hourly = dailyPolicy('moved', 'hourly', {
    tiers,
    recoveryPointObjective: '3h',
    consistency: 'CrashConsistent',
  });
  await api.create(backupPolicy, hourly);
  await api.edit(managedVM, 'moved', 'vm', { spec: { backupPolicyRef: { name: 'hourly' } } });
  const other = await eventually(async () => {
    const schedules = await schedulesOf(api, vm);
    expect(schedules.map(({ spec }) => spec.schedule)).toEqual(['CRON_TZ=Europe/Berlin 0 * * * *']);
    expect(schedules[0].status?.phase).toBe('Enabled');
    return schedules[0];
  }, PATIENCE_MS);
  // The objective is kept by the former's; of the points that the new tier promises none is due yet.
  const now = await said('moved', { RPOMet: 'True/RecoveryPointGood', RetentionMet: 'Unknown/NoBackupYet' });
  expect(now.backup).toMatchObject({ policy: 'hourly', lastBackup: former.metadata.name });
  await reads(api, backupPolicy, 'moved', 'daily', { BackupCompliant: 'Unknown/NoManagedVM' });
  const next = await completed(api, other);
  await eventually(async () => expect((await said('moved', GOOD)).backup.lastBackup).toBe(next.metadata.name));
  await reads(api, backupPolicy, 'moved', 'hourly', { BackupCompliant: 'True/Compliant' });
  expect(await api.find(VeleroBackup, NAMESPACE, former.metadata.name)).toBeDefined();
});

describe('a breach is what Velero calls Completed, without an error', () => {
  test('and has skipped a disk, for a rule of the provider says so', async () => {
    const { schedule } = await backedUp(bed.cluster.api, 'skipped', small);
    const { metadata, status } = await completed(bed.cluster.api, schedule);
    expect(status).toMatchObject({ csiVolumeSnapshotsAttempted: 1, csiVolumeSnapshotsCompleted: 1 });
    const { message, backup } = await said('skipped', BROKEN);
    expect(message).toContain(`Backup ${metadata.name} is Completed and lacks 1 of 2 disks: data (Velero skipped it).`);
    expect(backup.lastBackup).toBeUndefined();
    await reads(bed.cluster.api, backupPolicy, 'skipped', 'daily', { BackupCompliant: 'False/VolumesMissing' });
  });

  test('and has passed over a disk that bears a label', async () => {
    const { schedule } = await backedUp(bed.cluster.api, 'excluded', large);
    await excludeDisk('excluded');
    const { metadata } = await completed(bed.cluster.api, schedule);
    const { message, backup } = await said('excluded', BROKEN);
    expect(message).toContain(
      `Backup ${metadata.name} is Completed and lacks 1 of 2 disks: data (it is not in the backup).`,
    );
    expect(backup.lastBackup).toBeUndefined();
  });

  test('and holds no disk, for its selector matched none while Steward was away', async () => {
    const { api } = bed.cluster;
    const { vm, schedule } = await backedUp(api, 'unmatched');
    await bed.cluster.steward().stop();
    for (const kind of [VirtualMachine, DataVolume, PersistentVolumeClaim])
      for (const { metadata } of await api.list(kind, 'unmatched', `${OWNER_UID_LABEL}=${vm.metadata.uid}`))
        await api.edit(kind, 'unmatched', metadata.name, { metadata: { labels: { [OWNER_UID_LABEL]: null } } });
    const { metadata } = await completed(api, schedule);
    await bed.cluster.startSteward();
    const { message, backup } = await said('unmatched', BROKEN);
    expect(message).toContain(
      `Backup ${metadata.name} is Completed and lacks 1 of 1 disks: root (it is not in the backup).`,
    );
    expect(backup.lastBackup).toBeUndefined();
  });
});

test('a backup that Velero refuses, for somebody has labelled the Namespace so that it is left out, is told as refused', async () => {
  const { api } = bed.cluster;
  const { schedule } = await backedUp(api, 'refused');
  await api.edit(Namespace, '', 'refused', { metadata: { labels: { 'velero.io/exclude-from-backup': 'true' } } });
  const { metadata, status } = await ended(api, VeleroBackup, await fire(api, schedule));
  expect(status.phase).toBe('FailedValidation');
  await eventually(async () => {
    const { message } = await said('refused', { BackupCompliant: 'Unknown/NoBackupYet' });
    expect(message).toContain(`Backup ${metadata.name} is FailedValidation (1 reasons in its status).`);
    expect(message).not.toContain('Not counted');
  });
});

test('the roles of the chart were enough: no call was refused', () => expectNoRefusals(bed.cluster));
