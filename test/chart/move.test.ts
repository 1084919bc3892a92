/** docs/procedures.md moves a release to another namespace: its very commands are run here. */
import { readFile } from 'node:fs/promises';
import { delimiter, dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StewardProcess, startSteward } from '../../hack/steward/steward.ts';
import { run } from '../../hack/testbed/process/command.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import { BackupStorageLocation, Secret } from '../../src/api/upstream.ts';
import type { ResourceKind } from '../../src/runtime/api/object.ts';
import type { Any } from '../integration/support/api.ts';
import { untilStill } from '../integration/support/audit.ts';
import { type Cluster, startCluster } from '../integration/support/cluster.ts';
import { reads } from '../integration/support/eventually.ts';
import { linuxSystem, machine, storageLocation } from '../integration/support/orders.ts';
import { namespace } from './chart.ts';

const running = { Ready: 'True/Running' };
const Lease: ResourceKind = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

let cluster: Cluster;
let moved: StewardProcess | undefined;
let uid: string;
let procedure: Procedure;

beforeAll(async () => {
  cluster = await startCluster();
  const { api } = cluster;
  await api.create(BackupStorageLocation, storageLocation);
  await api.create(operatingSystem, linuxSystem('debian-13'));
  await api.namespace('acme');
  await api.create(managedVM, machine('acme', 'vm'));
  await reads(api, managedVM, 'acme', 'vm', running);
  uid = (await api.get(managedVM, 'acme', 'vm')).metadata.uid;
  procedure = await documented();
});

afterAll(async () => {
  await moved?.stop('SIGKILL');
  await cluster?.stop();
});

type Procedure = { uninstall: string; create: string; copy: string; install: string; clean: string };

/** The commands of the page, a line that goes on in the next one taken together. */
async function documented(): Promise<Procedure> {
  const page = await readFile('docs/procedures.md', 'utf8');
  const [, section = ''] = page.split('## Move the release to another namespace\n');
  const [, move = '', , clean = ''] = (section.split('\n## ')[0] ?? '').split('```\n');
  const [uninstall = '', create = '', copy = '', install = '', ...more] = move.trim().split(/\n(?! )/);
  expect(more).toEqual([]);
  return { uninstall, create, copy, install, clean };
}

/** Runs a command as a person at a terminal does, who may everything. */
function shell(command: string): Promise<string> {
  const { binaries, adminKubeconfig } = cluster.bed;
  const folders = [dirname(binaries.helm), dirname(binaries.kubectl), process.env.PATH];
  const env = { ...process.env, PATH: folders.join(delimiter), KUBECONFIG: adminKubeconfig };
  return run('bash', ['-euo', 'pipefail', '-c', command], { env });
}

async function startIn(place: string): Promise<void> {
  moved = await startSteward(cluster.bed, { namespace: place });
  await moved.ready();
}

const firstBoot = async (): Promise<Any> => (await cluster.api.get(Secret, 'acme', 'vm-first-boot')).data;
const keysIn = (place: string): Promise<Any> => cluster.api.find(Secret, place, `managedvm-${uid}`);

describe('a release moved to another namespace (MO-8, case 21)', () => {
  test('by the documented commands keeps every key', async () => {
    const { api, bed } = cluster;
    const [known, keys] = [await firstBoot(), await keysIn(namespace)];
    await cluster.steward().stop();
    await shell(procedure.uninstall);
    await shell(procedure.create);
    const plain = procedure.install.replace(' --take-ownership', '');
    await expect(shell(plain)).rejects.toThrow(/invalid ownership metadata|cannot be imported/);

    await shell(procedure.copy);
    await shell(procedure.install);
    await startIn('platform');
    await untilStill(bed, 1_500);
    await reads(api, managedVM, 'acme', 'vm', running);
    expect(await firstBoot()).toEqual(known);
    expect((await keysIn('platform')).data).toEqual(keys.data);

    expect(await api.find(Lease, namespace, 'steward')).toBeDefined();
    await shell(procedure.clean);
    expect(await keysIn(namespace)).toBeUndefined();
    expect(await api.find(Lease, namespace, 'steward')).toBeUndefined();
    await untilStill(bed, 1_500);
    await reads(api, managedVM, 'acme', 'vm', running);
  });

  test('without the copied keys reads KeysLost, overwrites nothing, and heals when they are copied', async () => {
    const { api, bed } = cluster;
    const [known, keys] = [await firstBoot(), await keysIn('platform')];
    const onward = (command: string) =>
      shell(command.replaceAll('platform', 'later').replaceAll(namespace, 'platform'));
    await moved?.stop();
    await onward(procedure.uninstall);
    await onward(procedure.create);
    await onward(procedure.install);
    await startIn('later');
    await reads(api, managedVM, 'acme', 'vm', { Ready: 'False/KeysLost' });
    await untilStill(bed, 1_500);
    expect(await keysIn('later')).toBeUndefined();
    expect(await firstBoot()).toEqual(known);

    await onward(procedure.copy);
    await reads(api, managedVM, 'acme', 'vm', running);
    expect((await keysIn('later')).data).toEqual(keys.data);
    expect(await firstBoot()).toEqual(known);
  });
});
