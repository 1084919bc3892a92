/** AP-13 on the real Velero: what it restores by itself, beside an order that lives or after all is gone, is nobody's until somebody says so. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NAMESPACE } from '../../hack/testbed/velero/objects.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import {
  DataVolume,
  PersistentVolumeClaim,
  Secret,
  VeleroBackup,
  VeleroRestore,
  VirtualMachine,
} from '../../src/api/upstream.ts';
import type { ResourceKind } from '../../src/runtime/api/object.ts';
import { type Any, conditionOf, Namespace } from '../integration/support/api.ts';
import { expectNoRefusals } from '../integration/support/cluster.ts';
import { consent } from '../integration/support/consent.ts';
import { eventually, gone, reads } from '../integration/support/eventually.ts';
import { schedulesOf } from '../integration/support/playedbackup.ts';
import {
  backedUp,
  completed,
  ended,
  PATIENCE_MS,
  playPowerOff,
  startVeleroCluster,
} from '../integration/support/realvelero.ts';

const PARTS = [
  [VirtualMachine, 'vm'],
  [DataVolume, 'vm-root'],
  [PersistentVolumeClaim, 'vm-root'],
  [Secret, 'vm-first-boot'],
] as const;

let bed: Awaited<ReturnType<typeof startVeleroCluster>>;

beforeAll(async () => {
  bed = await startVeleroCluster();
});
afterAll(() => bed?.stop());

/** Makes one of Velero's objects, and waits until Velero is done with it. */
async function carriedOut(kind: ResourceKind, name: string, spec: object): Promise<Any> {
  const metadata = { name, namespace: NAMESPACE };
  const object = { apiVersion: 'velero.io/v1', kind: kind.kind, metadata, spec };
  const done = await ended(bed.cluster.api, kind, await bed.cluster.api.create(kind, object));
  expect(done.status.phase, JSON.stringify(done.status)).toBe('Completed');
  return done;
}

async function uidsIn(namespace: string): Promise<Record<string, string | undefined>> {
  const found = PARTS.map(async ([kind, name]) => {
    const object = await bed.cluster.api.find(kind, namespace, name);
    return [kind.kind, object?.metadata.uid] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

test('the objects of a backup come back in another namespace, and Steward neither takes nor removes them', async () => {
  const { api } = bed.cluster;
  const { vm, schedule } = await backedUp(api, 'shop');
  const backup = await completed(api, schedule);
  const before = await uidsIn('shop');
  await carriedOut(VeleroRestore, 'beside', {
    backupName: backup.metadata.name,
    namespaceMapping: { shop: 'beside' },
  });
  const restored = await uidsIn('beside');
  expect(Object.values(restored)).not.toContain(undefined);
  // Steward looks at every child that bears its label when it starts.
  await bed.cluster.steward().stop();
  await bed.cluster.startSteward();
  await reads(api, managedVM, 'shop', 'vm', { RPOMet: 'True/RecoveryPointGood' }, PATIENCE_MS);
  expect(await uidsIn('beside')).toEqual(restored);
  expect(await uidsIn('shop')).toEqual(before);
  expect((await api.get(managedVM, 'shop', 'vm')).metadata.uid).toBe(vm.metadata.uid);
  await api.remove(Namespace, '', 'beside');
  await gone(api, Namespace, '', 'beside', PATIENCE_MS);
});

test('a namespace that is restored as a whole asks for each part that an earlier order had, converges, and can be deleted', async () => {
  const { api } = bed.cluster;
  const { vm } = await backedUp(api, 'whole');
  await carriedOut(VeleroBackup, 'whole', { includedNamespaces: ['whole'] });
  await api.remove(Namespace, '', 'whole');
  await gone(api, Namespace, '', 'whole', PATIENCE_MS);
  await carriedOut(VeleroRestore, 'whole', { backupName: 'whole' });

  const claim = (await api.get(PersistentVolumeClaim, 'whole', 'vm-root')).metadata.uid;
  const again = await reads(api, managedVM, 'whole', 'vm', { Ready: 'False/VirtualMachineNameTaken' }, PATIENCE_MS);
  expect(again.metadata.uid).not.toBe(vm.metadata.uid);
  await api.remove(VirtualMachine, 'whole', 'vm');
  const asked = await reads(api, managedVM, 'whole', 'vm', { Ready: 'False/ChildNameTaken' }, PATIENCE_MS);
  expect(conditionOf(asked, 'Ready')?.message).toContain('Secret whole/vm-first-boot');
  await api.remove(Secret, 'whole', 'vm-first-boot');
  await reads(api, managedVM, 'whole', 'vm', { Ready: 'False/DiskNeedsConsent' }, PATIENCE_MS);
  expect(await api.find(VirtualMachine, 'whole', 'vm')).toBeUndefined();
  await consent(bed.cluster, 'whole', 'vm');
  await playPowerOff(api, 'whole');
  await reads(api, managedVM, 'whole', 'vm', { Ready: 'True/Stopped' }, PATIENCE_MS);

  expect((await api.get(PersistentVolumeClaim, 'whole', 'vm-root')).metadata.uid).toBe(claim);
  for (const [kind, name] of PARTS.filter(([{ kind }]) => kind !== 'Secret'))
    expect((await api.list(kind, 'whole')).map(({ metadata }) => metadata.name)).toEqual([name]);
  await api.remove(Namespace, '', 'whole');
  await gone(api, Namespace, '', 'whole', PATIENCE_MS);
  // What stands in Velero's namespace goes with the order.
  await eventually(async () => expect(await schedulesOf(api, again)).toEqual([]), PATIENCE_MS);
});

test('the roles of the chart were enough: no call was refused', () => expectNoRefusals(bed.cluster));
