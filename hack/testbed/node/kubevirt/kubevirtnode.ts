/** KubeVirt's programs for a node, built from its module: virt-handler, and what runs in a VM's Pod. */
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Artifact } from '../../build/artifact.ts';
import { goBuild, moduleFolder } from '../../build/go.ts';
import type { Progress } from '../../build/progress.ts';
import { versions } from '../../build/versions.ts';
import type { KubeObject } from '../../client/client.ts';
import { ensureDebs } from '../../guest/debs.ts';
import { readLock } from '../../guest/lockfile.ts';
import { run } from '../../process/command.ts';
import { inBuildBox } from '../box/buildbox.ts';

/** The one image of all of KubeVirt's containers on the node. */
export const kubevirtNodeImage = `steward.testbed/kubevirt-node:${versions.kubevirt}`;

/** The artifact's layout: programs in `bin`, virt-launcher's settings in `etc`, the objects of virt-handler in `virt-handler.json`. */
export const kubevirtNode: Artifact = {
  what: `KubeVirt ${versions.kubevirt} for a node`,
  minutes: 4,
  module: 'kubevirtnode',
  recipe: [kubevirtNodeImage],
  build: buildKubeVirtNode,
};

const goPrograms = [
  'virt-chroot',
  'virt-freezer',
  'virt-handler',
  'virt-launcher',
  'virt-launcher-monitor',
  'virt-probe',
  'virt-tail',
];

async function buildKubeVirtNode(output: string, tether: string | undefined, progress: Progress): Promise<void> {
  const bin = join(output, 'bin');
  const box = await inBuildBox(progress);
  await mkdir(bin);
  const headers = await mkdtemp(join(tmpdir(), 'steward-libvirt-'));
  try {
    await unpackLibvirtHeaders(headers);
    const packages = [...goPrograms.map(program => `kubevirt.io/kubevirt/cmd/${program}`), './manifests'];
    const linkerFlags = [`-X kubevirt.io/client-go/version.gitVersion=${versions.kubevirt}`];
    // libvirt itself is looked up when virt-launcher starts: nothing of it is needed here but its headers.
    const libvirt = { tags: ['libvirt_dlopen'], cFlags: `-I${join(headers, 'usr/include')}` };
    const build = { module: 'kubevirtnode', packages, output: bin, tether, within: box, linkerFlags, ...libvirt };
    await goBuild({ ...build, expectedPackages: 1270 }, progress);
  } finally {
    await rm(headers, { recursive: true, force: true });
  }
  const generator = join(output, 'generate-manifests');
  await rename(join(bin, 'manifests'), generator);
  await run(generator, [join(output, 'virt-handler.json'), kubevirtNodeImage, kubevirtNodeImage]);
  await rm(generator);
  await takeWhatIsNotGo(output, box);
}

async function unpackLibvirtHeaders(folder: string): Promise<void> {
  const { packages } = await readLock('launcher');
  const debs = await ensureDebs(packages.filter(({ path }) => path.includes('/libvirt-dev_')));
  for (const { file } of debs) await run('dpkg-deb', ['--extract', file, folder]);
}

/** The program that keeps a container disk's container alive is C, and has to run in an image where there is nothing else. */
async function takeWhatIsNotGo(output: string, [program = 'env', ...box]: readonly string[]): Promise<void> {
  const cwd = moduleFolder('kubevirtnode');
  const sources = (await run('go', ['list', '-m', '-f', '{{.Dir}}', 'kubevirt.io/kubevirt'], { cwd })).trim();
  const containerDisk = join(sources, 'cmd/container-disk-v2alpha/main.c');
  const compile = ['gcc', '-static', '-O2', '-s', '-o', join(output, 'bin/container-disk'), containerDisk];
  await run(program, [...box, ...compile]);
  const launcher = join(sources, 'cmd/virt-launcher');
  await copyFile(join(launcher, 'node-labeller/node-labeller.sh'), join(output, 'bin/node-labeller.sh'));
  await mkdir(join(output, 'etc'));
  for (const file of ['nsswitch.conf', 'qemu.conf', 'virtqemud.conf'])
    await copyFile(join(launcher, file), join(output, 'etc', file));
}

/** The objects KubeVirt's operator would install for virt-handler. */
export async function virtHandlerManifests(artifact: string): Promise<KubeObject[]> {
  return JSON.parse(await readFile(join(artifact, 'virt-handler.json'), 'utf8')) as KubeObject[];
}
