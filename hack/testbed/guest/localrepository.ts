/** A folder with packages and their index, from which apt installs. */
import { copyFile, mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { run } from '../process/command.ts';
import type { Deb } from './debs.ts';
import { type IndexedPackage, renderPackages, renderRelease } from './repository.ts';
import type { Suite } from './suites.ts';

/** Fills `folder` with a flat repository of the packages: they and their index lie side by side. Nobody signs it. */
export async function writeFlatRepository(
  folder: string,
  suite: Suite,
  debs: readonly Pick<Deb, 'file' | 'path' | 'sha256'>[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const indexed = await indexOf(debs.map(deb => ({ ...deb, path: basename(deb.path) })));
  for (const { path, file } of debs) await copyFile(file, join(folder, basename(path)));
  const index = Buffer.from(renderPackages(indexed));
  const release = { suite, architectures: ['amd64'], components: [], date: new Date(0), files: { Packages: index } };
  await writeFile(join(folder, 'Packages'), index);
  // mmdebstrap tells by the name of the suite in it which packages are essential.
  await writeFile(join(folder, 'Release'), renderRelease(release));
}

/** What an index says of the packages, at the paths they name. */
export async function indexOf(debs: readonly Pick<Deb, 'file' | 'path' | 'sha256'>[]): Promise<IndexedPackage[]> {
  const indexed: IndexedPackage[] = [];
  for (const { file, path, sha256 } of debs) {
    const control = await run('dpkg-deb', ['--field', file]);
    indexed.push({ control, path, sha256, size: (await stat(file)).size });
  }
  return indexed;
}
