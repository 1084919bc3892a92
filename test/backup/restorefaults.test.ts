/** AP-13 on the real Velero and a real object store: whatever ends during a restore, the disks of the VM stay as they were until all are exchanged. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ObjectStore, startObjectStore } from '../../hack/testbed/objectstore/objectstore.ts';
import { NAMESPACE } from '../../hack/testbed/velero/objects.ts';
import { backupPolicy } from '../../src/api/backuppolicy.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { BackupStorageLocation, PersistentVolumeClaim, VeleroRestore } from '../../src/api/upstream.ts';
import type { Any } from '../integration/support/api.ts';
import { expectNoRefusals } from '../integration/support/cluster.ts';
import { eventually, gone, reads } from '../integration/support/eventually.ts';
import { agreeTo, orderRestore, standsIn } from '../integration/support/orderedrestore.ts';
import { dailyPolicy } from '../integration/support/orders.ts';
import { backedUp, completed, PATIENCE_MS, startVeleroCluster } from '../integration/support/realvelero.ts';

const OVER = /^(Succeeded|Unproven|Failed)$/;

let bed: Awaited<ReturnType<typeof startVeleroCluster>>;
let moved: ObjectStore | undefined;
let backup: Any;

beforeAll(async () => {
  bed = await startVeleroCluster();
  const { schedule } = await backedUp(bed.cluster.api, 'shop');
  backup = await completed(bed.cluster.api, schedule);
  await reads(bed.cluster.api, managedVM, 'shop', 'vm', { BackupCompliant: 'True/RecoveryPointGood' }, PATIENCE_MS);
});
afterAll(async () => {
  await bed?.stop();
  await moved?.stop();
});

/** Its disks, each as the claim that it is. */
async function disksNow(): Promise<Any[]> {
  const { status } = await bed.cluster.api.get(managedVM, 'shop', 'vm');
  return status.disks.map(({ name, claim, claimUID }: Any) => ({ name, claim, claimUID }));
}

/** Orders a restore; what it has chosen is the one backup that there is. */
async function ordered(name: string): Promise<void> {
  await orderRestore(bed.cluster, 'shop', name);
  const { status } = await standsIn(bed.cluster, /^Pending$/, 'shop', name);
  await eventually(async () => {
    const { point } = (await standsIn(bed.cluster, /^Pending$/, 'shop', name)).status;
    expect(point?.name).toBe(backup.metadata.name);
  }, PATIENCE_MS);
  expect(status.engine).toBeUndefined();
}

/** Waits for the request to Velero, of which nobody works yet. */
function requested(name: string): Promise<Any> {
  return eventually(async () => {
    const { status } = await standsIn(bed.cluster, /^Restoring$/, 'shop', name);
    return bed.cluster.api.get(VeleroRestore, NAMESPACE, status.engine.name);
  }, PATIENCE_MS);
}

/** It comes to nothing: each disk is the claim that it was, and the VM says so. Returns the order. */
async function comesToNothing(name: string, before: readonly Any[], why: RegExp): Promise<Any> {
  const { api } = bed.cluster;
  const order = await standsIn(bed.cluster, OVER, 'shop', name);
  expect(order.status.phase, order.status.message).toBe('Failed');
  expect(order.status.message).toMatch(why);
  expect(await disksNow()).toEqual(before);
  for (const { claim, claimUID } of before)
    expect((await api.get(PersistentVolumeClaim, 'shop', claim)).metadata).toMatchObject({ uid: claimUID });
  await eventually(async () => {
    const vm = await api.get(managedVM, 'shop', 'vm');
    expect(vm.status.backup.failedRestore).toMatchObject({ restore: name, point: backup.metadata.name });
  }, PATIENCE_MS);
  return order;
}

/** Every disk is another claim than before, and the old claims are there. Returns the order. */
async function exchangesAll(name: string, before: readonly Any[]): Promise<Any> {
  const { api } = bed.cluster;
  const order = await standsIn(bed.cluster, OVER, 'shop', name);
  const { status } = order;
  // The machine is off as ordered, so that nothing can prove that it boots.
  expect(status.phase, status.message).toBe('Unproven');
  await eventually(async () => {
    const after = status.disks.map(({ disk, after }: Any) => [disk, after.uid]);
    expect((await disksNow()).map(({ name, claimUID }) => [name, claimUID])).toEqual(after);
  }, PATIENCE_MS);
  for (const { claim, claimUID } of before)
    expect((await api.get(PersistentVolumeClaim, 'shop', claim)).metadata).toMatchObject({ uid: claimUID });
  return order;
}

