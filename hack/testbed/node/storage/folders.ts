/** A folder for each volume, as a PersistentVolume of kind `local`, which kubelet mounts and whose group it sets as a Pod asks. */
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backing } from '../../provisioner.ts';
import { provisioner } from './objects.ts';

/** Where the disk of a volume lies; KubeVirt looks for it by this name. */
export function diskOf(folder: string, volume: string): string {
  return join(folder, volume, 'disk.img');
}

/** Volumes below `folder`, for Pods on the node of that name. Raw block devices are not to be had. */
export function folderBacking(folder: string, node: string): Backing {
  const onNode = { key: 'kubernetes.io/hostname', operator: 'In', values: [node] };
  return {
    provisioner,
    volumeModes: ['Filesystem'],
    make: async volume => {
      const path = join(folder, volume);
      await mkdir(path, { recursive: true, mode: 0o700 });
      // Whoever mounts it may write, as into any new volume; from outside nobody gets past the folder of the bed.
      await chmod(path, 0o777);
      return { local: { path }, nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [onNode] }] } } };
    },
    remove: volume => rm(join(folder, volume), { recursive: true, force: true }),
  };
}
