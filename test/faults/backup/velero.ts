/** Velero fails: at its Restore, and at the Backups and storage locations from which there could be one. It is played; what it leaves behind is as v1.18 leaves it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BackupStorageLocation, PersistentVolumeClaim, VeleroRestore } from '../../../src/api/upstream.ts';
import { type Any, Namespace } from '../../integration/support/api.ts';
import { instantOf, playBackup } from '../../integration/support/playedbackup.ts';
import type { Ground } from './ground.ts';
import type { RestoreCase } from './restorecases.ts';

const HOUR_MS = 3_600_000;
const failed = { ends: 'Failed' } as const;
/** On what somebody else has put into Velero's namespace. */
const PLANTED = { 'example.com/planted': 'true' };

/** Velero at its Restore. */
export const failingRestores: readonly RestoreCase[] = [
  {
    name: "Velero's Restore PartiallyFailed",
    velero: { status: { phase: 'PartiallyFailed', errors: 1 } },
    ...failed,
    why: /PartiallyFailed with 1 errors/,
  },
  {
    name: "Velero's Restore FailedValidation",
    velero: {
      status: { phase: 'FailedValidation', validationErrors: ['the backup is not there'] },
      claim: () => 'absent',
    },
    ...failed,
    why: /FailedValidation: the backup is not there/,
  },
  {
    name: "Velero's Restore Failed, as after its server ended",
    velero: {
      status: { phase: 'Failed', failureReason: 'found a restore with status "InProgress" during the server starting' },
    },
    ...failed,
    why: /is Failed: found a restore/,
  },
  {
    name: "Velero's Restore Completed with errors",
    velero: { status: { phase: 'Completed', errors: 2 } },
    ...failed,
    why: /Completed with 2 errors/,
  },
  {
    name: "Velero's Restore Completed and empty",
    velero: { claim: () => 'absent' },
    ...failed,
    why: /Disk root is not in the backup/,
  },
  {
    name: "Velero's Restore Completed with one disk of two",
    velero: { claim: disk => (disk === 'data' ? 'absent' : 'filled') },
    ...failed,
    why: /Disk data is not in the backup/,
  },
  {
    name: "Velero's Restore Completed, a claim without data",
    velero: { claim: disk => (disk === 'data' ? 'empty' : 'filled') },
    ...failed,
    why: /came without data/,
  },
  {
    name: "Velero's Restore never ends",
    velero: { status: 'none', claim: () => 'absent' },
    term: { from: 'begun', ms: 25 * HOUR_MS },
    ...failed,
    why: /Velero has not ended within 24 hours/,
  },
  {
    name: 'storage gives a restored disk no volume',
    velero: { claim: disk => (disk === 'data' ? 'unbound' : 'filled') },
    term: { from: 'restored', ms: 2 * HOUR_MS },
    ...failed,
    why: /has no volume within 1 hours/,
  },
  {
    name: "Velero's Restore vanishes while it works",
    velero: { status: 'none', claim: () => 'absent' },
    meanwhile: { at: 'begun', does: (ground, scope) => vanish(ground, scope) },
    ...failed,
    why: /is not there any more/,
  },
  {
    name: 'a claim of the name of a disk was in the staging namespace before',
    backup: { does: (ground, scope) => plant(ground, scope) },
    velero: { claim: disk => (disk === 'root' ? 'absent' : 'filled') },
    ...failed,
    why: /was there before/,
    check: stillPlanted,
  },
  {
    name: "a claim that was there before bears a copied label of Velero's",
    meanwhile: { at: 'Pending', does: (ground, scope) => plantLabelled(ground, scope) },
    velero: { claim: disk => (disk === 'root' ? 'absent' : 'filled') },
    ...failed,
    why: /is older than the order that it names/,
    check: stillPlanted,
  },
  {
    name: 'the guest agent never answers on the restored disks',
    backup: { does: (ground, scope) => ground.api.misbehave(scope, scope, 'AgentLost') },
    term: { from: 'Starting', ms: HOUR_MS },
    ends: 'Unproven',
    why: /no guest with an agent that answers was seen within 30 minutes.*The old disks stay/,
    ready: /./,
  },
];

async function vanish(ground: Ground, scope: string): Promise<void> {
  const name = `steward-${ground.restoreOf(scope).metadata.uid}`;
  await ground.until(
    "Velero's Restore is there",
    async () => (await ground.api.find(VeleroRestore, 'velero', name)) !== undefined,
  );
  await ground.api.remove(VeleroRestore, 'velero', name);
}

/** Somebody's own, of the name that a disk of the VM has. */
function plant(ground: Ground, scope: string, labels: Readonly<Record<string, string>> = {}): Promise<Any> {
  return ground.api.create(PersistentVolumeClaim, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: `${scope}-root`, namespace: 'velero', labels: { ...PLANTED, ...labels } },
    spec: { accessModes: ['ReadWriteMany'], volumeMode: 'Block', resources: { requests: { storage: '1Gi' } } },
  } as Parameters<Ground['api']['create']>[1]);
}

/** Made after the order and before Velero is asked. */
async function plantLabelled(ground: Ground, scope: string): Promise<void> {
  const { uid } = ground.restoreOf(scope).metadata;
  await plant(ground, scope, { 'velero.io/restore-name': `steward-${uid}` });
  // Times of the API server are whole seconds: what comes after is younger.
  await sleep(1_100);
}

async function stillPlanted(ground: Ground, scope: string): Promise<string | undefined> {
  const claim = await ground.api.find(PersistentVolumeClaim, 'velero', `${scope}-root`);
  return claim?.metadata.deletionTimestamp === undefined && claim !== undefined
    ? undefined
    : 'what somebody else had in the staging namespace was deleted';
}

