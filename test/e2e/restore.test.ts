/** KubeVirt's own snapshot, restore and clone controllers at work on a ManagedVM, under a running Steward. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { consentIn } from '../../hack/steward/loss.ts';
import { diskOf, volumesFolder } from '../../hack/testbed/node/storage/folders.ts';
import { run } from '../../hack/testbed/process/command.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { DataVolume, PersistentVolumeClaim, VirtualMachine, VirtualMachineInstance } from '../../src/api/upstream.ts';
import { MANAGED_VM_LABEL } from '../../src/domain/contract/child.ts';
import type { ResourceKind } from '../../src/runtime/api/object.ts';
import { type Any, conditionOf } from '../integration/support/api.ts';
import { eventually, gone } from '../integration/support/eventually.ts';
import { BOOT, Guests, kubectl } from './support/guests.ts';

const NAMESPACE = 'rescue';
const kind = (group: string, name: string): ResourceKind => ({
  group,
  version: 'v1beta1',
  kind: name,
  plural: `${name.toLowerCase()}s`,
  namespaced: true,
});
const VirtualMachineSnapshot = kind('snapshot.kubevirt.io', 'VirtualMachineSnapshot');
const VirtualMachineRestore = kind('snapshot.kubevirt.io', 'VirtualMachineRestore');
const VirtualMachineClone = kind('clone.kubevirt.io', 'VirtualMachineClone');

/** What is written in the guest before the snapshot, and after it. */
const [kept, lost] = [`kept-${randomUUID()}`, `lost-${randomUUID()}`];

let guests: Guests;

beforeAll(async () => {
  guests = await Guests.in(NAMESPACE);
  const disks = [{ name: 'root' }, { name: 'data', size: '64Mi', reclaimPolicy: 'Delete' }];
  await guests.order('shop', { serviceLevel: 'Admin', sizing: { cpu: 1, memory: '128Mi' }, disks });
  await guests.booted('shop');
  await guests.reachable('shop');
}, BOOT);

afterAll(() => guests?.close());

const machine = (name: string) => ({ apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name });

/** Hands an order to one of KubeVirt's controllers and waits until its status has the fields given. */
async function done(of: ResourceKind, name: string, spec: object, status: object): Promise<void> {
  const metadata = { name, namespace: NAMESPACE };
  await guests.api.create(of, { apiVersion: `${of.group}/${of.version}`, kind: of.kind, metadata, ...{ spec } });
  await eventually(async () => expect(await guests.api.get(of, NAMESPACE, name)).toMatchObject({ status }), BOOT);
}

const note = (text: string) => guests.asRoot('shop', `echo ${text} >/root/note; sync`);

/** Names of the claims that are a machine's disks, by the disks' names. */
async function claimsOf(name: string): Promise<Record<string, string>> {
  const { spec } = await guests.api.get(VirtualMachine, NAMESPACE, name);
  const volumes = spec.template.spec.volumes as Any[];
  return Object.fromEntries(
    volumes.flatMap(({ name: disk, dataVolume, persistentVolumeClaim }) => {
      const claim = dataVolume?.name ?? persistentVolumeClaim?.claimName;
      return claim === undefined ? [] : [[disk, claim]];
    }),
  );
}

/** Whether the text is somewhere on the disk behind a claim. */
async function holds(claim: string | undefined, text: string): Promise<boolean> {
  const { spec } = await guests.api.get(PersistentVolumeClaim, NAMESPACE, claim ?? '');
  const disk = diskOf(volumesFolder(inject('service').dir), spec.volumeName);
  return run('grep', ['--quiet', '--text', '--fixed-strings', text, disk]).then(
    () => true,
    () => false,
  );
}

/** Which claims these are, by UID, and whether one is about to go. */
function standing(names: Readonly<Record<string, string>>): Promise<unknown[]> {
  const claims = Object.values(names).map(async name => {
    const { metadata } = await guests.api.get(PersistentVolumeClaim, NAMESPACE, name);
    return [name, metadata.uid, metadata.deletionTimestamp];
  });
  return Promise.all(claims);
}

