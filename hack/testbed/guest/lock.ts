/**
 * Writes the lock files anew: the newest versions of Debian's stable archives, with everything they depend on. Disks are of the last point
 * release, as Debian's own images are: what its archive of security updates has since is missing in them (`trixie.updates`), a kernel mostly.
 *
 *   node hack/testbed/guest/lock.ts [--updates | --testing | --applications | --former]
 *
 * With --updates only that, for disks as they are locked, with --applications only what applications need besides those disks, and with --former only the line of PostgreSQL that the Debian before had. With --testing only dnf 5, which no stable Debian has: testing keeps no old version, so
 * its lock holds for weeks, not for years.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { launcherPackages, tinyGuestPackages } from '../node/kubevirt/imagepackages.ts';
import { run } from '../process/command.ts';
import { type DebianMirror, debianMirror } from './debianmirror.ts';
import { formatLock, type LockedPackage, type LockName, lockPath, readLock } from './lockfile.ts';
import {
  applicationPackages,
  diskPackages,
  dnf5Packages,
  formerPackages,
  gitopsPackages,
  imagePackages,
  mirrorPackages,
  rpmPackages,
  type Suite,
  suites,
  testingSuite,
  workshopPackages,
  workshopSuite,
} from './suites.ts';

const { values: flags } = parseArgs({
  options: {
    updates: { type: 'boolean', default: false },
    testing: { type: 'boolean', default: false },
    applications: { type: 'boolean', default: false },
    former: { type: 'boolean', default: false },
  },
});
const everything = !flags.updates && !flags.testing && !flags.applications && !flags.former;
const written = new Date(Math.floor(Date.now() / 1000) * 1000);
const mirror = await debianMirror();
const folder = await mkdtemp(join(tmpdir(), 'steward-lock-'));
try {
  if (everything) await lockAll();
  if (everything || flags.updates) await lockUpdates();
  if (everything || flags.applications) await lockApplications();
  if (everything || flags.former) await lockFormer();
  if (everything || flags.testing)
    await write('dnf5', await resolve(await privateApt(testingSuite, mirror), dnf5Packages));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function lockAll(): Promise<void> {
  for (const suite of suites) {
    const disk = await resolve(await privateApt(suite, { debian: mirror.debian }), diskPackages);
    const apt = await privateApt(suite, mirror);
    await write(`${suite}.disk`, disk);
    await write(`${suite}.mirror`, without(await resolve(apt, [...diskPackages, ...mirrorPackages]), disk));
    if (suite === workshopSuite) await write('workshop', await resolve(apt, workshopPackages));
    if (suite === workshopSuite) await write('rpm', await resolve(apt, rpmPackages));
    if (suite === 'trixie') await write('launcher', await resolve(apt, launcherPackages));
    if (suite === 'trixie') await write('tinyguest', await resolve(apt, tinyGuestPackages));
  }
  for (const architecture of ['amd64', 'arm64'] as const) {
    const apt = await privateApt('trixie', mirror, architecture);
    await write(`image.${architecture}`, await describe(apt, imagePackages));
    await write(`gitops.${architecture}`, await describe(apt, gitopsPackages));
  }
}

/** What is newer than on the disk as it is locked. */
async function lockUpdates(): Promise<void> {
  const { packages: disk } = await readLock('trixie.disk');
  const updates = without(await resolve(await privateApt('trixie', mirror), diskPackages), disk);
  if (!updates.some(({ path }) => path.includes('/linux-image-')))
    throw new Error(
      'The disk has the newest kernel: nothing would show a reboot. Leave trixie.disk and trixie.updates as they were.',
    );
  await write('trixie.updates', updates);
}

/** What applications need besides the disk as it is locked: of a package that is on it, its own version does. */
async function lockApplications(): Promise<void> {
  const nameOf = ({ path }: LockedPackage) => basename(path).split('_')[0];
  const onDisk = new Set((await readLock('trixie.disk')).packages.map(nameOf));
  const needed = await resolve(await privateApt('trixie', mirror), applicationPackages);
  await write(
    'trixie.applications',
    needed.filter(each => !onDisk.has(nameOf(each))),
  );
}

async function lockFormer(): Promise<void> {
  const { bookworm, trixie } = formerPackages;
  const former = await describe(await privateApt('bookworm', mirror), bookworm);
  await write('bookworm.former', [...former, ...(await describe(await privateApt('trixie', mirror), trixie))]);
}

function without(packages: readonly LockedPackage[], others: readonly LockedPackage[]): LockedPackage[] {
  const known = new Set(others.map(({ sha256 }) => sha256));
  return packages.filter(({ sha256 }) => !known.has(sha256));
}

/** Options of an apt that shares nothing with this machine's but the mirror and Debian's keys. */
async function privateApt(
  suite: Suite | typeof testingSuite,
  { debian, security }: Pick<DebianMirror, 'debian'> & Partial<DebianMirror>,
  architecture = 'amd64',
): Promise<string[]> {
  const root = await mkdtemp(join(folder, `${suite}-`));
  for (const part of ['lists/partial', 'cache/archives/partial', 'etc/preferences.d'])
    await mkdir(join(root, part), { recursive: true });
  const signed = 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]';
  const sources = [`${debian} ${suite}`, `${debian} ${suite}-updates`];
  if (security !== undefined) sources.push(`${security} ${suite}-security`);
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
