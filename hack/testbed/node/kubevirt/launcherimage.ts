/**
 * The image of all of KubeVirt's containers on the node: QEMU and libvirt of Debian trixie with KubeVirt's programs. Its packages are
 * unpacked and not configured, so that nothing but the lock file and the programs decide what is in it.
 */
import { readFileSync } from 'node:fs';
import { chmod, chown, copyFile, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFolderLayer } from '../../../images/layer.ts';
import { writeImage } from '../../../images/oci.ts';
import type { Artifact } from '../../build/artifact.ts';
import { ensureArtifacts } from '../../build/build.ts';
import type { Progress } from '../../build/progress.ts';
import { ensureDebs } from '../../guest/debs.ts';
import { lockPath, readLock } from '../../guest/lockfile.ts';
import { run } from '../../process/command.ts';
import { kubevirtNode, kubevirtNodeImage } from './kubevirtnode.ts';

/** User and group that KubeVirt runs QEMU as. */
const qemu = 107;

/** Debian has the daemon of all of libvirt's drivers, KubeVirt starts the one of QEMU and asks at its socket. */
const virtqemud = `#!/bin/sh
sockets=/var/run/libvirt
mkdir -p $sockets
for kind in sock sock-ro admin-sock; do ln -sfn libvirt-$kind $sockets/virtqemud-$kind; done
exec /usr/sbin/libvirtd "$@"
`;

/**
 * QEMU keeps up to 1 GiB of translated code of each guest, whatever the guest's own size; KubeVirt has no setting for it. Less makes it
 * translate again what was thrown away.
 */
const emulator = 'usr/bin/qemu-system-x86_64';
const limitedEmulator = `#!/bin/bash
for argument; do
  shift
  if [ "$previous $argument" = '-accel tcg' ]; then argument=tcg,tb-size=256; fi
  set -- "$@" "$argument"
  previous=$argument
done
exec -a /${emulator} /usr/libexec/qemu-system-x86_64 "$@"
`;

/** Debian's libvirt does not start without users and groups of its own, though KubeVirt gives it another user for QEMU. */
const users = [
  'root:x:0:0:root:/root:/bin/bash',
  `qemu:x:${qemu}:${qemu}:qemu:/home/qemu:/bin/bash`,
  'libvirt-qemu:x:64055:109:libvirt:/var/lib/libvirt:/usr/sbin/nologin',
];
const groups = ['root:x:0:', 'tty:x:5:', `qemu:x:${qemu}:`, 'libvirt:x:108:', 'kvm:x:109:', 'libvirt-qemu:x:64055:'];

const writtenFiles: Readonly<Record<string, string>> = {
  'etc/passwd': `${users.join('\n')}\n`,
  'etc/group': `${groups.join('\n')}\n`,
  'usr/sbin/virtqemud': virtqemud,
  [emulator]: limitedEmulator,
};

const settings: Readonly<Record<string, string>> = {
  'nsswitch.conf': 'etc/nsswitch.conf',
  'qemu.conf': 'etc/libvirt/qemu.conf',
  'virtqemud.conf': 'etc/libvirt/virtqemud.conf',
};

/** Of the packages, what no program here reads. */
const unread = ['doc', 'doc-base', 'info', 'lintian', 'locale', 'man', 'bash-completion'].map(
  folder => `./usr/share/${folder}/*`,
);

/** The artifact: `image.tar`, an OCI archive of `kubevirtNodeImage`. */
export const launcherImage: Artifact = {
  what: 'the image of virt-handler and virt-launcher',
  minutes: 0.5,
  module: 'kubevirtnode',
  recipe: [
    readFileSync(lockPath('launcher'), 'utf8'),
    JSON.stringify([kubevirtNode.recipe, writtenFiles, settings, unread]),
    'capability',
  ],
  build: buildImage,
};

async function buildImage(output: string, tether: string | undefined, progress: Progress): Promise<void> {
  const { kubevirtNode: programs } = await ensureArtifacts({ kubevirtNode }, progress, tether);
  const root = join(output, 'root');
  const layer = join(output, 'layer.tar');
  await mkdir(root);
  progress('  fetching and unpacking QEMU and libvirt');
  await unpackPackages(root);
  await addPrograms(root, programs);
  progress('  writing the image');
  await writeFolderLayer(root, layer, { exclude: unread });
  const config = { entrypoint: ['/usr/bin/virt-launcher'] };
  await writeImage({ name: kubevirtNodeImage, layers: [layer], config }, join(output, 'image.tar'));
  await Promise.all([root, layer].map(path => rm(path, { recursive: true })));
}

async function unpackPackages(root: string): Promise<void> {
  const { packages } = await readLock('launcher');
  const debs = await ensureDebs(packages.filter(({ path }) => !path.includes('/libvirt-dev_')));
  // First the package that makes /bin and the like links into /usr.
  const basis = debs.filter(({ path }) => path.includes('/base-files_'));
  for (const { file } of [...basis, ...debs.filter(deb => !basis.includes(deb))])
    await run('dpkg-deb', ['--extract', file, root]);
}

async function addPrograms(root: string, programs: string): Promise<void> {
  await mkdir(join(root, 'usr/libexec'), { recursive: true });
  await rename(join(root, emulator), join(root, 'usr/libexec/qemu-system-x86_64'));
  for (const [path, content] of Object.entries(writtenFiles)) await writeFile(join(root, path), content);
  for (const script of ['usr/sbin/virtqemud', emulator]) await chmod(join(root, script), 0o755);
  for (const [file, path] of Object.entries(settings)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await copyFile(join(programs, 'etc', file), join(root, path));
  }
  for (const program of await readdir(join(programs, 'bin'))) {
    await copyFile(join(programs, 'bin', program), join(root, 'usr/bin', program));
    await chmod(join(root, 'usr/bin', program), 0o755);
  }
  // Relative, because virt-handler follows it from outside: /proc/PID/root/var/run.
  await rm(join(root, 'var/run'), { recursive: true, force: true });
  await symlink('../run', join(root, 'var/run'));
  await mkdir(join(root, 'home/qemu'), { recursive: true });
  await chown(join(root, 'home/qemu'), qemu, qemu);
  // virt-launcher is not root, but some of its sockets listen where only root may: the capability stays with the file.
  await run('chroot', [root, 'setcap', 'cap_net_bind_service=+ep', '/usr/bin/virt-launcher-monitor']);
}
