/** docs/procedures.md moves keys, and a release, to another namespace: its very commands are run here. */
import { readFile } from 'node:fs/promises';
import { delimiter, dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEY_NAMESPACE, type StewardProcess, startSteward } from '../../hack/steward/steward.ts';
import { run } from '../../hack/testbed/process/command.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import { BackupStorageLocation, Secret } from '../../src/api/upstream.ts';
import type { ResourceKind } from '../../src/runtime/api/object.ts';
import type { Any } from '../integration/support/api.ts';
import { untilStill } from '../integration/support/audit.ts';
import { type Cluster, startCluster } from '../integration/support/cluster.ts';
import { eventually, reads } from '../integration/support/eventually.ts';
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
let other: StewardProcess | undefined;
let uid: string;

/** Keys lie in the namespace of the release, where Steward kept them at first. */
beforeAll(async () => {
  const former = { values: { 'keys.namespace': namespace }, environment: { STEWARD_KEYS_NAMESPACE: namespace } };
  cluster = await startCluster({}, former);
  const { api } = cluster;
  await api.create(BackupStorageLocation, storageLocation);
  await api.create(operatingSystem, linuxSystem('debian-13'));
  await api.namespace('acme');
  await api.create(managedVM, machine('acme', 'vm'));
  await reads(api, managedVM, 'acme', 'vm', running);
  uid = (await api.get(managedVM, 'acme', 'vm')).metadata.uid;
});

afterAll(async () => {
  await other?.stop('SIGKILL');
  await cluster?.stop();
});

/** The commands of a section of the page, a line that goes on in the next one taken together. */
async function documented(section: string): Promise<readonly string[]> {
  const page = await readFile('docs/procedures.md', 'utf8');
  const [, text = ''] = page.split(`## ${section}\n`);
  const blocks = (text.split('\n## ')[0] ?? '').split(/^ *```\n/m).filter((_, index) => index % 2 === 1);
  return blocks.flatMap(block => block.trim().split(/\n(?! )/));
}

/** Runs a command as a person at a terminal does, who may everything. */
function shell(command: string): Promise<string> {
  const { binaries, adminKubeconfig } = cluster.bed;
  const folders = [dirname(binaries.helm), dirname(binaries.kubectl), process.env.PATH];
  const env = { ...process.env, PATH: folders.join(delimiter), KUBECONFIG: adminKubeconfig };
  return run('bash', ['-euo', 'pipefail', '-c', command], { env });
}

/** The operator as the release would run it now, in place of the one before. */
async function restart(place: string, environment: Record<string, string> = {}): Promise<void> {
  await (other ?? cluster.steward()).stop();
  other = await startSteward(cluster.bed, { namespace: place, environment });
  await other.ready();
}

const firstBoot = async (): Promise<Any> => (await cluster.api.get(Secret, 'acme', 'vm-first-boot')).data;
const keysIn = (place: string): Promise<Any> => cluster.api.find(Secret, place, `managedvm-${uid}`);

describe('keys moved to their namespace (MO-8, design 5)', () => {
  test('by the documented commands are the same, and until they are looked for where they lie, nothing is made', async () => {
    const { api, bed } = cluster;
    const [begin = '', left = '', byHand = '', end = '', ...more] = await documented('Move the keys');
    expect(more).toEqual([]);
    const [known, keys] = [await firstBoot(), await keysIn(namespace)];
    await shell(begin);
    await restart(namespace);
    await reads(api, managedVM, 'acme', 'vm', { Ready: 'False/KeysLost' });
    await untilStill(bed, 1_500);
    expect(await keysIn(KEY_NAMESPACE)).toBeUndefined();
    expect(await firstBoot()).toEqual(known);

    await restart(namespace, { STEWARD_KEYS_MIGRATE_FROM: namespace });
    await eventually(async () => expect(await shell(left)).toBe(''));
    await reads(api, managedVM, 'acme', 'vm', running);
    expect((await keysIn(KEY_NAMESPACE)).data).toEqual(keys.data);
    expect(await firstBoot()).toEqual(known);

    // Of a ManagedVM that is gone: nobody's pass moves them.
    const { apiVersion, kind, data, metadata } = keys;
    const name = 'managedvm-00000000-0000-4000-8000-000000000000';
    const kept: Any = { apiVersion, kind, data, metadata: { name, namespace, labels: metadata.labels } };
    await api.create(Secret, kept);
    await expect(shell(end)).rejects.toThrow('keys.migrateFrom: 1 Secrets');
    await shell(byHand);
    expect((await api.get(Secret, KEY_NAMESPACE, name)).data).toEqual(data);
    await api.remove(Secret, KEY_NAMESPACE, name);
    await shell(end);
    await restart(namespace);
    await untilStill(bed, 1_500);
    await reads(api, managedVM, 'acme', 'vm', running);
  });
});

describe('a release moved to another namespace (MO-8, case 21)', () => {
  test('by the documented commands leaves every key where it is', async () => {
    const { api, bed } = cluster;
    const [uninstall = '', create = '', install = '', clean = '', ...more] = await documented(
      'Move the release to another namespace',
    );
    expect(more).toEqual([]);
    const [known, keys] = [await firstBoot(), await keysIn(KEY_NAMESPACE)];
    await other?.stop();
    await shell(uninstall);
    await shell(create);
    const plain = install.replace(' --take-ownership', '');
    await expect(shell(plain)).rejects.toThrow(/invalid ownership metadata|cannot be imported/);
    await shell(install);
    await restart('platform');
    await untilStill(bed, 1_500);
    await reads(api, managedVM, 'acme', 'vm', running);
    expect(await firstBoot()).toEqual(known);
    expect(await keysIn(KEY_NAMESPACE)).toEqual(keys);

    expect(await api.find(Lease, namespace, 'steward')).toBeDefined();
    await shell(clean);
    expect(await api.find(Lease, namespace, 'steward')).toBeUndefined();
  });
});
