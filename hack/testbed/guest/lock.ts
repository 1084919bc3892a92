/**
 * Writes the lock files anew: the newest versions of Debian's stable archives, with everything they depend on.
 *
 *   node hack/testbed/guest/lock.ts
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launcherPackages, tinyGuestPackages } from '../node/kubevirt/imagepackages.ts';
import { run } from '../process/command.ts';
import { type DebianMirror, debianMirror } from './debianmirror.ts';
import { formatLock, type LockedPackage, type LockName, lockPath } from './lockfile.ts';
import {
  diskPackages,
  gitopsPackages,
  imagePackages,
  mirrorPackages,
  rpmPackages,
  type Suite,
  suites,
  workshopPackages,
  workshopSuite,
} from './suites.ts';

const KERNEL = 'linux-image-cloud-amd64';

const written = new Date(Math.floor(Date.now() / 1000) * 1000);
const mirror = await debianMirror();
const folder = await mkdtemp(join(tmpdir(), 'steward-lock-'));
try {
  for (const suite of suites) {
    const apt = await privateApt(suite, mirror, join(folder, suite));
    const disk = await resolve(apt, diskPackages);
    const withMirror = await resolve(apt, [...diskPackages, ...mirrorPackages]);
    const onDisk = new Set(disk.map(({ path }) => path));
    await write(`${suite}.disk`, disk);
    await write(
      `${suite}.mirror`,
      withMirror.filter(({ path }) => !onDisk.has(path)),
    );
    if (suite === workshopSuite) await write('workshop', await resolve(apt, workshopPackages));
    if (suite === workshopSuite) await write('rpm', await resolve(apt, rpmPackages));
    if (suite === 'trixie') await write('launcher', await resolve(apt, launcherPackages));
    if (suite === 'trixie') await write('tinyguest', await resolve(apt, tinyGuestPackages));
    if (suite === 'trixie')
      await write('trixie.kernel', await kernelAfter(disk, suite, mirror, join(folder, 'kernel')));
  }
  for (const architecture of ['amd64', 'arm64'] as const) {
    const apt = await privateApt('trixie', mirror, join(folder, architecture), { architecture });
    await write(`image.${architecture}`, await describe(apt, imagePackages));
    await write(`gitops.${architecture}`, await describe(apt, gitopsPackages));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** The next kernel after the one on the disk: of security updates, else of backports. */
async function kernelAfter(
  disk: readonly LockedPackage[],
  suite: Suite,
  mirror: DebianMirror,
  root: string,
): Promise<LockedPackage[]> {
  const apt = await privateApt(suite, mirror, root, { backports: true });
  const listed = await run('apt-cache', [...apt, 'madison', KERNEL]);
  const versions = [...new Set([...listed.matchAll(/^ *\S+ \| +(\S+) \|/gm)].map(([, version = '']) => version))];
  const onDisk = versions.findIndex(version =>
    disk.some(({ path }) => path.endsWith(`/${KERNEL}_${version}_amd64.deb`)),
  );
  const next = versions[onDisk - 1];
  if (next === undefined) throw new Error(`No kernel is newer than that of the disk: ${versions.join(', ')}`);
  const all = await resolve(apt, [`${KERNEL}=${next}`]);
  return all.filter(({ path }) => path.includes('/linux-image-'));
}

/** Options of an apt that shares nothing with this machine's but the mirror and Debian's keys. */
async function privateApt(
  suite: Suite,
  { debian, security }: DebianMirror,
  root: string,
  { architecture = 'amd64', backports = false } = {},
): Promise<string[]> {
  for (const part of ['lists/partial', 'cache/archives/partial', 'etc/preferences.d'])
    await mkdir(join(root, part), { recursive: true });
  const signed = 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]';
  const sources = [
    ...[`${debian} ${suite}`, `${debian} ${suite}-updates`, `${security} ${suite}-security`],
    ...(backports ? [`${debian} ${suite}-backports`] : []),
  ];
  await writeFile(join(root, 'sources.list'), sources.map(source => `${signed} ${source} main\n`).join(''));
  await writeFile(join(root, 'status'), '');
  const settings = {
    'Dir::Etc': join(root, 'etc'),
    'Dir::Etc::sourcelist': join(root, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State': root,
    'Dir::State::lists': join(root, 'lists'),
    'Dir::State::status': join(root, 'status'),
    'Dir::Cache': join(root, 'cache'),
    'APT::Architecture': architecture,
    'APT::Architectures': architecture,
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': 'root',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  await run('apt-get', [...options, 'update', '-qq']);
  return options;
}

/** The packages by these names and all they depend on, as an empty Debian would install them. */
async function resolve(apt: readonly string[], names: readonly string[]): Promise<LockedPackage[]> {
  const plan = await run('apt-get', [...apt, '--simulate', 'install', ...names]);
  const versions = [...plan.matchAll(/^Inst (\S+) \((\S+) /gm)].map(([, name, version]) => `${name}=${version}`);
  return describe(apt, versions);
}

/** The packages by these names, or `NAME=VERSION`, and nothing they depend on. */
async function describe(apt: readonly string[], names: readonly string[]): Promise<LockedPackage[]> {
  const described = await run('apt-cache', [...apt, 'show', '--no-all-versions', ...names]);
  return described.split(/\n\n+/).filter(Boolean).map(locked);
}

function locked(description: string): LockedPackage {
  const [, path] = /^Filename: (.+)$/m.exec(description) ?? [];
  const [, sha256] = /^SHA256: (.+)$/m.exec(description) ?? [];
  if (path === undefined || sha256 === undefined) throw new Error(`No path or checksum of:\n${description}`);
  return { path, sha256, archive: path.startsWith('pool/updates/') ? 'security' : 'debian' };
}

async function write(name: LockName, packages: readonly LockedPackage[]): Promise<void> {
  await writeFile(lockPath(name), formatLock({ written, packages }));
}
