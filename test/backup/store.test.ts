/** AP-6, AP-13 on the real Velero and a real object store: what becomes of backups when the place where they lie does not work. Needs root, for a place that is full. */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ObjectStore, startObjectStore } from '../../hack/testbed/objectstore/objectstore.ts';
import { run } from '../../hack/testbed/process/command.ts';
import { BUCKET, NAMESPACE } from '../../hack/testbed/velero/objects.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { BackupStorageLocation, Secret, VeleroBackup } from '../../src/api/upstream.ts';
import { type Any, conditionOf } from '../integration/support/api.ts';
import { expectNoRefusals } from '../integration/support/cluster.ts';
import { eventually, reads } from '../integration/support/eventually.ts';
import { playBackup } from '../integration/support/playedbackup.ts';
import {
  backedUp,
  completed,
  DeleteBackupRequest,
  ended,
  fire,
  PATIENCE_MS,
  startVeleroCluster,
} from '../integration/support/realvelero.ts';

const GOOD = { StorageAvailable: 'True/StorageLocationAvailable', RPOMet: 'True/RecoveryPointGood' };
const UNAVAILABLE = {
  StorageAvailable: 'False/StorageLocationUnavailable',
  BackupCompliant: 'False/StorageLocationUnavailable',
};

let bed: Awaited<ReturnType<typeof startVeleroCluster>>;
let moved: ObjectStore | undefined;
let schedule: Any;
let backup: Any;

beforeAll(async () => {
  bed = await startVeleroCluster();
  ({ schedule } = await backedUp(bed.cluster.api, 'shop'));
  backup = await completed(bed.cluster.api, schedule);
  await said(GOOD);
});
afterAll(async () => {
  await bed?.stop();
  await moved?.stop();
});

/** Waits until the VM says so; what it says in words of a condition. */
async function said(verdicts: Readonly<Record<string, string>>, condition = 'StorageAvailable'): Promise<Any> {
  const vm = await reads(bed.cluster.api, managedVM, 'shop', 'vm', verdicts, PATIENCE_MS);
  return { ...vm.status.backup, message: conditionOf(vm, condition)?.message };
}

function editLocation(spec: object): Promise<unknown> {
  return bed.cluster.api.edit(BackupStorageLocation, NAMESPACE, 'default', { spec });
}

/** The same Backup counts again, looked into once and for all. */
async function countsAgain(): Promise<void> {
  expect((await said(GOOD)).lastBackup).toBe(backup.metadata.name);
}