/** The machine that KubeVirt made as a copy, and its claims. */
async function twin(): Promise<unknown[]> {
  const { metadata } = await guests.api.get(VirtualMachine, NAMESPACE, 'twin');
  return [metadata.uid, metadata.deletionTimestamp, ...(await standing(await claimsOf('twin')))];
}

describe('AP-13: a ManagedVM that KubeVirt clones', () => {
  test('gets a copy of its machine with all data, marks included, that Steward neither deletes nor writes to', async () => {
    await note(kept);
    await done(VirtualMachineSnapshot, 'before', { source: machine('shop') }, { readyToUse: true });
    await note(lost);
    const clone = { source: machine('shop'), target: machine('twin') };
    await done(VirtualMachineClone, 'twin', clone, { phase: 'Succeeded' });
    expect(await holds((await claimsOf('twin')).root, lost)).toBe(true);
    const copy = await twin();
    // Steward has seen the copy and dealt with its own since.
    await guests.edit('shop', { deletionProtection: true });
    await guests.reads('shop', { Ready: 'True/Running', Available: 'True/GuestAnswers' });
    expect(await twin()).toEqual(copy);
    const { metadata } = await guests.api.get(VirtualMachine, NAMESPACE, 'twin');
    expect(metadata.labels[MANAGED_VM_LABEL]).toBe('shop');
    expect(metadata.managedFields.map(({ manager }: Any) => manager)).not.toContain('steward');
  });
});

describe('AP-13: a ManagedVM that KubeVirt restores in place', () => {
  test('keeps what was restored: Steward puts nothing back, starts nothing, and says how to consent', async () => {
    await guests.edit('shop', { powerState: 'Stopped' });
    await guests.reads('shop', { Ready: 'True/Stopped' });
    await gone(guests.api, VirtualMachineInstance, NAMESPACE, 'shop', BOOT);
    const restore = { target: machine('shop'), virtualMachineSnapshotName: 'before' };
    await done(VirtualMachineRestore, 'back', restore, { complete: true });
    const restored = await claimsOf('shop');
    expect(restored.root).toMatch(/^restore-/);
    await guests.edit('shop', { powerState: 'Running' });
    await guests.reads('shop', { Ready: 'False/DiskNeedsConsent' });
    expect(await claimsOf('shop')).toEqual(restored);
    expect(await guests.api.find(VirtualMachineInstance, NAMESPACE, 'shop')).toBeUndefined();
  });

  test('boots from it once somebody has consented by the very command that the condition gives', async () => {
    const restored = await claimsOf('shop');
    const ready = conditionOf(await guests.api.get(managedVM, NAMESPACE, 'shop'), 'Ready');
    await kubectl(...consentIn(ready?.message ?? ''));
    await guests.booted('shop');
    await guests.reachable('shop');
    expect(await guests.asRoot('shop', 'cat /root/note')).toBe(kept);
    expect(await claimsOf('shop')).toEqual(restored);
    const { status } = await guests.api.get(managedVM, NAMESPACE, 'shop');
    expect(Object.fromEntries(status.disks.map(({ name, claim }: Any) => [name, claim]))).toEqual(restored);
  });
});

describe('MO-1: a ManagedVM that was cloned and restored, and is deleted', () => {
  test('leaves the copy, and of its own the disks that it took over, though KubeVirt had given them to its machine', async () => {
    const [copy, restored] = [await twin(), await claimsOf('shop')];
    const before = await standing(restored);
    await guests.edit('shop', { deletionProtection: false });
    await kubectl('-n', NAMESPACE, 'delete', 'managedvm', 'shop');
    await gone(guests.api, managedVM, NAMESPACE, 'shop');
    await gone(guests.api, VirtualMachine, NAMESPACE, 'shop', BOOT);
    await gone(guests.api, DataVolume, NAMESPACE, 'shop-data', BOOT);
    // The garbage collector has dealt with what was the machine's.
    await gone(guests.api, VirtualMachineRestore, NAMESPACE, 'back', BOOT);
    expect(await standing(restored)).toEqual(before);
    expect(await holds(restored.root, kept)).toBe(true);
    expect(await twin()).toEqual(copy);
    expect(await holds((await claimsOf('twin')).root, lost)).toBe(true);
  });
});
