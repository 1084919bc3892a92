/** A newer kernel than the guests' disks have, as Debian made it: who installs it needs a reboot. */
import { join } from 'node:path';
import { ensureArtifacts } from '../build/build.ts';
import type { Progress } from '../build/progress.ts';
import type { Deb } from './debs.ts';
import { readLock } from './lockfile.ts';
import { guestPackages } from './mirror.ts';

const { packages } = await readLock('trixie.updates');
const kernel = packages.filter(({ path }) => path.includes('/linux-image-'));

/** The packages of the kernel, of those that the mirror has: they are there also where there is no way to the network. */
export async function kernelUpdate(progress: Progress): Promise<readonly Deb[]> {
  const folders = await ensureArtifacts({ guestPackages }, progress);
  return kernel.map(each => ({ ...each, file: join(folders.guestPackages, each.path) }));
}
