/** Debian's programs the node needs, unpacked into a folder and not installed: the box lays it over /usr. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artifact } from '../../build/artifact.ts';
import { exists } from '../../build/cache.ts';
import type { Progress } from '../../build/progress.ts';
import { run } from '../../process/command.ts';

/** Packages and what they depend on; versions are those of the machine's own Debian release. */
const wanted = [
  'conntrack',
  'containernetworking-plugins',
  'e2fsprogs',
  'ethtool',
  'iproute2',
  'kmod',
  'nftables',
  'procps',
  'qemu-utils',
  // For builds with cgo.
  'gcc',
  'libc6-dev',
  'libseccomp-dev',
  'libvirt-dev',
  'pkg-config',
  // For images and guest disks.
  'debootstrap',
  'mmdebstrap',
];

export const packages: Artifact = {
  what: 'programs from Debian, unpacked',
  minutes: 1,
  recipe: [...wanted, 'without essential ones'],
  build: fetchPackages,
};

const options = ['-o', 'APT::Install-Recommends=false', '-o', 'APT::Sandbox::User=root', '-qq'];
/** As if nothing were installed: what an artifact holds must not depend on that. */
const nothingInstalled = ['-o', 'Dir::State::status=/dev/null', '-o', 'Debug::NoLocking=1'];

async function fetchPackages(folder: string, _tether: string | undefined, progress: Progress): Promise<void> {
  const closure = async (names: readonly string[]) => {
    const args = [...options, ...nothingInstalled, 'install', '--yes', '--print-uris', ...names];
    return packageNames(await run('apt-get', args));
  };
  await closure(wanted).catch(() => run('apt-get', ['update', '-qq']));
  const everywhere = new Set(await closure(await essentialPackages()));
  // What every Debian has is taken from the machine: above all its libc, which the programs already running use.
  const names = (await closure(wanted)).filter(name => !everywhere.has(name) || wanted.includes(name));
  progress(`  packages: downloading ${names.length} from Debian`);
  const download = join(folder, 'download');
  await mkdir(download);
  await run('apt-get', [...options, 'download', ...names], { cwd: download });
  for (const archive of await readdir(download)) await run('dpkg', ['-x', join(download, archive), folder]);
  await rm(download, { recursive: true });
  await mergeUsr(folder);
}

/** Names in the output of `apt-get install --print-uris`: `'URI' NAME_VERSION_ARCH.deb SIZE HASH` per line. */
export function packageNames(uris: string): string[] {
  return uris.split('\n').flatMap(line => /^'\S+' ([^_\s]+)_/.exec(line)?.[1] ?? []);
}

async function essentialPackages(): Promise<string[]> {
  return requiredNames(await run('apt-cache', ['dumpavail']));
}

/** Names of the packages of priority `required` among Debian's package descriptions. */
export function requiredNames(descriptions: string): string[] {
  const required = descriptions.split('\n\n').filter(each => /^Priority: required$/m.test(each));
  return [...new Set(required.flatMap(each => /^Package: (\S+)$/m.exec(each)?.[1] ?? []))];
}

/** In Debian /bin, /sbin and /lib are names of folders below /usr; packages still name both. */
async function mergeUsr(folder: string): Promise<void> {
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    const top = join(folder, name);
    if (!(await exists(top))) continue;
    await mkdir(join(folder, 'usr', name), { recursive: true });
    await run('cp', ['-a', '--link', `${top}/.`, join(folder, 'usr', name)]);
    await rm(top, { recursive: true });
  }
}
