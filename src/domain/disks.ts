import type { Disk, ManagedVM } from '../api/managedvm.ts';
import { ByteQuantity, bytesOf } from '../api/quantity.ts';
import {
  type Child,
  DISK_LABEL,
  dataVolumeName,
  type LiveObject,
  MANAGED_VM_LABEL,
  OWNER_KIND_LABEL,
  OWNER_NAME_LABEL,
  OWNER_NAMESPACE_LABEL,
  OWNER_UID_LABEL,
  RECLAIM_POLICY_LABEL,
  type RenderInput,
} from './child.ts';
import { textAt } from './json.ts';
import { binaryQuantity, canonicalQuantity } from './quantity.ts';

/** Name of the disk that boots. */
export const ROOT_DISK = 'root';

/** Share of a file system that CDI sets aside for the file system itself (default of CDIConfig's filesystemOverhead). */
const FILESYSTEM_OVERHEAD_PERCENT = 6n;

/** What exists of a ManagedVM's disks, by disk name. */
export type DisksObserved = {
  readonly liveDataVolumes: ReadonlyMap<string, LiveObject>;
  readonly livePVCs: ReadonlyMap<string, LiveObject>;
};

/** A child with what its applying must know. */
export type DiskChild = {
  readonly object: Child;
  /** False: the child outlives the ManagedVM (or, a claim, belongs to its DataVolume). */
  readonly ownerReference: boolean;
  /** Whether an object of that name that is not this ManagedVM's may become its child. */
  readonly adopt: (live: LiveObject) => boolean;
};

/**
 * The disks of a ManagedVM.
 * `dataVolumes`: one per disk, except for a root disk that is a container image.
 * `growth`: claims of ours that must become larger; a claim is never anything but grown, so it is never pruned.
 */
export function renderDisks(input: RenderInput & DisksObserved): {
  dataVolumes: readonly DiskChild[];
  growth: readonly DiskChild[];
} {
  const { managedVM } = input;
  const disks = managedVM.spec.disks.filter(disk => disk.name !== ROOT_DISK || ephemeralRootImage(input) === undefined);
  return {
    dataVolumes: disks.map(disk => ({
      object: renderDataVolume(input, disk),
      ownerReference: disk.reclaimPolicy === 'Delete',
      adopt: live => mayAdoptDisk(live, managedVM),
    })),
    growth: disks.flatMap(disk => renderGrowth(input, disk) ?? []),
  };
}

/**
 * Whether an existing DataVolume or claim is a disk that an earlier ManagedVM of this namespace and name left behind.
 * Two ManagedVMs of one name cannot exist at once, so the earlier one is gone; a disk that is about to go with it,
 * or that another kind of object made, is not taken.
 */
export function mayAdoptDisk(live: LiveObject, managedVM: ManagedVM): boolean {
  const labels = live.metadata.labels ?? {};
  const owned = live.metadata.ownerReferences?.some(owner => owner.kind === 'ManagedVM') ?? false;
  return (
    labels[OWNER_KIND_LABEL] === 'ManagedVM' &&
    labels[OWNER_NAMESPACE_LABEL] === managedVM.metadata.namespace &&
    labels[OWNER_NAME_LABEL] === managedVM.metadata.name &&
    labels[RECLAIM_POLICY_LABEL] === 'Retain' &&
    labels[DISK_LABEL] !== undefined &&
    !owned &&
    live.metadata.deletionTimestamp === undefined
  );
}

/** Whether a child that is no longer wanted must stay: the `prune` rule for DataVolumes. */
export function isRetained(live: LiveObject): boolean {
  return live.metadata.labels?.[RECLAIM_POLICY_LABEL] === 'Retain';
}

/**
 * The container image that is the root disk, if the catalogue offers one and no real root disk exists:
 * a changed catalogue entry must not take a guest's disk away.
 */
export function ephemeralRootImage(input: RenderInput & Partial<DisksObserved>): string | undefined {
  return input.liveDataVolumes?.get(ROOT_DISK) === undefined
    ? input.operatingSystem.spec.image.containerDisk?.image
    : undefined;
}

