/**
 * Debian's packages as what images are made of: the versions and digests in `packages.lock.json`, fetched from the mirror this machine's apt
 * uses and unpacked, never installed; nothing of this machine's own files gets into an image.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../testbed/cache.ts';
import { run } from '../testbed/command.ts';
import lock from './packages.lock.json' with { type: 'json' };

export type LockedPackage = {
  readonly name: string;
  readonly version: string;
  /** Path below the archive, or the security archive, of Debian. */
  readonly file: string;
  readonly sha256: string;
};

export class PackageGone extends Error {
  override name = 'PackageGone';
}

/** Where this machine's apt finds Debian, and Debian's security updates if it does. */
export type Mirrors = { readonly main: string; readonly security: string | undefined; readonly codename: string };

/** Throws when apt's sources name no Debian. */
export async function mirrors(): Promise<Mirrors> {
  const ask = async () => {
    const filter = ['Created-By: Packages', 'Origin: Debian', 'Component: main'];
    const lines = await run('apt-get', ['indextargets', '--format', '$(CODENAME) $(REPO_URI)', ...filter]);
    return new Map(lines.split('\n').map(line => line.split(' ') as [string, string]));
  };
  let found = await ask();
  if (![...found.keys()].some(Boolean)) {
    await run('apt-get', ['update', '-qq']);
    found = await ask();
  }
  for (const [codename, main] of found)
    if (/^[a-z]+$/.test(codename)) return { main, security: found.get(`${codename}-security`), codename };
  throw new Error(
    'Images are made of Debian packages, but the sources of apt-get on this machine name no Debian archive.',
  );
}

/** The packages of the lock file with these names, for this machine's architecture. Throws for a name that is not in it. */
export function locked(names: readonly string[]): LockedPackage[] {
  const packages: readonly LockedPackage[] = lock[architecture()];
  return names.map(name => {
    const found = packages.find(candidate => candidate.name === name);
    if (found === undefined) throw new Error(`${name} is not in packages.lock.json; add it to lock.ts and run it.`);
    return found;
  });
}

/** Debian's name of this machine's architecture. */
export function architecture(): 'amd64' | 'arm64' {
  return process.arch === 'arm64' ? 'arm64' : 'amd64';
}

/**
 * Unpacks packages of the lock file, one over the other, into a folder, and returns the control data of each by its name.
 * Throws {@link PackageGone} when the mirror has replaced a version.
 */
export async function unpackPackages(names: readonly string[], folder: string): Promise<ReadonlyMap<string, string>> {
  await mkdir(folder, { recursive: true });
  const control = new Map<string, string>();
  for (const item of locked(names)) {
    const archive = await fetchPackage(item);
    await run('dpkg-deb', ['--extract', archive, folder]);
    control.set(item.name, await run('dpkg-deb', ['--field', archive]));
  }
  return control;
}

/** The package's file in the cache. */
async function fetchPackage({ name, version, file, sha256 }: LockedPackage): Promise<string> {
  const folder = await cached(`package-${name}-${sha256.slice(0, 12)}`, async partial => {
    const { main, security } = await mirrors();
    const base = file.startsWith('pool/updates/') ? security : main;
    // apt's own downloader: it knows this machine's proxies and compares the digest.
    const download = (uri: string) =>
      run('/usr/lib/apt/apt-helper', ['download-file', uri, join(partial, 'package.deb'), `SHA256:${sha256}`]);
    await download(`${base}${file}`).catch((cause: unknown) => {
      const advice = 'Debian keeps only the newest; pin what it has now with `npm run image -- --lock` and commit it.';
      throw new PackageGone(`${name} ${version} is not to be had from the Debian mirror of this machine. ${advice}`, {
        cause,
      });
    });
  });
  const [archive = ''] = await readdir(folder);
  return join(folder, archive);
}
