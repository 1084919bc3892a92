import { open, readFile, stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { apply } from '../../client/apply.ts';
import type { Client, KubeObject } from '../../client/client.ts';
import { type Claim, claimPath } from '../../played/provisioner.ts';
import { startTestBed, type TestBed } from '../../testbed.ts';
import { kill, processesOf } from '../processes.ts';
import { adminClient } from '../realnode.fixtures.ts';
import { diskOf, snapshotsFolder, volumesFolder } from './folders.ts';

const MiB = 2 ** 20;
const namespace = 'default';
const snapshotGroup = 'snapshot.storage.k8s.io';
const snapshots = `/apis/${snapshotGroup}/v1/namespaces/${namespace}/volumesnapshots`;

let bed: TestBed;
let client: Client;

beforeAll(async () => {
  bed = await startTestBed({ profile: 'node', parts: ['storage'], onProgress: console.log });
  client = await adminClient(bed);
});
afterAll(async () => {
  await client?.close();
  await bed?.stop();
});

type Snapshot = KubeObject & {
  readonly status?: { readonly readyToUse?: boolean; readonly restoreSize?: string; readonly error?: object };
};
type Content = KubeObject & { readonly status?: { readonly snapshotHandle?: string } };

const eventually = <Answer>(check: () => Promise<Answer>) => vi.waitFor(check, { timeout: 60_000, interval: 100 });
const isGone = (file: string) => expect.poll(() => stat(file).catch(() => 'gone'), { timeout: 60_000 }).toBe('gone');
const byName = (name: string) => ({ metadata: { name, namespace } }) as Claim;

/** Returns the file behind the claim once it is bound. */
async function bound(name: string): Promise<string> {
  return eventually(async () => {
    const { spec, status } = await client.get<Claim>(claimPath(byName(name)));
    expect(status?.phase).toBe('Bound');
    return diskOf(volumesFolder(bed.dir), spec.volumeName ?? '');
  });
}

/** A claim, of the default class. */
async function claim(name: string, volumeMode: string, size: string, dataSource?: object): Promise<string> {
  const spec = { accessModes: ['ReadWriteOnce'], volumeMode, resources: { requests: { storage: size } }, dataSource };
  const object = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace }, spec };
  await apply(client, object as KubeObject);
  return bound(name);
}

async function snapshot(name: string, ofClaim: string): Promise<Snapshot> {
  const spec = { source: { persistentVolumeClaimName: ofClaim } };
  const apiVersion = `${snapshotGroup}/v1`;
  await apply(client, { apiVersion, kind: 'VolumeSnapshot', metadata: { name, namespace }, spec } as KubeObject);
  return eventually(async () => {
    const made = await client.get<Snapshot>(`${snapshots}/${name}`);
    expect(made.status).toMatchObject({ readyToUse: true });
    return made;
  });
}

async function write(disk: string, text: string): Promise<void> {
  const file = await open(disk, 'a+').then(async made => made.close().then(() => open(disk, 'r+')));
  await file.write(text, 0);
  await file.close();
}

const start = async (disk: string, length: number) => (await readFile(disk)).subarray(0, length).toString();
const ofSnapshot = (name: string) => ({ apiGroup: snapshotGroup, kind: 'VolumeSnapshot', name });
const ofClaim = (name: string) => ({ kind: 'PersistentVolumeClaim', name });

describe.each(['Filesystem', 'Block'])('a volume of the mode %s', mode => {
  const named = (name: string) => `${name}-${mode.toLowerCase()}`;

  it('is snapshotted, and a volume made of the snapshot has what the first had then', async () => {
    const disk = await claim(named('first'), mode, '16Mi');
    await write(disk, 'before');
    const { status } = await snapshot(named('point'), named('first'));
    expect(status?.restoreSize).toBe('16Mi');
    await write(disk, 'behind');
    const restored = await claim(named('restored'), mode, '32Mi', ofSnapshot(named('point')));
    expect(await start(restored, 6)).toBe('before');
    expect(await start(disk, 6)).toBe('behind');
    if (mode === 'Block') expect((await stat(restored)).size).toBe(32 * MiB);
  });

  it('is cloned, and each goes its own way from there', async () => {
    const disk = await bound(named('first'));
    const cloned = await claim(named('cloned'), mode, '16Mi', ofClaim(named('first')));
    await write(disk, 'onward');
    expect(await start(cloned, 6)).toBe('behind');
  });

  it('grows when its claim does, and keeps what is in it', async () => {
    const path = claimPath(byName(named('cloned')));
    await client.patch('merge', path, { spec: { resources: { requests: { storage: '64Mi' } } } });
    // A block device grows on the node, so the claim says so only once a Pod has it; the volume says it before.
    const { spec } = await client.get<Claim>(path);
    const volume = `/api/v1/persistentvolumes/${spec.volumeName}`;
    await eventually(async () => {
      expect(await client.get(volume)).toMatchObject({ spec: { capacity: { storage: '64Mi' } } });
    });
    const disk = await bound(named('cloned'));
    expect(await start(disk, 6)).toBe('behind');
    if (mode === 'Block') expect((await stat(disk)).size).toBe(64 * MiB);
  });

  it('may go before its snapshot, from which it is still made anew; the snapshot goes with its own object', async () => {
    const disk = await bound(named('first'));
    await client.delete(claimPath(byName(named('first'))));
    await isGone(disk);
    const anew = await claim(named('anew'), mode, '16Mi', ofSnapshot(named('point')));
    expect(await start(anew, 6)).toBe('before');
    const { items } = await client.get<{ readonly items: readonly Content[] }>(
      `/apis/${snapshotGroup}/v1/volumesnapshotcontents`,
    );
    const copies = items.map(({ status }) => diskOf(snapshotsFolder(bed.dir), status?.snapshotHandle ?? ''));
    expect(copies).toHaveLength(1);
    await client.delete(`${snapshots}/${named('point')}`);
    for (const copy of copies) await isGone(copy);
  });
});

it('a driver that is killed is started again, finds its volumes, and is known to kubelet as before', async () => {
  for (const pid of await processesOf('csidriver')) kill(pid);
  const cloned = await claim('after', 'Filesystem', '64Mi', ofClaim('cloned-filesystem'));
  expect(await start(cloned, 6)).toBe('behind');
});
