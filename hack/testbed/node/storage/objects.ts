/** What the cluster must know of the storage of the node profile. */
import { apply, applyAll } from '../../apply.ts';
import { ApiError, type Client, type KubeObject } from '../../client.ts';
import type { ClaimDefaults } from '../../datavolumeclaim.ts';
import { cdiAdmission, cdiObjects, defaultStorageClass } from '../../objects.ts';
import { storageClass } from '../../playedstorage.ts';

export const provisioner = 'storage.testbed.managed.systems';

/** ReadWriteOnce, since a folder is of one node; 6 % is CDI's default, and what a claim has more than the disk in it. */
export const claimDefaults: ClaimDefaults = {
  storageClassName: storageClass,
  accessModes: ['ReadWriteOnce'],
  volumeMode: 'Filesystem',
  overheadPercent: 6n,
};

/** Brings it into the cluster; a StorageClass `standard` of another provisioner gives way. */
export async function plantStorage(client: Client): Promise<void> {
  const cdi = [...cdiObjects(provisioner, claimDefaults), ...cdiAdmission];
  await Promise.all([plantClass(client), applyAll(client, cdi)]);
}

async function plantClass(client: Client): Promise<void> {
  const path = `/apis/storage.k8s.io/v1/storageclasses/${storageClass}`;
  try {
    const there = await client.get<KubeObject & { readonly provisioner: string }>(path);
    // What a StorageClass says of its provisioner cannot be changed.
    if (there.provisioner !== provisioner) await client.delete(path);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
  }
  await apply(client, defaultStorageClass(provisioner));
}
