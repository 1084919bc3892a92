/**
 * Debian's packages as what images are made of: those of the lock file, fetched from the mirror this machine's apt uses and unpacked, never
 * installed; nothing of this machine's own files gets into an image.
 */
import { mkdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { ensureDebs } from '../testbed/guest/debs.ts';
import { type LockedPackage, readLock } from '../testbed/guest/lockfile.ts';
import { run } from '../testbed/process/command.ts';

const lock = await readLock(`image.${architecture()}`);

/** The packages of the lock file with these names, in their order. Throws for a name that is not in it. */
export function locked(names: readonly string[]): LockedPackage[] {
  return names.map(name => {
    const found = lock.packages.find(({ path }) => basename(path).startsWith(`${name}_`));
    if (found === undefined)
      throw new Error(`${name} is not in lock/image.*.txt; add it to \`imagePackages\` and run lock.ts.`);
    return found;
  });
}

/** Debian's version of a package of the lock file, without an epoch: `2.53.3+ds1-2`. */
export function lockedVersion(name: string): string {
  const [found] = locked([name]);
  return basename(found?.path ?? '').split('_')[1] ?? '';
}

/** Debian's name of this machine's architecture. */
export function architecture(): 'amd64' | 'arm64' {
  return process.arch === 'arm64' ? 'arm64' : 'amd64';
}

/** Unpacks packages of the lock file, one over the other, into a folder, and returns the control data of each by its name. */
export async function unpackPackages(names: readonly string[], folder: string): Promise<ReadonlyMap<string, string>> {
  await mkdir(folder, { recursive: true });
  const debs = await ensureDebs(locked(names));
  const control = new Map<string, string>();
  for (const [index, { file }] of debs.entries()) {
    await run('dpkg-deb', ['--extract', file, folder]);
    control.set(names[index] ?? '', await run('dpkg-deb', ['--field', file]));
  }
  return control;
}
