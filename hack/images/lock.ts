/** Writes `packages.lock.json`: which version of each Debian package the images are made of. Run by `npm run image -- --lock`. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../testbed/command.ts';
import { type LockedPackage, mirrors } from './packages.ts';

/** The Debian that the Dockerfile's base is made of too. */
const suite = 'trixie';

const packages = [
  'ca-certificates',
  'gcc-14-base',
  'libatomic1',
  'libc6',
  'libgcc-s1',
  'libstdc++6',
  'prometheus',
  'prometheus-alertmanager',
];

const lockFile = join(import.meta.dirname, 'packages.lock.json');

/** Pins the newest versions that Debian's mirror has, security updates included. */
export async function lockPackages(): Promise<void> {
  const { main, security } = await mirrors();
  const sources = [`${main} ${suite} main`, `${main} ${suite}-updates main`];
  if (security !== undefined) sources.push(`${security} ${suite}-security main`);
  const lock = { amd64: await newest('amd64', sources), arm64: await newest('arm64', sources) };
  await writeFile(lockFile, `${JSON.stringify(lock, undefined, 2)}\n`);
}

/** Asks an apt with folders of its own, so this machine's suite, architecture and package lists are left as they are. */
async function newest(architecture: string, sources: readonly string[]): Promise<LockedPackage[]> {
  const folder = await mkdtemp(join(tmpdir(), 'steward-apt-'));
  try {
    await mkdir(join(folder, 'lists/partial'), { recursive: true });
    await writeFile(join(folder, 'status'), '');
    await writeFile(join(folder, 'sources.list'), sources.map(source => `deb ${source}\n`).join(''));
    const settings = {
      'Dir::State': folder,
      'Dir::State::status': join(folder, 'status'),
      'Dir::Cache': folder,
      'Dir::Etc::SourceList': join(folder, 'sources.list'),
      'Dir::Etc::SourceParts': '/dev/null',
      'APT::Architecture': architecture,
      'APT::Architectures': architecture,
      'APT::Sandbox::User': '',
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    await run('apt-get', [...options, 'update', '-qq']);
    const found = await run('apt-cache', [...options, 'show', '--no-all-versions', ...packages]);
    return found.trim().split('\n\n').map(entryOf);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function entryOf(description: string): LockedPackage {
  const field = (name: string) => new RegExp(`^${name}: (.+)$`, 'm').exec(description)?.[1] ?? '';
  return {
    name: field('Package'),
    version: field('Version'),
    file: field('Filename'),
    sha256: field('SHA256'),
  };
}
