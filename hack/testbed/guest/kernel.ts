/** A newer kernel than the guests' disks have, as Debian made it: who installs it needs a reboot. */
import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Artifact } from '../build/artifact.ts';
import { ensureArtifacts } from '../build/build.ts';
import type { Progress } from '../build/progress.ts';
import { type Deb, ensureDebs } from './debs.ts';
import { readLock } from './lockfile.ts';

const lock = await readLock('trixie.updates');
const kernel = lock.packages.filter(({ path }) => path.includes('/linux-image-'));

export const guestKernel: Artifact = {
  what: 'a newer kernel for guests',
  minutes: 0.1,
  recipe: ['kernel', lock.text],
  build: async folder => {
    for (const { file, path } of await ensureDebs(kernel)) await copyFile(file, join(folder, basename(path)));
  },
};

/** The packages of the kernel, fetched already where there is no way to the network. */
export async function kernelUpdate(progress: Progress): Promise<readonly Deb[]> {
  const folders = await ensureArtifacts({ guestKernel }, progress);
  return kernel.map(each => ({ ...each, file: join(folders.guestKernel, basename(each.path)) }));
}
