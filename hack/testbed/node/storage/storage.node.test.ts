import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apply } from '../../apply.ts';
import { ensureArtifacts } from '../../build.ts';
import { ApiError, type Client, type KubeObject } from '../../client.ts';
import type { DataVolume } from '../../datavolume.ts';
import type { Claim } from '../../provisioner.ts';
import { startTestBed, type TestBed } from '../../testbed.ts';
import { adminClient } from '../realnode.fixtures.ts';
import { tinyGuest, tinyMachine } from '../tinyguest.ts';

type Instance = KubeObject & { readonly status?: { readonly phase?: string } };

const patience = { timeout: 90_000, interval: 250 };
const MiB = 2 ** 20;
const namespace = 'default';
const claim = `/api/v1/namespaces/${namespace}/persistentvolumeclaims/data`;
const dataVolume = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${namespace}/datavolumes/data`;
const machine = `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines/tiny`;
const instance = `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachineinstances/tiny`;

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

async function diskFile(): Promise<string> {
  const { spec } = await client.get<Claim>(claim);
  return join(bed.dir, 'volumes', spec.volumeName ?? '', 'disk.img');
}

/** The tiny guest with the disk. */
function machineWithDisk(): KubeObject {
  // biome-ignore lint/suspicious/noExplicitAny: a field deep in it
  const vm = tinyMachine('tiny', namespace) as any;
  const { spec } = vm.spec.template;
  spec.domain.devices.disks = [{ name: 'data', disk: { bus: 'virtio' } }];
  spec.volumes = [{ name: 'data', dataVolume: { name: 'data' } }];
  return vm;
}

describe('a disk on the real node', { timeout: 200_000 }, () => {
  it('is one that KubeVirt starts a guest with, as it is', async () => {
    const spec = { source: { blank: {} }, storage: { resources: { requests: { storage: '64Mi' } } } };
    const apiVersion = 'cdi.kubevirt.io/v1beta1';
    await apply(client, { apiVersion, kind: 'DataVolume', metadata: { name: 'data', namespace }, spec } as KubeObject);
    await expect.poll(async () => (await client.get<DataVolume>(dataVolume)).status?.phase, patience).toBe('Succeeded');
    await apply(client, machineWithDisk());
    await expect.poll(phase, patience).toBe('Running');
    expect((await stat(await diskFile())).size).toBe(64 * MiB);
  });

  it('grows under the running guest when its claim does, by just what was ordered', async () => {
    // 128 MiB, and the 6 % of CDI for the file system.
    const storage = String(Math.ceil((128 * MiB) / 0.94));
    await client.patch('merge', claim, { spec: { resources: { requests: { storage } } } });
    await expect.poll(async () => (await stat(await diskFile())).size, patience).toBe(128 * MiB);
  });

  it('outlives its machine, bytes and all, and a new machine starts with it', async () => {
    const file = await diskFile();
    await client.delete(machine);
    await gone(instance);
    await gone(machine);
    await writeFile(file, 'kept', { flag: 'r+' });
    await apply(client, machineWithDisk());
    await expect.poll(phase, patience).toBe('Running');
    expect((await readFile(file)).subarray(0, 4).toString()).toBe('kept');
  });

  it('goes with its DataVolume', async () => {
    const file = await diskFile();
    await client.delete(machine);
    await gone(instance);
    await gone(machine);
    await client.delete(dataVolume);
    await gone(claim);
    await expect.poll(() => stat(file).catch(() => 'gone'), patience).toBe('gone');
  });
});
