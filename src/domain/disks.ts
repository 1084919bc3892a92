import type { ManagedVM } from '../api/managedvm.ts';
import type { Child, LiveObject, RenderInput } from './child.ts';

export type DisksInput = RenderInput & {
  /** Live DataVolumes and PersistentVolumeClaims of this VM, by disk name. */
  readonly liveDataVolumes: Readonly<Record<string, LiveObject>>;
  readonly livePVCs: Readonly<Record<string, LiveObject>>;
};

/** A child with what its applying must know: whether it dies with its owner, and which existing object it may take over. */
export type DiskChild = {
  readonly object: Child;
  readonly ownerReference: boolean;
  readonly adopt: (live: LiveObject) => boolean;
};

/** The DataVolumes of a ManagedVM, and the growth of claims that exist (never deleted because they are no longer wanted). */
export function renderDisks(_input: DisksInput): {
  dataVolumes: readonly DiskChild[];
  growth: readonly DiskChild[];
} {
  throw new Error('not yet');
}

/** Whether an existing DataVolume or claim may become a disk of this ManagedVM. */
export function mayAdoptDisk(_live: LiveObject, _managedVM: ManagedVM): boolean {
  throw new Error('not yet');
}