describe('a storage location', () => {
  test('that is read-only takes no backup, lets none be deleted, and counts again when it is writable', async () => {
    const { api } = bed.cluster;
    await editLocation({ accessMode: 'ReadOnly' });
    await said({ StorageAvailable: 'False/StorageLocationReadOnly', BackupCompliant: 'False/StorageLocationReadOnly' });
    const refused = await ended(api, VeleroBackup, await fire(api, schedule));
    expect(refused.status).toMatchObject({
      phase: 'FailedValidation',
      validationErrors: [expect.stringContaining('read-only mode')],
    });
    const request = await api.create(DeleteBackupRequest, {
      ...{
        apiVersion: 'velero.io/v1',
        kind: 'DeleteBackupRequest',
        metadata: { name: 'read-only', namespace: NAMESPACE },
      },
      ...{ spec: { backupName: backup.metadata.name } },
    } as Parameters<typeof api.create>[1]);
    await eventually(async () => {
      const { status } = await api.get(DeleteBackupRequest, NAMESPACE, request.metadata.name);
      expect(status).toMatchObject({ phase: 'Processed', errors: [expect.stringContaining('read-only mode')] });
    });
    const { lastBackup } = await said({ RPOMet: 'True/RecoveryPointGood' });
    expect(lastBackup).toBe(backup.metadata.name);
    await editLocation({ accessMode: 'ReadWrite' });
    await countsAgain();
  });

  test('whose keys are wrong is Unavailable; the cause is told, and neither key nor bucket', async () => {
    const { api } = bed.cluster;
    const { data } = await api.get(Secret, NAMESPACE, 'cloud-credentials');
    const wrong = '[default]\naws_access_key_id=steward\naws_secret_access_key=rotated-away\n';
    await api.edit(Secret, NAMESPACE, 'cloud-credentials', { stringData: { cloud: wrong } });
    const { message } = await said(UNAVAILABLE);
    expect(message).toContain('BackupStorageLocation default is Unavailable: ');
    expect(message).toMatch(/StatusCode: 403|api error SignatureDoesNotMatch/);
    expect(message).not.toMatch(/rotated-away|127\.0\.0\.1/);
    await api.edit(Secret, NAMESPACE, 'cloud-credentials', { data });
    await countsAgain();
  });

  test('whose store is down is Unavailable, fails what is begun meanwhile, and counts again where it comes back', async () => {
    const { api, bed: testbed } = bed.cluster;
    await bed.velero.store.stop();
    const { message } = await said(UNAVAILABLE);
    expect(message).toContain('connection refused');
    expect(message).not.toContain('127.0.0.1');
    const failed = await ended(api, VeleroBackup, await fire(api, schedule));
    expect(failed.status.phase).toMatch(/^(Failed|FailedValidation)$/);
    moved = await startObjectStore(join(testbed.dir, 'velero/store'), testbed.binaries);
    await editLocation({ config: { s3Url: moved.endpoint } });
    await countsAgain();
  });
});

describe('what Velero does with Backups of its own accord', () => {
  test('one that somebody deletes comes back from the store as another, and is looked into again', async () => {
    const { api } = bed.cluster;
    const { name, uid } = backup.metadata;
    await api.remove(VeleroBackup, NAMESPACE, name);
    const again = await eventually(async () => {
      const found = await api.get(VeleroBackup, NAMESPACE, name);
      expect(found.metadata.uid).not.toBe(uid);
      return found;
    }, PATIENCE_MS);
    const inspected = async () => (await api.get(managedVM, 'shop', 'vm')).status.backup.inspected?.[0]?.uid;
    await eventually(async () => expect(await inspected()).toBe(again.metadata.uid), PATIENCE_MS);
    await countsAgain();
  });

  test('one whose files are gone from the store goes, and an older one counts in its stead', async () => {
    const { api } = bed.cluster;
    const newer = await completed(api, schedule);
    await eventually(async () => expect((await said(GOOD)).lastBackup).toBe(newer.metadata.name), PATIENCE_MS);
    await rm(join(bed.velero.bucket, 'backups', newer.metadata.name), { recursive: true });
    await eventually(async () => {
      expect(await api.find(VeleroBackup, NAMESPACE, newer.metadata.name)).toBeUndefined();
      expect((await said({ RPOMet: 'True/RecoveryPointGood' })).lastBackup).toBe(backup.metadata.name);
    }, PATIENCE_MS);
  });

  test('one of which the store says something that nobody can read does not count until it can be read', async () => {
    const { api } = bed.cluster;
    await bed.cluster.steward().stop();
    const newer = await completed(api, schedule);
    const { name } = newer.metadata;
    const file = join(bed.velero.bucket, 'backups', name, `${name}-volumeinfo.json.gz`);
    const whole = await readFile(file);
    await writeFile(file, whole.subarray(0, whole.length / 2));
    await bed.cluster.startSteward();
    await eventually(async () => {
      const { lastBackup, message } = await said({ RPOMet: 'True/RecoveryPointGood' }, 'RPOMet');
      expect(lastBackup).toBe(backup.metadata.name);
      expect(message).toContain(`What Backup ${name} holds is not known yet`);
    }, PATIENCE_MS);
    await writeFile(file, whole);
    await eventually(async () => expect((await said(GOOD)).lastBackup).toBe(name), PATIENCE_MS);
    backup = newer;
  });

  test('one that nobody can look into, for Velero is down, is Unknown; it goes when Velero finds nothing in the store', async () => {
    const { api } = bed.cluster;
    const other = await backedUp(api, 'unread');
    await bed.velero.kill();
    const labels = { 'velero.io/storage-location': 'default' };
    const { metadata } = await playBackup(api, other.schedule, { labels });
    try {
      const vm = await reads(api, managedVM, 'unread', 'vm', { RPOMet: 'Unknown/VolumesNotVerified' }, PATIENCE_MS);
      expect(conditionOf(vm, 'RPOMet')?.message).toContain(`What Backup ${metadata.name} holds is not known yet`);
    } finally {
      await bed.velero.start();
    }
    await reads(api, managedVM, 'unread', 'vm', { RPOMet: 'Unknown/NoBackupYet' }, PATIENCE_MS);
    expect(await api.find(VeleroBackup, NAMESPACE, metadata.name)).toBeUndefined();
  });
});

