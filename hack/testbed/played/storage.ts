/**
 * PLAYED, not real: what is behind the volumes of the StorageClass `standard`.
 *
 * Real: the claims, their admission with quota and the permission to grow by the StorageClass, the binding of claim and volume by
 * kube-controller-manager, and the volumes as objects (provisioner.ts). Played: there is nothing behind a volume.
 */
import type { ClaimDefaults } from '../cdi/datavolumeclaim.ts';
import type { Backing } from './provisioner.ts';

export const storageClass = 'standard';
export const provisioner = 'played-storage';

/** As the best of storage has it, so that guests could migrate. */
export const playedClaims: ClaimDefaults = {
  storageClassName: storageClass,
  accessModes: ['ReadWriteMany'],
  volumeMode: 'Block',
  overheadPercent: 0n,
};

export const playedBacking: Backing = {
  provisioner,
  volumeModes: ['Block', 'Filesystem'],
  make: async volume => ({ csi: { driver: provisioner, volumeHandle: volume } }),
  remove: async () => {},
};
