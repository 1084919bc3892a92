/**
 * The smallest guest there is: Debian's kernel, and a root file system in memory with a shell and the guest agent. Under emulation it is up
 * within ten seconds, so tests of KubeVirt and of the node take it where they need no Debian.
 */
import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { writeLayer } from '../../../images/layer.ts';
import { writeImage } from '../../../images/oci.ts';
import type { Artifact } from '../../build/artifact.ts';
import type { KubeObject } from '../../client/client.ts';
import { ensureDebs } from '../../guest/debs.ts';
import { lockPath, readLock } from '../../guest/lockfile.ts';
import { run } from '../../process/command.ts';
import { type CpioEntry, cpio } from './cpio.ts';

const image = 'steward.testbed/tiny-guest:1';
const agent = 'usr/sbin/qemu-ga';
const loader = 'usr/lib64/ld-linux-x86-64.so.2';

const init = `#!/bin/sh
/bin/busybox --install -s /bin
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
echo The tiny guest is up
# The host tells the ports' names some time after the kernel has started this.
until name=$(grep -lx org.qemu.guest_agent.0 /sys/class/virtio-ports/*/name 2>/dev/null); do sleep 1; done
port=\${name%/name}
/usr/sbin/qemu-ga -d -m virtio-serial -p /dev/\${port##*/}
exec sleep 2147483647
`;

/** What the guest agent calls when the guest is to end. */
const shutdown = '#!/bin/sh\nexec poweroff -f\n';

/** The artifact: `image.tar`, an OCI archive with what {@link tinyMachine} boots. */
export const tinyGuest: Artifact = {
  what: 'the tiny guest',
  minutes: 0.2,
  recipe: [image, init, shutdown, readFileSync(lockPath('tinyguest'), 'utf8')],
  build: buildTinyGuest,
};

async function buildTinyGuest(output: string): Promise<void> {
  const root = join(output, 'root');
  await mkdir(root);
  const { packages } = await readLock('tinyguest');
  for (const { file } of await ensureDebs(packages)) await run('dpkg-deb', ['--extract', file, root]);
  const kernel = (await readdir(join(root, 'boot'))).find(file => file.startsWith('vmlinuz-'));
  if (kernel === undefined) throw new Error('The kernel’s package has no vmlinuz');
  const layer = join(output, 'layer.tar');
  const files = [
    { path: 'boot/vmlinuz', source: join(root, 'boot', kernel) },
    { path: 'boot/initrd', content: gzipSync(cpio(await rootFiles(root))) },
  ];
  await writeLayer(files, layer);
  await writeImage({ name: image, layers: [layer], config: {} }, join(output, 'image.tar'));
  await Promise.all([root, layer].map(path => rm(path, { recursive: true })));
}

async function rootFiles(root: string): Promise<CpioEntry[]> {
  const written: CpioEntry[] = [
    { path: 'init', program: Buffer.from(init) },
    { path: 'bin/sh', target: 'busybox' },
    { path: 'sbin/shutdown', program: Buffer.from(shutdown) },
    { path: 'bin/busybox', program: await readFile(join(root, 'usr/bin/busybox')) },
    { path: 'etc/os-release', file: await readFile(join(root, 'usr/lib/os-release')) },
    { path: 'lib64', target: 'usr/lib64' },
  ];
  const paths = [agent, loader, ...(await librariesOf(root))];
  const copied = paths.map(async path => ({ path, program: await readFile(join(root, path)) }));
  const empty = ['dev', 'proc', 'sys', 'tmp', 'run', 'var/run', 'var/log'];
  const files = [...written, ...(await Promise.all(copied))];
  const folders = [
    ...new Set([
      ...empty,
      ...files
        .map(({ path }) => path)
        .filter(path => path.includes('/'))
        .map(dirname),
    ]),
  ];
  return [...withParents(folders).map(path => ({ path, folder: true as const })), ...files];
}

/** Paths of the libraries the agent loads, as its own loader finds them. */
async function librariesOf(root: string): Promise<string[]> {
  const list = await run('chroot', [root, `/${loader}`, '--list', `/${agent}`]);
  const names = [...list.matchAll(/=> (\/\S+) /g)].map(([, path = '']) => basename(path));
  return names.toSorted().map(name => `usr/lib/x86_64-linux-gnu/${name}`);
}

/** The folders and all above them, each before what is in it. */
function withParents(folders: readonly string[]): string[] {
  const all = folders.flatMap(folder =>
    folder.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/')),
  );
  return [...new Set(all)].sort();
}

/** A VirtualMachine of 128 MiB that boots it. It ends without asking the guest. */
export function tinyMachine(name: string, namespace: string): KubeObject {
  const container = { image, kernelPath: '/boot/vmlinuz', initrdPath: '/boot/initrd', imagePullPolicy: 'IfNotPresent' };
  const spec = {
    terminationGracePeriodSeconds: 0,
    domain: {
      firmware: { kernelBoot: { container, kernelArgs: 'console=ttyS0 quiet' } },
      memory: { guest: '128Mi' },
      devices: { interfaces: [{ name: 'default', masquerade: {} }] },
    },
    networks: [{ name: 'default', pod: {} }],
  };
  const machine = { runStrategy: 'Always', template: { spec } };
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name, namespace },
    spec: machine,
  } as KubeObject;
}