describe('a bucket', () => {
  test('that is wiped is Available to Velero, which forgets each backup; none counts any more', async () => {
    const { api } = bed.cluster;
    await rm(join(bed.velero.bucket, 'backups'), { recursive: true });
    const { lastBackup } = await said({ ...GOOD, RPOMet: 'Unknown/NoBackupYet' });
    expect(lastBackup).toBeUndefined();
    const finished = (await api.list(VeleroBackup, NAMESPACE)).filter(({ status }) => status?.phase === 'Completed');
    expect(finished).toEqual([]);
  });

  test('that is gone is Unavailable; made anew and empty it takes backups again', async () => {
    await rm(bed.velero.bucket, { recursive: true });
    const { message } = await said(UNAVAILABLE);
    expect(message).toMatch(/api error NoSuchBucket|StatusCode: 404/);
    await moved?.createBucket(BUCKET);
    await said({ StorageAvailable: 'True/StorageLocationAvailable' });
    backup = await completed(bed.cluster.api, schedule);
    await countsAgain();
  });
});

/** From now on the bucket has 2 MiB, with what is in it; the end of it gives back what there was. */
async function narrowed(): Promise<{ fill(): Promise<void>; empty(): Promise<void> }> {
  const { bucket } = bed.velero;
  const beside = `${bucket}.whole`;
  await cp(bucket, beside, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', bucket]);
  await cp(beside, bucket, { recursive: true });
  // Beside what Velero keeps, it would call the place invalid.
  const ballast = join(bucket, 'metadata/ballast');
  await mkdir(join(bucket, 'metadata'), { recursive: true });
  return {
    fill: () => expect(writeFile(ballast, Buffer.alloc(4 << 20))).rejects.toMatchObject({ code: 'ENOSPC' }),
    empty: () => rm(ballast),
  };
}

describe('a bucket that is full', () => {
  test('is Available, fails what is written to it, keeps what it has, and takes backups again when there is room', async () => {
    const { api } = bed.cluster;
    const place = await narrowed();
    try {
      await place.fill();
      const failed = await ended(api, VeleroBackup, await fire(api, schedule));
      expect(failed.status.phase).toBe('Failed');
      await eventually(async () => {
        const { lastBackup, message } = await said(GOOD, 'RPOMet');
        expect(lastBackup).toBe(backup.metadata.name);
        expect(message).toContain(`Backup ${failed.metadata.name} is Failed`);
      }, PATIENCE_MS);
      await place.empty();
      const next = await completed(api, schedule);
      await eventually(async () => expect((await said(GOOD)).lastBackup).toBe(next.metadata.name), PATIENCE_MS);
    } finally {
      await run('umount', ['-l', bed.velero.bucket]);
    }
  });
});

test('the roles of the chart were enough: no call was refused', () => expectNoRefusals(bed.cluster));
