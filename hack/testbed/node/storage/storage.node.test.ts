import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureArtifacts } from '../../build/build.ts';
import type { DataVolume } from '../../cdi/datavolume.ts';
import { apply } from '../../client/apply.ts';
import { ApiError, type Client, type KubeObject } from '../../client/client.ts';
import type { Claim } from '../../played/provisioner.ts';
import { startTestBed, type TestBed } from '../../testbed.ts';
import { tinyGuest, tinyMachine } from '../kubevirt/tinyguest.ts';
import { adminClient } from '../realnode.fixtures.ts';
import { diskOf, volumesFolder } from './folders.ts';

type Volume = {
  readonly name: string;
  readonly dataVolume?: { readonly name: string };
  readonly persistentVolumeClaim?: { readonly claimName: string };
};
type Machine = KubeObject & {
  readonly spec: { readonly template: { readonly spec: { readonly volumes: Volume[] } } };
  readonly status?: { readonly snapshotInProgress?: string };
};
type Instance = KubeObject & { readonly status?: { readonly phase?: string } };

const patience = { timeout: 90_000, interval: 250 };
const MiB = 2 ** 20;
const namespace = 'default';
const core = `/api/v1/namespaces/${namespace}`;
const claimOf = (name: string) => `${core}/persistentvolumeclaims/${name}`;
const dataVolumes = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${namespace}/datavolumes`;
const machines = `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines`;
const machine = `${machines}/tiny`;
const instance = `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachineinstances/tiny`;

/** A disk in a file system, as KubeVirt has them by default, and one that is a block device. */
const disks = [
  { name: 'data', volumeMode: 'Filesystem' },
  { name: 'raw', volumeMode: 'Block' },
] as const;

let bed: TestBed;
let client: Client;

beforeAll(async () => {
  bed = await startTestBed({ profile: 'node', parts: ['kubevirt', 'storage', 'cdi'] });
  const { tinyGuest: folder } = await ensureArtifacts({ tinyGuest }, () => {});
  await bed.node?.importImage(join(folder, 'image.tar'));
  client = await adminClient(bed);
});
afterAll(async () => {
  await client?.close();
  await bed?.stop();
});

const snapshotInProgress = async () => (await client.get<Machine>(machine)).status?.snapshotInProgress;
const phase = async () => (await client.get<Instance>(instance)).status?.phase;
const gone = (path: string) =>
  expect
    .poll(
      () =>
        client.get(path).then(
          () => 200,
          (error: unknown) => error instanceof ApiError && error.status,
        ),
      patience,
    )
    .toBe(404);

/** The files behind a machine's disks, by the disk's name. */
async function filesOf(path = machine): Promise<Record<string, string>> {
  const { spec } = await client.get<Machine>(path);
  const files = spec.template.spec.volumes.map(async ({ name, dataVolume, persistentVolumeClaim }) => {
    const claim = await client.get<Claim>(claimOf(dataVolume?.name ?? persistentVolumeClaim?.claimName ?? ''));
    return [name, diskOf(volumesFolder(bed.dir), claim.spec.volumeName ?? '')] as const;
  });
  return Object.fromEntries(await Promise.all(files));
}

const sizes = async () => {
  const files = await filesOf();
  return Promise.all(disks.map(async ({ name }) => (await stat(files[name] ?? '')).size));
};

/** Writes text at the start of every disk of a machine whose guest is off. */
async function write(text: string): Promise<void> {
  for (const path of Object.values(await filesOf())) {
    const file = await open(path, 'r+');
    await file.write(text, 0);
    await file.sync();
    await file.close();
  }
}

async function read(path?: string): Promise<Record<string, string>> {
  const files = Object.entries(await filesOf(path));
  const texts = files.map(async ([name, file]) => [name, (await readFile(file)).subarray(0, 4).toString()] as const);
  return Object.fromEntries(await Promise.all(texts));
}

/** The tiny guest with the disks. */
function machineWithDisks(): KubeObject {
  // biome-ignore lint/suspicious/noExplicitAny: a field deep in it
  const vm = tinyMachine('tiny', namespace) as any;
  const { spec } = vm.spec.template;
  spec.domain.devices.disks = disks.map(({ name }) => ({ name, disk: { bus: 'virtio' } }));
  spec.volumes = disks.map(({ name }) => ({ name, dataVolume: { name } }));
  return vm;
}

const power = (runStrategy: 'Always' | 'Halted') => client.patch('merge', machine, { spec: { runStrategy } });
const reference = (name: string) => ({ apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name });

/** Hands an order to one of KubeVirt's controllers and waits until its status has the fields given. */
async function ordered(group: string, kind: string, name: string, spec: object, done: object): Promise<void> {
  await apply(client, { apiVersion: `${group}/v1beta1`, kind, metadata: { name, namespace }, spec } as KubeObject);
  const path = `/apis/${group}/v1beta1/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`;
  await expect.poll(() => client.get(path), patience).toMatchObject({ status: done });
}

describe('disks on the real node', { timeout: 300_000 }, () => {
  it('are ones that KubeVirt starts a guest with, as they are', async () => {
    const apiVersion = 'cdi.kubevirt.io/v1beta1';
    for (const { name, volumeMode } of disks) {
      const storage = { volumeMode, resources: { requests: { storage: '64Mi' } } };
      const spec = { source: { blank: {} }, storage };
      await apply(client, { apiVersion, kind: 'DataVolume', metadata: { name, namespace }, spec } as KubeObject);
    }
    for (const { name } of disks) {
      const filled = async () => (await client.get<DataVolume>(`${dataVolumes}/${name}`)).status?.phase;
      await expect.poll(filled, patience).toBe('Succeeded');
    }
    await apply(client, machineWithDisks());
    await expect.poll(phase, patience).toBe('Running');
    expect(await sizes()).toEqual([64 * MiB, 64 * MiB]);
  });

  it('grow under the running guest when their claims do, by just what was ordered', async () => {
    // 128 MiB, and the 6 % of CDI for the file system.
    const asked = { data: String(Math.ceil((128 * MiB) / 0.94)), raw: '128Mi' };
    for (const { name } of disks)
      await client.patch('merge', claimOf(name), { spec: { resources: { requests: { storage: asked[name] } } } });
    await expect.poll(sizes, patience).toEqual([128 * MiB, 128 * MiB]);
    const capacity = async () => (await client.get<Claim>(claimOf('raw'))).status?.capacity?.storage;
    await expect.poll(capacity, patience).toBe('128Mi');
  });

  it('outlive their machine, bytes and all, and a new machine starts with them', async () => {
    await client.delete(machine);
    await gone(instance);
    await gone(machine);
    const { data = '', raw = '' } = Object.fromEntries(
      await Promise.all(
        disks.map(async ({ name }) => {
          const { spec } = await client.get<Claim>(claimOf(name));
          return [name, diskOf(volumesFolder(bed.dir), spec.volumeName ?? '')];
        }),
      ),
    );
    expect([(await stat(data)).size, (await stat(raw)).size]).toEqual([128 * MiB, 128 * MiB]);
    await apply(client, machineWithDisks());
    await expect.poll(phase, patience).toBe('Running');
  });

  it('are restored in place by KubeVirt from its own snapshot of a running machine', async () => {
    await power('Halted');
    await gone(instance);
    await write('kept');
    await power('Always');
    await expect.poll(phase, patience).toBe('Running');
    const snapshot = { source: reference('tiny') };
    await ordered('snapshot.kubevirt.io', 'VirtualMachineSnapshot', 'point', snapshot, { readyToUse: true });
    // KubeVirt's webhook refuses another power state until its controller has taken this off the machine, a moment after that.
    await expect.poll(snapshotInProgress, patience).toBeUndefined();
    await power('Halted');
    await gone(instance);
    await write('lost');
    const restore = { target: reference('tiny'), virtualMachineSnapshotName: 'point' };
    await ordered('snapshot.kubevirt.io', 'VirtualMachineRestore', 'back', restore, { complete: true });
    expect(await read()).toEqual({ data: 'kept', raw: 'kept' });
    await power('Always');
    await expect.poll(phase, patience).toBe('Running');
  });

  it('are cloned by KubeVirt with their machine', async () => {
    const clone = { source: reference('tiny'), target: reference('twin') };
    await ordered('clone.kubevirt.io', 'VirtualMachineClone', 'twin', clone, { phase: 'Succeeded' });
    expect(await read(`${machines}/twin`)).toEqual({ data: 'kept', raw: 'kept' });
    await client.delete(`${machines}/twin`);
  });

  it('go with their DataVolumes', async () => {
    const { spec } = await client.get<Claim>(claimOf('data'));
    const file = diskOf(volumesFolder(bed.dir), spec.volumeName ?? '');
    await client.delete(machine);
    await gone(instance);
    await gone(machine);
    for (const { name } of disks) {
      await client.delete(`${dataVolumes}/${name}`);
      await gone(claimOf(name));
    }
    await expect.poll(() => stat(file).catch(() => 'gone'), patience).toBe('gone');
  });
});
