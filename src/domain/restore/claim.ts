/** The claim beside the old one, and the volume that is handed to it. */
import type { ManagedVM } from '../../api/managedvm.ts';
import type { Restore, RestoredDisk } from '../../api/restore.ts';
import { type Child, DISK_LABEL, dataVolumeName, MANAGED_VM_LABEL, shortHash } from '../contract/child.ts';
import { at, type Fields, textAt, textsAt } from '../contract/json.ts';

/** By the uid of the order: whoever goes on with it finds the same, and no other order has it. */
export function restoredClaimName(
  managedVM: ManagedVM,
  disk: string,
  restore: Identified & Pick<Restore, 'spec'>,
): string {
  const { newName } = restore.spec.target;
  const name = newName === undefined ? dataVolumeName(managedVM, disk) : `${newName}-${disk}`;
  return `${name}${suffixOf(restore)}`;
}

type Identified = Pick<Restore, 'metadata'>;

function suffixOf({ metadata: { uid = '' } }: Identified): string {
  return `-r${shortHash(uid)}`;
}

/** Whether a claim beside, as it is named for this order, has the volume; also where that was never noted. */
export function isBeside(volume: Fields, restore: Identified): boolean {
  const claimRef = at(volume, 'spec', 'claimRef');
  const isNamed = textAt(claimRef, 'name')?.endsWith(suffixOf(restore)) === true;
  return (
    isNamed && textAt(claimRef, 'namespace') === restore.metadata.namespace && textAt(claimRef, 'uid') !== undefined
  );
}

/** It asks for exactly this volume: without its name the storage would make it an empty one. */
export function claimFor(managedVM: ManagedVM, disk: string, restore: Restore, volume: Fields): Child {
  const storageClassName = textAt(volume, 'spec', 'storageClassName');
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: restoredClaimName(managedVM, disk, restore),
      namespace: restore.metadata.namespace ?? '',
      labels: { [DISK_LABEL]: disk, [MANAGED_VM_LABEL]: restore.spec.target.newName ?? managedVM.metadata.name },
    },
    spec: {
      accessModes: [...textsAt(volume, 'spec', 'accessModes')],
      volumeMode: textAt(volume, 'spec', 'volumeMode') ?? 'Filesystem',
      storageClassName: storageClassName ?? '',
      volumeName: textAt(volume, 'metadata', 'name') ?? '',
      resources: { requests: { storage: textAt(volume, 'spec', 'capacity', 'storage') ?? '0' } },
    },
  };
}

/** Before the claim exists, so that the two find each other as soon as it does. */
export function givenTo({ metadata }: Pick<Child, 'metadata'>): Readonly<Record<string, unknown>> {
  const { name, namespace } = metadata;
  const claimRef = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    namespace,
    name,
    uid: null,
    resourceVersion: null,
  };
  return { spec: { claimRef } };
}

/** Back to the staged claim, which is gone: its storage then deals with the volume as with any whose claim was deleted. */
export function givenBack(
  staging: string,
  { claim, uid }: NonNullable<RestoredDisk['staged']>,
): Readonly<Record<string, unknown>> {
  const claimRef = {
    ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
    ...{ namespace: staging, name: claim, uid, resourceVersion: null },
  };
  return { spec: { claimRef } };
}

export function isClaimedBy(volume: Fields, uid: string): boolean {
  return textAt(volume, 'spec', 'claimRef', 'uid') === uid;
}

export function isGivenTo(volume: Fields, { metadata }: Pick<Child, 'metadata'>): boolean {
  const claimRef = at(volume, 'spec', 'claimRef');
  return textAt(claimRef, 'namespace') === metadata.namespace && textAt(claimRef, 'name') === metadata.name;
}
