/** Debian packages by their SHA-256, fetched once into the cache. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, exists } from '../build/cache.ts';
import { run } from '../process/command.ts';
import { debianMirror } from './debianmirror.ts';
import type { LockedPackage } from './lockfile.ts';

export type Deb = LockedPackage & { readonly file: string };

/**
 * The files of the packages. apt's own program fetches what is missing, with apt's own mirror, proxy and passwords.
 *
 * Throws where the mirror no longer has a package (then the lock files have to be written anew) or sends another one.
 */
export async function ensureDebs(packages: readonly LockedPackage[]): Promise<readonly Deb[]> {
  const store = join(cacheFolder(), 'debs');
  await mkdir(store, { recursive: true });
  const debs = packages.map(locked => ({ ...locked, file: join(store, `${locked.sha256}.deb`) }));
  const found = await Promise.all(debs.map(({ file }) => exists(file)));
  const missing = debs.filter((_, index) => !found[index]);
  if (missing.length > 0) await fetchDebs(missing, store);
  return debs;
}

async function fetchDebs(debs: readonly Deb[], store: string): Promise<void> {
  const mirror = await debianMirror();
  const folder = await mkdtemp(join(store, 'partial-'));
  try {
    const wanted = debs.flatMap(({ archive, path, sha256 }) => [
      `${mirror[archive]}${path.split('/').map(encodeURIComponent).join('/')}`,
      join(folder, sha256),
      `SHA256:${sha256}`,
    ]);
    await run('/usr/lib/apt/apt-helper', ['-o', 'APT::Sandbox::User=root', 'download-file', ...wanted]);
    for (const { sha256, file } of debs) {
      const content = await readFile(join(folder, sha256));
      const digest = createHash('sha256').update(content).digest('hex');
      if (digest !== sha256) throw new Error(`${file} has SHA-256 ${digest}`);
      await rename(join(folder, sha256), file);
    }
  } catch (error) {
    const advice =
      'Where a mirror has newer versions only, `node hack/testbed/guest/lock.ts` writes the lock files anew.';
    throw new Error(`Debian packages could not be fetched. ${advice}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
