/** The full circle on the real Velero: what a customer wrote in a guest is backed up by schedule, lost with its disks, restored and read again. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  consentIn,
  loseEverything,
  orderOfRestore,
  policyDueSoon,
  restore,
  restoresAgreed,
} from '../../hack/steward/loss.ts';
import type { NodeVelero } from '../../hack/testbed/node/velero/velero.ts';
import { NAMESPACE as VELERO } from '../../hack/testbed/velero/objects.ts';
import { backupPolicy } from '../../src/api/backuppolicy.ts';
import { isRestored, restore as restoreOrder } from '../../src/api/restore.ts';
import { VeleroBackup } from '../../src/api/upstream.ts';
import { type Any, conditionOf, verdictOf } from '../integration/support/api.ts';
import { eventually } from '../integration/support/eventually.ts';
import { BOOT, Guests, kubectl, kubectlWith } from './support/guests.ts';
import { startVelero } from './support/velero.ts';

const NAMESPACE = 'circle';
const NAME = 'shop';

const disks = [{ name: 'root' }, { name: 'data', size: '64Mi' }];
const sentinel = `sentinel-${randomUUID()}`;

let guests: Guests;
let velero: NodeVelero;

beforeAll(async () => {
  guests = await Guests.in(NAMESPACE);
  velero = await startVelero();
  await guests.order(NAME, { serviceLevel: 'Admin', sizing: { cpu: 1, memory: '128Mi' }, disks });
  await guests.booted(NAME);
  await guests.reachable(NAME);
}, BOOT);

afterAll(async () => {
  await guests?.close();
  await velero?.stop();
});

/** Says how long something took that began then, in seconds. */
function took(what: string, began: number): void {
  console.log(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

describe('AP-13, MO-16: a guest that is lost with its disks', () => {
  let backup: Any;

  test('was backed up by schedule, its data moved to the store and looked into there', async () => {
    // Not synced: the freeze of the backup does it.
    await guests.asCustomer(NAME, `echo ${sentinel} >sentinel`);
    const began = performance.now();
    await guests.api.create(backupPolicy, policyDueSoon(NAMESPACE));
    await guests.edit(NAME, { backupPolicyRef: { name: 'daily' } });
    const { status } = await guests.reads(NAME, { BackupCompliant: 'True/RecoveryPointGood' });
    took('from the policy to a recovery point, a minute or two of it waiting for its time', began);
    [backup] = await guests.api.list(VeleroBackup, VELERO);
    const { startTimestamp, completionTimestamp } = backup.status;
    console.log(`${backup.metadata.name} began ${startTimestamp} and ended ${completionTimestamp}`);
    const moved = disks.map(({ name }) => ({ name, data: 'Moved' }));
    expect(status.backup.inspected).toMatchObject([{ consistency: 'FilesystemConsistent', disks: moved }]);
  });

  test('boots from the disks that Velero restores, and has what was written in it', async () => {
    const before = performance.now();
    await loseEverything(kubectlWith, NAMESPACE, NAME);
    took('VM and disks lost', before);
    await guests.reads(NAME, { Ready: 'False/DiskLost' });
    const began = performance.now();
    await restore(kubectlWith, backup.metadata.name);
    took('Velero has restored', began);
    const asks = await guests.reads(NAME, { Ready: 'False/DiskNeedsConsent' });
    await kubectl(...consentIn(conditionOf(asks, 'Ready')?.message ?? ''));
    await guests.booted(NAME);
    took('its agent answers', began);
    await guests.reachable(NAME);
    const read = await guests.asCustomer(NAME, 'cat sentinel');
    took('measured RTO, from the order of the restore to the sentinel read by SSH', began);
    expect(read).toBe(sentinel);
  });
});

describe('AP-13, MO-16: a guest that is lost with its disks once more', () => {
  test('is brought back by an order alone, and reads the same', async () => {
    const { api } = guests;
    await kubectlWith(['apply', '--server-side', '-f', '-'], {
      ...{ apiVersion: 'v1', kind: 'List', items: restoresAgreed(NAMESPACE) },
    });
    // What was consented to stays taken; an order gives a disk another claim only where none is named.
    await guests.edit(NAME, { disks });
    await loseEverything(kubectlWith, NAMESPACE, NAME);
    await guests.reads(NAME, { Ready: 'False/DiskLost' });
    const began = performance.now();
    const order = orderOfRestore(NAMESPACE, NAME);
    await api.create(restoreOrder, order);
    let said = '';
    const done = await eventually(
      async () => {
        const found = await api.get(restoreOrder, NAMESPACE, order.metadata.name);
        const { phase = 'New', message = '' } = found.status ?? {};
        if (said !== phase) took(`${phase}: ${message}`, began);
        said = phase;
        expect(isRestored(phase), `${phase}: ${message}`).toBe(true);
        return found;
      },
      BOOT,
      1_000,
    );
    expect(done.status.phase, done.status.message).toBe('Succeeded');
    await guests.reachable(NAME);
    expect(await guests.asCustomer(NAME, 'cat sentinel')).toBe(sentinel);
    took('measured RTO by an order, to the sentinel read by SSH', began);
    console.log(`as the order itself has it: ${JSON.stringify(done.status.recoveryTime)}`);
    expect(verdictOf(done, 'RTOMet')).toBe('True/WithinTarget');
    await guests.reads(NAME, { Ready: 'True/Running' });
  });
});