type Said = Pick<RestoreCase, 'backup' | 'says' | 'inStore' | 'order' | 'takes'>;

const none = /^None of \d backups of the VM can be restored\./;
const noRestore = { ...failed, why: none };

/** A Backup from which nothing can be restored: the VM says so, and so does the order. */
const useless = (name: string, status: object, verdict: string, more: Said = {}): RestoreCase => ({
  name,
  backup: { status },
  says: { BackupCompliant: verdict },
  ...noRestore,
  ...more,
});

/** The only Backup lies where it cannot be restored from. */
const outOfReach = (name: string, place: string, does?: NonNullable<RestoreCase['backup']>['does']): RestoreCase => ({
  name,
  backup: { location: place, ...(does && { does }) },
  says: { BackupCompliant: 'Unknown/NoBackupYet' },
  ...noRestore,
});

function permit(ground: Ground, scope: string, place: string): Promise<unknown> {
  const annotations = { 'managed.systems/storage-locations': `default,${place}` };
  return ground.api.edit(Namespace, '', scope, { metadata: { annotations } });
}

/** Velero's Backups and where they lie. */
export const failingBackups: readonly RestoreCase[] = [
  ...['PartiallyFailed', 'Failed', 'FailedValidation', 'Deleting'].map(phase =>
    useless(`the only Backup is ${phase}`, { phase, errors: 1 }, 'Unknown/NoBackupYet'),
  ),
  useless('the only Backup is Completed with errors', { errors: 1 }, 'Unknown/NoBackupYet'),
  useless(
    'the only Backup is Completed and holds nothing: its selector matched nothing',
    { progress: { totalItems: 0, itemsBackedUp: 0 } },
    'False/VolumesMissing',
  ),
  useless(
    'the only Backup lacks the snapshot of a disk by its own counts',
    { csiVolumeSnapshotsAttempted: 2, csiVolumeSnapshotsCompleted: 1 },
    'False/VolumesMissing',
  ),
  useless(
    'the only Backup is Completed, and a disk has no snapshot by what the store says',
    {},
    'False/VolumesMissing',
    {
      inStore: disks => disks.filter(({ pvcName }) => !pvcName.endsWith('-data')),
    },
  ),
  useless('the only Backup is Completed, and Velero skipped a disk', {}, 'False/VolumesMissing', {
    inStore: disks => disks.map(disk => (disk.pvcName.endsWith('-data') ? { ...disk, skipped: true } : disk)),
  }),
  useless('the only Backup is Completed, and a disk failed', {}, 'False/VolumesMissing', {
    inStore: disks => disks.map(disk => ({ ...disk, result: 'failed' })),
  }),
  useless(
    'the only Backup is past its expiration',
    { startTimestamp: instantOf(-3), expiration: instantOf(-1) },
    'Unknown/NoBackupYet',
  ),
  useless('the only Backup is dated in the future', { startTimestamp: instantOf(48) }, 'Unknown/NoBackupYet'),
  outOfReach('the storage location of the only Backup is unavailable', 'site-b', async (ground, scope) => {
    await permit(ground, scope, 'site-b');
    await ground.api.edit(BackupStorageLocation, 'velero', 'site-b', { status: { phase: 'Unavailable' } });
  }),
  outOfReach('the storage location of the only Backup is deleted', 'site-c', async (ground, scope) => {
    await permit(ground, scope, 'site-c');
    await ground.api.remove(BackupStorageLocation, 'velero', 'site-c');
  }),
  outOfReach('the only Backup lies where the namespace may not reach', 'globex-vault'),
  {
    name: 'the only Backup bears copied labels: no Schedule of the VM has made it',
    backup: { labels: { 'velero.io/schedule-name': 'everything-nightly' } },
    says: { BackupCompliant: 'Unknown/NoBackupYet' },
    ...failed,
    why: /^None of 0 backups of the VM can be restored\./,
  },
  {
    name: 'a Backup of the name that the order says is of another VM',
    spec: { point: { name: 'somebody-elses' } },
    ...failed,
    why: /^somebody-elses is no backup that a Schedule of this VM has made\./,
  },
  {
    name: 'a newer Backup lacks a disk: the older good one is restored, and stays',
    backup: { does: (ground, scope) => playWorse(ground, scope) },
    ends: 'Succeeded',
  },
  {
    name: 'no agent was there when the guest was to be frozen, and the policy asks for it: that is said, and the data are restored',
    order: { policy: { consistency: 'ApplicationConsistent' } },
    backup: { status: { hookStatus: { hooksAttempted: 2 } } },
    says: { ConsistencyMet: 'Unknown/ConsistencyNotProven', BackupCompliant: 'Unknown/ConsistencyNotProven' },
    ends: 'Succeeded',
  },
  {
    name: 'the store has no file that says what the only Backup holds: nothing is restored on trust, and the order goes on when it is there',
    inStore: () => undefined,
    says: { BackupCompliant: 'Unknown/VolumesNotVerified' },
    backup: { does: (ground, scope) => mendLater(ground, scope) },
    ends: 'Succeeded',
  },
];

/** A second newer, Completed, and without one snapshot. */
async function playWorse(ground: Ground, scope: string): Promise<void> {
  await sleep(1_100);
  const schedule = await ground.scheduleOf(scope);
  await playBackup(ground.api, schedule, {
    name: `${schedule.metadata.name}-worse`,
    status: { startTimestamp: instantOf(0), csiVolumeSnapshotsAttempted: 2, csiVolumeSnapshotsCompleted: 1 },
  });
}

/** As soon as the order says that it waits for it. */
async function mendLater(ground: Ground, scope: string): Promise<void> {
  void ground
    .once(scope, ({ status }) => /still being looked into/.test(status?.message ?? ''))
    .then(() => ground.inStore.delete(scope));
}