/** Velero's namespace has nothing of it. */
async function leavesNothing({ metadata: { uid } }: Any): Promise<void> {
  const { api } = bed.cluster;
  await gone(api, VeleroRestore, NAMESPACE, `steward-${uid}`, PATIENCE_MS);
  await eventually(async () => expect(await api.list(PersistentVolumeClaim, NAMESPACE)).toEqual([]), PATIENCE_MS);
}

/** With what was in it, under another address. */
async function storeAgain(): Promise<void> {
  const { bed: testbed, api } = bed.cluster;
  moved = await startObjectStore(join(testbed.dir, 'velero/store'), testbed.binaries);
  await api.edit(BackupStorageLocation, NAMESPACE, 'default', { spec: { config: { s3Url: moved.endpoint } } });
}

describe('a restore comes to nothing', () => {
  test('where its backup was damaged in the store, which only a restore finds; the VM remembers it', async () => {
    const name = backup.metadata.name;
    const before = await disksNow();
    const file = join(bed.velero.bucket, 'backups', name, `${name}.tar.gz`);
    const whole = await readFile(file);
    await writeFile(file, Buffer.from(whole.map((byte, at) => (at > 100 ? byte ^ 0xff : byte))));
    try {
      await reads(bed.cluster.api, managedVM, 'shop', 'vm', { BackupCompliant: 'True/RecoveryPointGood' });
      await ordered('damaged');
      await agreeTo(bed.cluster, 'shop', 'damaged');
      await leavesNothing(await comesToNothing('damaged', before, /^Velero's Restore is (Partially)?Failed/));
    } finally {
      await writeFile(file, whole);
    }
  });

  test('where Velero dies while it restores', async () => {
    const before = await disksNow();
    await ordered('killed');
    await bed.velero.kill();
    await agreeTo(bed.cluster, 'shop', 'killed');
    const { metadata } = await requested('killed');
    // As a server leaves it that dies amidst: Velero's kinds have no status apart.
    await bed.cluster.api.edit(VeleroRestore, NAMESPACE, metadata.name, { status: { phase: 'InProgress' } });
    await bed.velero.start();
    await leavesNothing(await comesToNothing('killed', before, /during the server starting/));
  });

  test('where the store is down while Velero restores', async () => {
    const before = await disksNow();
    await ordered('storeless');
    await bed.velero.store.stop();
    await agreeTo(bed.cluster, 'shop', 'storeless');
    let order: Any;
    try {
      order = await comesToNothing('storeless', before, /^Velero's Restore is Failed/);
    } finally {
      await storeAgain();
    }
    // Velero lets go of its Restore when it can delete the log of it.
    await leavesNothing(order);
    await reads(bed.cluster.api, managedVM, 'shop', 'vm', { BackupCompliant: 'True/RecoveryPointGood' }, PATIENCE_MS);
  });
});

describe('a restore is carried out all the same', () => {
  test('where Velero and Steward die before Velero begins it, and the policy is deleted meanwhile', async () => {
    const { api } = bed.cluster;
    const before = await disksNow();
    await ordered('later');
    await bed.velero.kill();
    await agreeTo(bed.cluster, 'shop', 'later');
    await requested('later');
    await bed.cluster.steward().stop('SIGKILL');
    await api.remove(backupPolicy, 'shop', 'daily');
    await bed.velero.start();
    await bed.cluster.startSteward();
    await leavesNothing(await exchangesAll('later', before));
    await api.create(backupPolicy, dailyPolicy('shop', 'daily', { consistency: 'CrashConsistent' }));
    await reads(api, managedVM, 'shop', 'vm', { RPOMet: 'True/RecoveryPointGood' }, PATIENCE_MS);
  });

  test('where Velero, the store and Steward die once its data are out of the store', async () => {
    const before = await disksNow();
    await ordered('out');
    await agreeTo(bed.cluster, 'shop', 'out');
    await eventually(
      async () => {
        const { status } = await standsIn(bed.cluster, /./, 'shop', 'out');
        expect(status.steps.map(({ name }: Any) => name)).toContain('restored');
      },
      PATIENCE_MS,
      20,
    );
    await Promise.all([bed.cluster.steward().stop('SIGKILL'), bed.velero.kill(), moved?.stop()]);
    await bed.cluster.startSteward();
    const order = await exchangesAll('out', before);
    await storeAgain();
    await bed.velero.start();
    await leavesNothing(order);
  });
});

test('the roles of the chart were enough: no call was refused', () => expectNoRefusals(bed.cluster));
