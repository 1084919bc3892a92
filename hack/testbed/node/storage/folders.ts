/** Where the CSI driver keeps what is behind a volume, for those who look at a disk without a Pod. */
import { join } from 'node:path';

/** `<folder>/<volume>/disk.img`. `dir` is the bed's folder. */
export const volumesFolder = (dir: string) => join(dir, 'volumes');

export const snapshotsFolder = (dir: string) => join(dir, 'snapshots');

/** The disk of a volume, which has the name of its PersistentVolume; KubeVirt looks for it by this name, too. */
export function diskOf(folder: string, volume: string): string {
  return join(folder, volume, 'disk.img');
}
