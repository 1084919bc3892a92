/** The full circle on the real Velero: what a customer wrote in a guest is backed up by schedule, lost with its disks, restored and read again. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { diskOf, volumesFolder } from '../../hack/testbed/node/storage/folders.ts';
import type { NodeVelero } from '../../hack/testbed/node/velero/velero.ts';
import { NAMESPACE as VELERO } from '../../hack/testbed/velero/objects.ts';
import { backupPolicy } from '../../src/api/backuppolicy.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { DataVolume, PersistentVolumeClaim, VeleroBackup, VirtualMachine } from '../../src/api/upstream.ts';
import { dataVolumeName } from '../../src/domain/contract/child.ts';
import type { ResourceKind } from '../../src/runtime/api/object.ts';
import { type Any, conditionOf } from '../integration/support/api.ts';
import { eventually, gone } from '../integration/support/eventually.ts';
import { BOOT, Guests, kubectl } from './support/guests.ts';
import { startVelero } from './support/velero.ts';

const NAMESPACE = 'circle';
const NAME = 'shop';
const MINUTE = 60_000;
const VeleroRestore: ResourceKind = {
  ...{ group: 'velero.io', version: 'v1', kind: 'Restore', plural: 'restores', namespaced: true },
};

const sentinel = `sentinel-${randomUUID()}`;

let guests: Guests;
let velero: NodeVelero;

beforeAll(async () => {
  guests = await Guests.in(NAMESPACE);
  velero = await startVelero();
  const disks = [{ name: 'root' }, { name: 'data', size: '64Mi' }];
  await guests.order(NAME, { serviceLevel: 'Admin', sizing: { cpu: 1, memory: '128Mi' }, disks });
  await guests.booted(NAME);
  await guests.reachable(NAME);
}, BOOT);

afterAll(async () => {
  await guests?.close();
  await velero?.stop();
});

/** Says what has happened, with the seconds since `from`. */
function told(what: string, from: number): void {
  console.log(`${what}: ${((performance.now() - from) / 1000).toFixed(1)} s`);
}

const ended = (kind: ResourceKind, name: string): Promise<Any> =>
  eventually(
    async () => {
      const object = await guests.api.get(kind, VELERO, name);
      expect(object.status?.phase).toMatch(/^(Completed|PartiallyFailed|Failed|FailedValidation)$/);
      return object;
    },
    BOOT,
    1_000,
  );

/** A policy whose one run of each day is due in the next full minute that is a minute away: Velero looks at its Schedules once a minute. */
async function backUpSoon(): Promise<void> {
  const at = new Date(Math.ceil((Date.now() + MINUTE) / MINUTE) * MINUTE);
  const tiers = [{ name: 'daily', schedule: `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`, retention: '720h' }];
  const spec = { tiers, timeZone: 'Etc/UTC', recoveryPointObjective: '26h', consistency: 'FilesystemConsistent' };
  const kind = { apiVersion: 'managed.systems/v1alpha1', kind: 'BackupPolicy' };
  await guests.api.create(backupPolicy, { ...kind, metadata: { name: 'daily', namespace: NAMESPACE }, ...{ spec } });
  await guests.edit(NAME, { backupPolicyRef: { name: 'daily' } });
}

describe('AP-13, MO-16: what is lost with its disks', () => {
  let backup: Any;

  test('is backed up by schedule, moved to the store, and looked into there', async () => {
    // Not synced: the freeze of the backup does it.
    await guests.asCustomer(NAME, `echo ${sentinel} >sentinel`);
    const ordered = performance.now();
    await backUpSoon();
    await guests.reads(NAME, { BackupCompliant: 'True/RecoveryPointGood' });
    told('policy ordered, backup by schedule, judged good', ordered);
    [backup] = await guests.api.list(VeleroBackup, VELERO);
    const { startTimestamp, completionTimestamp } = backup.status;
    console.log(`Backup ${backup.metadata.name}: from ${startTimestamp} to ${completionTimestamp}`);
    const { status } = await guests.api.get(managedVM, NAMESPACE, NAME);
    console.log(JSON.stringify(status.backup), JSON.stringify(conditionOf({ status } as Any, 'BackupCompliant')));
  });

  test('comes back from the store on disks that the guest boots from', async () => {
    const claims = ['root', 'data'].map(disk => dataVolumeName({ metadata: { name: NAME } } as never, disk));
    const files: string[] = [];
    for (const claim of claims) {
      const { spec } = await guests.api.get(PersistentVolumeClaim, NAMESPACE, claim);
      files.push(diskOf(volumesFolder(inject('service').dir), spec.volumeName));
    }
    const began = performance.now();
    await kubectl('-n', NAMESPACE, 'delete', 'virtualmachine', NAME, '--wait=false');
    await kubectl('-n', NAMESPACE, 'delete', 'datavolume', ...claims, '--wait=false');
    await kubectl('-n', NAMESPACE, 'delete', 'persistentvolumeclaim', ...claims, '--wait=false', '--ignore-not-found');
    for (const claim of claims) await gone(guests.api, PersistentVolumeClaim, NAMESPACE, claim, BOOT);
    await eventually(() => expect(files.filter(existsSync)).toEqual([]));
    told('VM and disks destroyed', began);
    await guests.reads(NAME, { Ready: 'False/DiskLost' });
    console.log(await kubectl('-n', NAMESPACE, 'get', 'vm,vmi,dv,pvc,pods,mvm'));

    const clock = performance.now();
    await guests.api.create(VeleroRestore, {
      ...{ apiVersion: 'velero.io/v1', kind: 'Restore', metadata: { name: 'back', namespace: VELERO } },
      ...{ spec: { backupName: backup.metadata.name, uploaderConfig: { writeSparseFiles: true } } },
    });
    const restore = await ended(VeleroRestore, 'back');
    told(`Restore ${restore.status.phase}`, clock);
    console.log(JSON.stringify(restore.status));
    console.log(await kubectl('-n', NAMESPACE, 'get', 'vm,vmi,dv,pvc,pods,mvm'));
    console.log(await kubectl('-n', NAMESPACE, 'get', 'pvc,dv,vm', '-o', 'yaml'));
    const asked = await guests.reads(NAME, { Ready: 'False/DiskNeedsConsent' });
    told('Steward asks for consent', clock);
    await kubectl(...wordsOf(conditionOf(asked, 'Ready')?.message ?? ''));
    await guests.booted(NAME);
    told('the guest has booted', clock);
    await guests.reachable(NAME);
    const read = await guests.asCustomer(NAME, 'cat sentinel');
    told('RTO, from the order to the sentinel read over SSH', clock);
    expect(read).toBe(sentinel);
    await guests.reads(NAME, { Ready: 'True/Running' });
    for (const kind of [DataVolume, VirtualMachine]) console.log((await guests.api.list(kind, NAMESPACE)).map(({ metadata }) => metadata.name));
  });
});

/** The arguments of the kubectl command line in a message, which is quoted for a shell as we write it. */
function wordsOf(message: string): string[] {
  const [, options = '', patch = ''] = /kubectl (.*? -p) '(.*?)'/.exec(message) ?? [];
  return [...options.split(' '), patch];
}
