/** The full circle on the real Velero: what a customer wrote in a guest is backed up by schedule, lost with its disks, restored and read again. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consentIn, loseEverything, policyDueSoon, restore, restoresAgreed } from '../../hack/steward/loss.ts';
import type { NodeVelero } from '../../hack/testbed/node/velero/velero.ts';
import { NAMESPACE as VELERO } from '../../hack/testbed/velero/objects.ts';
import { backupPolicy } from '../../src/api/backuppolicy.ts';
import { isRestored, restore as restoreOrder } from '../../src/api/restore.ts';
import { PersistentVolumeClaim, VeleroBackup, VirtualMachine, VirtualMachineInstance } from '../../src/api/upstream.ts';
import { type Any, conditionOf, verdictOf } from '../integration/support/api.ts';
import { eventually } from '../integration/support/eventually.ts';
import { BOOT, Guests, kubectl, kubectlWith } from './support/guests.ts';
import { startVelero } from './support/velero.ts';

const NAMESPACE = 'circle';
const NAME = 'shop';
const SANDBOX = 'steward-drills';

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

  test('boots in a drill beside the guest that goes on, with its link down, and nothing of it is left', async () => {
    const { api } = guests;
    const bootID = await guests.asRoot(NAME, 'cat /proc/sys/kernel/random/boot_id');
    const began = performance.now();
    const { metadata } = await orderRestore('drill', { sandbox: true }, 'is it any good?');
    const { status } = await over('drill', began, seen => told(seen.status?.drill?.machine?.name));
    expect(status.phase, status.message).toBe('Succeeded');
    console.log(`as the drill itself has it: ${JSON.stringify({ ...status.recoveryTime, ...status.drill })}`);
    for (const kind of [VirtualMachine, VirtualMachineInstance, PersistentVolumeClaim])
      await eventually(async () => expect(await api.list(kind, SANDBOX)).toEqual([]), BOOT, 1_000);
    took('and nothing of it is left', began);
    const { status: vm } = await guests.reads(NAME, { Ready: 'True/Running' });
    expect(vm.backup.verified).toMatchObject([{ restore: 'drill', point: backup.metadata.name }]);
    expect(await guests.asRoot(NAME, 'cat /proc/sys/kernel/random/boot_id')).toBe(bootID);
    const volumes = (
      await kubectl('get', 'persistentvolume', '--output=jsonpath={.items[*].spec.claimRef.namespace}')
    ).split(' ');
    expect(volumes).not.toContain(SANDBOX);
    const [instance] = seenInSandbox;
    expect(instance.metadata.name).toBe(`drill-${metadata.uid}`);
    expect(instance.spec.domain.firmware.serial).toBe(metadata.uid);
    expect(instance.status.interfaces.map(({ linkState }: Any) => linkState)).toEqual(['down']);
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

/** The instance of a drill as it was last seen, when its agent answered. */
const seenInSandbox: Any[] = [];

async function told(machine: string | undefined): Promise<void> {
  const instance = machine && (await guests.api.find(VirtualMachineInstance, SANDBOX, machine));
  if (instance?.status?.interfaces?.length > 0) seenInSandbox.splice(0, 1, instance);
}

function orderRestore(name: string, target: object, reason: string): Promise<Any> {
  return guests.api.create(restoreOrder, {
    ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'Restore', metadata: { name, namespace: NAMESPACE } },
    spec: { managedVMRef: NAME, point: { latest: 'Good' }, target, reason, requestedBy: 'testbed-admin' },
  } as Any);
}

/** Waits for the verdict, and says when each phase came. */
function over(name: string, began: number, look: (seen: Any) => Promise<void> = async () => {}): Promise<Any> {
  let said = '';
  return eventually(
    async () => {
      const found = await guests.api.get(restoreOrder, NAMESPACE, name);
      const { phase = 'New', message = '' } = found.status ?? {};
      if (said !== phase) took(`${phase}: ${message}`, began);
      said = phase;
      await look(found);
      expect(isRestored(phase), `${phase}: ${message}`).toBe(true);
      return found;
    },
    BOOT,
    1_000,
  );
}

describe('AP-13, MO-16: a guest that is lost with its disks once more', () => {
  test('is brought back by an order alone, and reads the same', async () => {
    await kubectlWith(['apply', '--server-side', '-f', '-'], {
      ...{ apiVersion: 'v1', kind: 'List', items: restoresAgreed(NAMESPACE) },
    });
    // What was consented to stays taken; an order gives a disk another claim only where none is named.
    await guests.edit(NAME, { disks });
    await loseEverything(kubectlWith, NAMESPACE, NAME);
    await guests.reads(NAME, { Ready: 'False/DiskLost' });
    const began = performance.now();
    await orderRestore('again', { inPlace: true }, 'its storage is gone');
    const done = await over('again', began);
    expect(done.status.phase, done.status.message).toBe('Succeeded');
    await guests.reachable(NAME);
    expect(await guests.asCustomer(NAME, 'cat sentinel')).toBe(sentinel);
    took('measured RTO by an order, to the sentinel read by SSH', began);
    console.log(`as the order itself has it: ${JSON.stringify(done.status.recoveryTime)}`);
    expect(verdictOf(done, 'RTOMet')).toBe('True/WithinTarget');
    await guests.reads(NAME, { Ready: 'True/Running' });
  });
});