/** A DataVolume's spec is immutable: of one that exists, whatever its spec says stays. */
function renderDataVolume(input: RenderInput & DisksObserved, disk: Disk): Child {
  const { managedVM } = input;
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: {
      name: dataVolumeName(managedVM, disk.name),
      namespace: managedVM.metadata.namespace ?? '',
      labels: {
        [DISK_LABEL]: disk.name,
        [MANAGED_VM_LABEL]: managedVM.metadata.name,
        [RECLAIM_POLICY_LABEL]: disk.reclaimPolicy,
      },
    },
    spec: input.liveDataVolumes.get(disk.name)?.spec ?? {
      ...(disk.name === ROOT_DISK ? renderSource(input) : { source: { blank: {} } }),
      storage: {
        resources: { requests: { storage: canonicalQuantity(sizeOf(input, disk)) } },
        ...(disk.storageClass !== undefined && { storageClassName: disk.storageClass }),
      },
    },
  };
}

function renderSource({ operatingSystem }: RenderInput): Record<string, unknown> {
  const { dataSource, registry, http } = operatingSystem.spec.image;
  if (dataSource) return { sourceRef: { kind: 'DataSource', name: dataSource.name, namespace: dataSource.namespace } };
  if (registry) return { source: { registry: { url: registry.url } } };
  if (http) return { source: { http: { url: http.url } } };
  return { source: { blank: {} } };
}

/** The claim of a disk that is ordered larger than its DataVolume was made, once it is bound. */
function renderGrowth(input: RenderInput & DisksObserved, disk: Disk): DiskChild | undefined {
  const dataVolume = input.liveDataVolumes.get(disk.name);
  const claim = input.livePVCs.get(disk.name);
  if (dataVolume === undefined || claim === undefined || !isOurs(dataVolume, input.managedVM)) return undefined;
  const made = storageRequest(dataVolume.spec, 'storage');
  const requested = storageRequest(claim.spec);
  const ordered = bytesOf(sizeOf(input, disk));
  if (made === undefined || requested === undefined || ordered <= bytesOf(made)) return undefined;
  if (textAt(claim, 'status', 'phase') !== 'Bound') return undefined;
  const wanted = textAt(claim, 'spec', 'volumeMode') === 'Block' ? ordered : withFilesystemOverhead(ordered);
  return {
    object: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: claim.metadata.name, namespace: input.managedVM.metadata.namespace ?? '' },
      spec: {
        resources: { requests: { storage: bytesOf(requested) < wanted ? binaryQuantity(wanted) : requested } },
      },
    },
    ownerReference: false,
    adopt: live => isClaimOf(live, dataVolume),
  };
}

function isOurs(live: LiveObject, managedVM: ManagedVM): boolean {
  const uid = live.metadata.labels?.[OWNER_UID_LABEL];
  return (uid !== undefined && uid === managedVM.metadata.uid) || mayAdoptDisk(live, managedVM);
}

function isClaimOf(claim: LiveObject, dataVolume: LiveObject): boolean {
  const owners = claim.metadata.ownerReferences ?? [];
  return owners.some(owner => owner.kind === 'DataVolume' && owner.name === dataVolume.metadata.name);
}

function sizeOf({ operatingSystem }: RenderInput, disk: Disk): string {
  return disk.size ?? operatingSystem.spec.defaults.rootDisk;
}

/** As CDI computes the claim for a disk that must hold `bytes` on a file system. */
function withFilesystemOverhead(bytes: bigint): bigint {
  const share = 100n - FILESYSTEM_OVERHEAD_PERCENT;
  return (bytes * 100n + share - 1n) / share;
}

function storageRequest(spec: unknown, ...path: string[]): string | undefined {
  const storage = textAt(spec, ...path, 'resources', 'requests', 'storage');
  return ByteQuantity.safeParse(storage).success ? storage : undefined;
}
