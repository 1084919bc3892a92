/** What the cluster must know of the storage of the node profile. */

import type { ClaimDefaults } from '../../cdi/datavolumeclaim.ts';
import { applyAll } from '../../client/apply.ts';
import type { Client, KubeObject } from '../../client/client.ts';
import { cdiAdmission, cdiObjects, defaultStorageClass } from '../../controlplane/objects.ts';
import { storageClass } from '../../played/storage.ts';

export const driverName = 'csi.testbed.managed.systems';

/** KubeVirt refuses to snapshot a disk whose driver has no VolumeSnapshotClass. */
const snapshotClass = 'standard';

/** kubelet sets the group that a Pod asks for on the volume's files, whatever their file system. */
export const storageObjects: readonly KubeObject[] = [
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name: driverName },
    spec: { attachRequired: false, podInfoOnMount: false, fsGroupPolicy: 'File' },
  } as KubeObject,
  defaultStorageClass(driverName),
  {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotClass',
    metadata: {
      name: snapshotClass,
      annotations: { 'snapshot.storage.kubernetes.io/is-default-class': 'true' },
    },
    driver: driverName,
    deletionPolicy: 'Delete',
  } as KubeObject,
];

/** ReadWriteOnce, since a folder is of one node; 6 % is CDI's default, and what a claim has more than the disk in it. */
export const claimDefaults: ClaimDefaults = {
  storageClassName: storageClass,
  accessModes: ['ReadWriteOnce'],
  volumeMode: 'Filesystem',
  overheadPercent: 6n,
};

/** What CDI would have in the cluster. */
export async function plantCdi(client: Client): Promise<void> {
  await applyAll(client, [...cdiObjects(driverName, claimDefaults), ...cdiAdmission]);
}
