/** What the cluster must know of the storage of the node profile. */
import { apply, applyAll } from '../../apply.ts';
import { ApiError, type Client, type KubeObject } from '../../client.ts';
import type { ClaimDefaults } from '../../datavolumeclaim.ts';
import { cdiAdmission } from '../../objects.ts';

export const provisioner = 'storage.testbed.managed.systems';
const storageClass = 'standard';

/** ReadWriteOnce, since a folder is of one node; 6 % is CDI's default, and what a claim has more than the disk in it. */
export const claimDefaults: ClaimDefaults = {
  storageClassName: storageClass,
  accessModes: ['ReadWriteOnce'],
  volumeMode: 'Filesystem',
  overheadPercent: 6n,
};

/** Immediate: there is one node to choose from, and a disk can be filled before its VM is first started. */
const standard = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: storageClass, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner,
  allowVolumeExpansion: true,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'Immediate',
};

const cdi = 'cdi.kubevirt.io/v1beta1';
const { accessModes, volumeMode, overheadPercent } = claimDefaults;

/** What CDI's operator and controller keep for themselves, as virt-controller reads it: how much of a claim is for the disk in it. */
const cdiObjects: readonly KubeObject[] = [
  { apiVersion: cdi, kind: 'CDI', metadata: { name: 'cdi' }, spec: {}, status: { phase: 'Deployed' } } as KubeObject,
  {
    apiVersion: cdi,
    kind: 'CDIConfig',
    metadata: { name: 'config' },
    spec: {},
    status: { filesystemOverhead: { global: `0.${String(overheadPercent).padStart(2, '0')}` } },
  } as KubeObject,
  {
    apiVersion: cdi,
    kind: 'StorageProfile',
    metadata: { name: storageClass },
    spec: {},
    status: { provisioner, storageClass, claimPropertySets: [{ accessModes, volumeMode }] },
  } as KubeObject,
];

/** Brings them into the cluster; a StorageClass `standard` of another provisioner gives way. */
export async function plantStorage(client: Client): Promise<void> {
  await Promise.all([plantClass(client), applyAll(client, [...cdiObjects, ...cdiAdmission])]);
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
  await apply(client, standard);
}
