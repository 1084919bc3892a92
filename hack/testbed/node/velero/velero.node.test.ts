/** The sample of the circle, without a guest (that is test/e2e/backup.test.ts): its data mover brings volumes into the store and back, of files and of a block device. */
import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { restore } from '../../../steward/loss.ts';
import { run } from '../../process/command.ts';
import { startTestBed, type TestBed } from '../../testbed.ts';
import { diskOf, volumesFolder } from '../storage/folders.ts';
import { type NodeVelero, startVeleroOnNode } from './velero.ts';

const MiB = 2 ** 20;
const NAMESPACE = 'moved';
const PATIENCE = { timeout: 180_000, interval: 200 };

let bed: TestBed;
let velero: NodeVelero;

beforeAll(async () => {
  bed = await startTestBed({ profile: 'node', parts: ['storage'], onProgress: console.log });
  velero = await startVeleroOnNode({ ...bed, importImage: async file => bed.node?.importImage(file) }, console.log);
  await kubectl(['create', 'namespace', NAMESPACE]);
});
afterAll(async () => {
  await velero?.stop();
  await bed?.stop();
});

function kubectl(args: readonly string[], object?: object): Promise<string> {
  const input = object && { input: JSON.stringify(object) };
  return run(bed.binaries.kubectl, ['--kubeconfig', bed.adminKubeconfig, ...args], input);
}

const get = (of: readonly string[], path: string) => kubectl(['get', ...of, `--output=jsonpath=${path}`]);
const diskBehind = async (claim: string) =>
  diskOf(volumesFolder(bed.dir), await get(['-n', NAMESPACE, 'pvc', claim], '{.spec.volumeName}'));

/** A claim whose disk begins with the data. */
async function filled(name: string, volumeMode: string, data: Buffer): Promise<string> {
  const spec = { accessModes: ['ReadWriteOnce'], volumeMode, resources: { requests: { storage: '64Mi' } } };
  const metadata = { name, namespace: NAMESPACE };
  await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec });
  await expect.poll(() => get(['-n', NAMESPACE, 'pvc', name], '{.status.phase}'), PATIENCE).toBe('Bound');
  const disk = await diskBehind(name);
  await writeFile(disk, data);
  if (volumeMode === 'Block') await run('truncate', ['--size=64M', disk]);
  return disk;
}

test('AP-13: volumes that are lost come back from the store with their data, by the real data mover', async () => {
  const data = new Map(['Filesystem', 'Block'].map(mode => [mode, randomBytes(8 * MiB)]));
  const disks: string[] = [];
  for (const [mode, content] of data) disks.push(await filled(mode.toLowerCase(), mode, content));
  const spec = { includedNamespaces: [NAMESPACE], storageLocation: 'default', ttl: '1h' };
  const metadata = { name: 'moved', namespace: 'velero' };
  await kubectl(['create', '-f', '-'], { apiVersion: 'velero.io/v1', kind: 'Backup', metadata, spec });
  await expect.poll(() => get(['-n', 'velero', 'backup', 'moved'], '{.status.phase}'), PATIENCE).toBe('Completed');
  expect(await get(['-n', 'velero', 'datauploads'], '{.items[*].status.phase}')).toBe('Completed Completed');
  await kubectl(['-n', NAMESPACE, 'delete', 'pvc', '--all']);
  for (const disk of disks) await expect.poll(() => stat(disk).catch(() => 'gone'), PATIENCE).toBe('gone');
  await restore(kubectl, 'moved');
  for (const [mode, content] of data) {
    const restored = await readFile(await diskBehind(mode.toLowerCase()));
    expect(restored.subarray(0, content.length).equals(content), mode).toBe(true);
  }
}, 600_000);
