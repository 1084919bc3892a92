/** The claim that CDI makes of a DataVolume, and whose claim it is. */
import type { KubeObject, OwnerReference } from '../client/client.ts';
import { bytes } from '../client/quantity.ts';
import type { Claim } from '../played/provisioner.ts';
import type { DataVolume } from './datavolume.ts';

/** What CDI knows of a StorageClass from its StorageProfile and its own configuration. */
export type ClaimDefaults = {
  readonly storageClassName: string;
  readonly accessModes: readonly string[];
  readonly volumeMode: 'Block' | 'Filesystem';
  /** Share of a file system, in percent, that is not for the disk in it: CDIConfig's filesystemOverhead. */
  readonly overheadPercent: bigint;
};

const annotation = {
  contentType: 'cdi.kubevirt.io/storage.contentType',
  createdFor: 'cdi.kubevirt.io/createdForDataVolume',
  podPhase: 'cdi.kubevirt.io/storage.pod.phase',
  populatedFor: 'cdi.kubevirt.io/storage.populatedFor',
  prePopulated: 'cdi.kubevirt.io/storage.prePopulated',
  allowAdoption: 'cdi.kubevirt.io/allowClaimAdoption',
} as const;

const mebibyte = 2n ** 20n;

/** Size of the claim whose file system holds a disk of that size, as CDI computes it. */
export function sizeOfClaim(disk: string, overheadPercent: bigint): string {
  if (overheadPercent === 0n) return disk;
  const aligned = ((bytes(disk) + mebibyte - 1n) / mebibyte) * mebibyte;
  const share = 100n - overheadPercent;
  return String((aligned * 100n + share - 1n) / share);
}

/** Bytes of the disk in a claim: all of a block device, and of a file system what CDI and KubeVirt compute. */
export function sizeOfDisk({ spec }: Claim, overheadPercent: bigint): bigint {
  const asked = bytes(spec.resources.requests.storage);
  if (spec.volumeMode === 'Block') return asked;
  const usable = (asked * (100n - overheadPercent)) / 100n;
  return usable - (usable % mebibyte);
}

export function claimFor(volume: DataVolume, defaults: ClaimDefaults): KubeObject & { readonly spec: object } {
  const { namespace, name, uid = '', labels = {} } = volume.metadata;
  const { storage, pvc } = volume.spec;
  const spec = storage ?? pvc ?? {};
  const volumeMode = spec.volumeMode ?? (storage ? defaults.volumeMode : 'Filesystem');
  const asked = spec.resources?.requests?.storage ?? '10Gi';
  const inFileSystem = storage !== undefined && volumeMode === 'Filesystem';
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...labels, app: 'containerized-data-importer', 'app.kubernetes.io/managed-by': 'cdi-controller' },
      annotations: { [annotation.contentType]: 'kubevirt', [annotation.createdFor]: uid },
      ownerReferences: [ownerOf(volume)],
    },
    spec: {
      storageClassName: spec.storageClassName ?? defaults.storageClassName,
      accessModes: spec.accessModes ?? defaults.accessModes,
      volumeMode,
      resources: { requests: { storage: inFileSystem ? sizeOfClaim(asked, defaults.overheadPercent) : asked } },
    },
  };
}

export function isOwned(claim: Claim, volume: DataVolume): boolean {
  return claim.metadata.ownerReferences?.some(owner => owner.uid === volume.metadata.uid) === true;
}

/**
 * Whether the claim holds the DataVolume's data without an import: a backup or a snapshot was restored into it, or whoever made the
 * DataVolume says that it is to take up the claim of its name (pvcRequiresWork and AllowClaimAdoption in CDI).
 */
export function isPopulated(claim: Claim, volume: DataVolume): boolean {
  const ofClaim = claim.metadata.annotations ?? {};
  if (ofClaim[annotation.populatedFor] === volume.metadata.name) return true;
  if (ofClaim[annotation.createdFor] === volume.metadata.uid) return false;
  return volume.metadata.annotations?.[annotation.allowAdoption] === 'true';
}

/** Whether somebody else makes the claim of the DataVolume. */
export function awaitsClaim(volume: DataVolume): boolean {
  return volume.metadata.annotations?.[annotation.prePopulated] !== undefined;
}

/** A patch that makes the claim one of the DataVolume, to go with it. */
export function adoption(claim: Claim, volume: DataVolume): object {
  const { resourceVersion, ownerReferences = [] } = claim.metadata;
  const annotations = { [annotation.podPhase]: 'Succeeded' };
  return { metadata: { resourceVersion, annotations, ownerReferences: [...ownerReferences, ownerOf(volume)] } };
}

/** Whether what is in the claim may be read: it was filled to the end, or never by a DataVolume. */
export function isReadable(claim: Claim): boolean {
  const owners = claim.metadata.ownerReferences ?? [];
  return claim.status?.phase === 'Bound' && (isFilled(claim) || !owners.some(owner => owner.kind === 'DataVolume'));
}

/** Whether an importer has filled the claim to the end. */
export function isFilled({ metadata }: Claim): boolean {
  return metadata.annotations?.[annotation.podPhase] === 'Succeeded';
}

/** A patch that says so. */
export const filled: object = { metadata: { annotations: { [annotation.podPhase]: 'Succeeded' } } };

function ownerOf({ metadata: { name, uid = '' } }: DataVolume): OwnerReference {
  const apiVersion = 'cdi.kubevirt.io/v1beta1';
  return { apiVersion, kind: 'DataVolume', name, uid, controller: true, blockOwnerDeletion: true };
}
