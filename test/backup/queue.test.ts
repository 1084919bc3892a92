/** AP-13 on the real Velero: what becomes of backups that have not ended when its server dies, and of those that wait for them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StewardProcess } from '../../hack/steward/steward.ts';
import { NAMESPACE } from '../../hack/testbed/velero/objects.ts';
import { backupPolicy } from '../../src/api/backuppolicy.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { VeleroBackup, VeleroSchedule } from '../../src/api/upstream.ts';
import { type Any, conditionOf } from '../integration/support/api.ts';
import { expectNoRefusals } from '../integration/support/cluster.ts';
import { eventually, reads } from '../integration/support/eventually.ts';
import { schedulesOf } from '../integration/support/playedbackup.ts';
import {
  backedUp,
  backupsOf,
  completed,
  DeleteBackupRequest,
  ended,
  fire,
  PATIENCE_MS,
  startStewardAhead,
  startVeleroCluster,
} from '../integration/support/realvelero.ts';

let bed: Awaited<ReturnType<typeof startVeleroCluster>>;
let later: StewardProcess | undefined;

beforeAll(async () => {
  bed = await startVeleroCluster();
});
afterAll(async () => {
  await later?.stop('SIGKILL');
  await bed?.stop();
});

const phaseOf = async ({ metadata: { name } }: Any): Promise<string | undefined> =>
  (await bed.cluster.api.get(VeleroBackup, NAMESPACE, name)).status?.phase;

const reaches = (backup: Any, phase: string) =>
  eventually(async () => expect(await phaseOf(backup)).toBe(phase), PATIENCE_MS);

/** Waits until the VM says so of its newest recovery point. */
async function said(namespace: string, RPOMet: string, words: string): Promise<void> {
  await eventually(async () => {
    const vm = await reads(bed.cluster.api, managedVM, namespace, 'vm', { RPOMet });
    expect(conditionOf(vm, 'RPOMet')?.message).toContain(words);
  }, PATIENCE_MS);
}

/** As a server leaves a Backup that dies between two of its writes: Velero's kinds have no status apart. */
const leaveAs = ({ metadata: { name } }: Any, phase: string) =>
  bed.cluster.api.edit(VeleroBackup, NAMESPACE, name, { status: { phase, queuePosition: null } });

describe('a server that dies', () => {
  test('during a backup fails it when it starts anew, and never goes on with it; the next one counts', async () => {
    const { api } = bed.cluster;
    const { schedule } = await backedUp(api, 'midway');
    bed.snapshotter.hold();
    const backup = await fire(api, schedule);
    await reaches(backup, 'InProgress');
    await said('midway', 'Unknown/NoBackupYet', `Backup ${backup.metadata.name} is InProgress.`);
    await bed.velero.kill();
    bed.snapshotter.release();
    await bed.velero.start();
    await reaches(backup, 'Failed');
    await said(
      'midway',
      'Unknown/NoBackupYet',
      `Backup ${backup.metadata.name} is Failed (during the server starting).`,
    );
    const next = await completed(api, schedule);
    await said('midway', 'True/RecoveryPointGood', next.metadata.name);
  });

  test('while it deletes a backup leaves it Deleting, which counts no more; an older one counts in its stead', async () => {
    const { api } = bed.cluster;
    const { schedule } = await backedUp(api, 'undone');
    const older = await completed(api, schedule);
    const backup = await completed(api, schedule);
    await said('undone', 'True/RecoveryPointGood', backup.metadata.name);
    await bed.velero.kill();
    const labels = { 'velero.io/backup-name': backup.metadata.name, 'velero.io/backup-uid': backup.metadata.uid };
    await api.create(DeleteBackupRequest, {
      ...{ apiVersion: 'velero.io/v1', kind: 'DeleteBackupRequest' },
      ...{ metadata: { name: 'undone', namespace: NAMESPACE, labels }, spec: { backupName: backup.metadata.name } },
      status: { phase: 'InProgress' },
    } as Parameters<typeof api.create>[1]);
    await leaveAs(backup, 'Deleting');
    await bed.velero.start();
    // A sign that the new server has looked at what there is.
    await completed(api, (await backedUp(api, 'sign')).schedule);
    expect(await phaseOf(backup)).toBe('Deleting');
    await said('undone', 'True/RecoveryPointGood', `The newest usable backup ${older.metadata.name} holds each disk`);
    await said('undone', 'True/RecoveryPointGood', `Backup ${backup.metadata.name} is Deleting.`);
  });

  test('before it begins a backup forgets it, and all of the namespace pile up behind; Steward makes it begin', async () => {
    const { api } = bed.cluster;
    const tiers = ['early', 'late'].map((name, index) => ({
      name,
      schedule: `0 ${index + 1} * * *`,
      retention: '720h',
    }));
    const { vm } = await backedUp(api, 'piled');
    await api.edit(backupPolicy, 'piled', 'daily', { spec: { tiers, recoveryPointObjective: '26h' } });
    const [early, late] = await eventually(async () => {
      const schedules = (await schedulesOf(api, vm)).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
      expect(schedules.map(({ status }) => status?.phase)).toEqual(['Enabled', 'Enabled']);
      return schedules;
    }, PATIENCE_MS);
    bed.snapshotter.hold();
    const begun = await fire(api, early);
    await reaches(begun, 'InProgress');
    const forgotten = await fire(api, late);
    await reaches(forgotten, 'Queued');
    await bed.velero.kill();
    await leaveAs(forgotten, 'ReadyToStart');
    bed.snapshotter.release();
    await bed.velero.start();
    await reaches(begun, 'Failed');
    // Velero's Schedules see only what is New or InProgress: each run makes another one.
    const piled = [await fire(api, late), await fire(api, late)];
    for (const each of piled) await reaches(each, 'Queued');
    expect(await phaseOf(forgotten)).toBe('ReadyToStart');
    await said('piled', 'Unknown/NoBackupYet', '3 Backups wait for Velero to begin them, the oldest since ');

    await bed.cluster.steward().stop();
    later = await startStewardAhead(bed.cluster, 15 * 60_000);
    for (const each of [forgotten, ...piled])
      expect((await ended(api, VeleroBackup, each)).status.phase).toBe('Completed');
    expect(await backupsOf(api, late.metadata.name)).toHaveLength(3);
    await later.stop();
    await bed.cluster.startSteward();
    await reads(api, managedVM, 'piled', 'vm', { RPOMet: 'True/RecoveryPointGood' }, PATIENCE_MS);
  });
});

test('a Schedule that somebody pauses makes no backup, stays paused, and is told', async () => {
  const { api } = bed.cluster;
  const { schedule } = await backedUp(api, 'paused');
  await completed(api, schedule);
  await said('paused', 'True/RecoveryPointGood', 'holds each disk');
  const { name } = schedule.metadata;
  await api.edit(VeleroSchedule, NAMESPACE, name, { spec: { paused: true } });
  await said('paused', 'Unknown/SchedulePaused', `Paused: Schedule ${name}; the objective counts on.`);
  // The edit of the policy makes Steward write the Schedule.
  await api.edit(backupPolicy, 'paused', 'daily', { spec: { timeZone: 'Europe/Paris' } });
  await eventually(async () => {
    const { spec } = await api.get(VeleroSchedule, NAMESPACE, name);
    expect(spec).toMatchObject({ paused: true, schedule: 'CRON_TZ=Europe/Paris 0 1 * * *' });
  });
  expect(await backupsOf(api, name)).toHaveLength(1);
  await api.edit(VeleroSchedule, NAMESPACE, name, { spec: { paused: false } });
  await said('paused', 'True/RecoveryPointGood', 'holds each disk');
});

test('the roles of the chart were enough: no call was refused', () => expectNoRefusals(bed.cluster));
