import { ByteQuantity, bytesOf } from '../../api/bytequantity.ts';
import type { Disk, ManagedVM } from '../../api/managedvm.ts';
import { binaryQuantity, canonicalQuantity } from '../../runtime/api/quantity.ts';
import {
  type Child,
  DISK_LABEL,
  dataVolumeName,
  type LiveObject,
  MANAGED_VM_LABEL,
  RECLAIM_POLICY_LABEL,
  type RenderInput,
} from '../contract/child.ts';
import { at, type Fields, textAt } from '../contract/json.ts';
import { claimBytes, takenBack } from './diskgrowth.ts';
import { type DiskHolds, volumeOf } from './diskhold.ts';
import type { DiskSources } from './disksource.ts';
import { readVolumeClaim } from './observedstorage.ts';

/** Name of the disk that boots. */
export const ROOT_DISK = 'root';

/** What exists of a ManagedVM's disks, by disk name. */
export type DisksObserved = {
  readonly liveDataVolumes: ReadonlyMap<string, LiveObject>;
  readonly livePVCs: ReadonlyMap<string, LiveObject>;
  /** By what right each claim is its disk; absent: nothing is there yet. */
  readonly holds?: DiskHolds | undefined;
  /** The VirtualMachine, if it exists and is this ManagedVM's. */
  readonly virtualMachine?: unknown;
  /** What disks with a source of their own are filled with. */
  readonly sources?: DiskSources | undefined;
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
 * `dataVolumes`: of disks that are to be made, and of those whose DataVolume is still there; a claim of ours alone is enough (CDI may
 * collect DataVolumes that have succeeded), and none is ever made in the place of what was filled.
 * `growth`: claims of ours that must become larger, or ask no longer for what storage refused; none of them is ever pruned.
 */
export function renderDisks(input: RenderInput & DisksObserved): {
  dataVolumes: readonly DiskChild[];
  growth: readonly DiskChild[];
} {
  const { managedVM } = input;
  const disks = managedVM.spec.disks.filter(disk => disk.name !== ROOT_DISK || ephemeralRootImage(input) === undefined);
  return {
    dataVolumes: disks
      .filter(disk => hasDataVolume(input, disk))
      .map(disk => ({
        object: renderDataVolume(input, disk),
        ownerReference: !outlives(disk, managedVM),
        adopt: () => isTaken(input, disk),
      })),
    growth: disks.flatMap(disk => renderGrowth(input, disk) ?? []),
  };
}

function hasDataVolume({ holds, liveDataVolumes, sources }: DisksObserved, { name, source }: Disk): boolean {
  const standing = holds?.get(name)?.standing ?? 'new';
  // A disk is never made empty because what it is to hold is not there, or not permitted.
  const isKnown = source === undefined || sources?.get(name)?.source !== undefined;
  return (
    (standing === 'new' && (isKnown || liveDataVolumes.has(name))) ||
    (standing === 'ours' && liveDataVolumes.get(name) !== undefined)
  );
}

function isTaken({ holds }: DisksObserved, { name }: Disk): boolean {
  const hold = holds?.get(name);
  return hold?.standing === 'ours' && hold.taken;
}

/** Whether a disk stays when the ManagedVM or its entry goes. Deletion protection covers every way to lose one. */
export function outlives(disk: Pick<Disk, 'reclaimPolicy'>, { spec }: ManagedVM): boolean {
  return disk.reclaimPolicy === 'Retain' || spec.deletionProtection;
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
  if (input.liveDataVolumes?.get(ROOT_DISK) !== undefined) return undefined;
  if (hasSource(input.managedVM)) return undefined;
  const unmade = (input.holds?.get(ROOT_DISK)?.standing ?? 'new') === 'new';
  const isImage = at(volumeOf(input.virtualMachine, ROOT_DISK), 'containerDisk') !== undefined;
  return unmade || isImage ? input.operatingSystem.spec.image.containerDisk?.image : undefined;
}

/** Whether the root disk is filled with something of its own. */
export function hasSource({ spec }: ManagedVM): boolean {
  return spec.disks.some(({ name, source }) => name === ROOT_DISK && source !== undefined);
}

/** A DataVolume's spec is immutable: of one that exists, whatever its spec says stays. */
function renderDataVolume(input: RenderInput & DisksObserved, disk: Disk): Child {
  const { managedVM } = input;
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: {
      name: input.holds?.get(disk.name)?.claim ?? dataVolumeName(managedVM, disk.name),
      namespace: managedVM.metadata.namespace ?? '',
      labels: {
        [DISK_LABEL]: disk.name,
        [MANAGED_VM_LABEL]: managedVM.metadata.name,
        [RECLAIM_POLICY_LABEL]: outlives(disk, managedVM) ? 'Retain' : 'Delete',
      },
    },
    spec: input.liveDataVolumes.get(disk.name)?.spec ?? specOf(input, disk),
  };
}

/** A root disk beside the one that there is: of the same order, but for the system. */
export function renderNewRoot(input: RenderInput, name: string, live: LiveObject | undefined): Child {
  const { managedVM } = input;
  const root = managedVM.spec.disks.find(disk => disk.name === ROOT_DISK);
  return {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: {
      name,
      namespace: managedVM.metadata.namespace ?? '',
      labels: {
        [DISK_LABEL]: ROOT_DISK,
        [MANAGED_VM_LABEL]: managedVM.metadata.name,
        [RECLAIM_POLICY_LABEL]: 'Delete',
      },
    },
    spec: live?.spec ?? specOf(input, root ?? { name: ROOT_DISK, reclaimPolicy: 'Delete' }),
  };
}

/** What a disk is made of. */
function specOf(input: RenderInput & Partial<DisksObserved>, disk: Disk): Fields {
  return {
    ...renderSource(input, disk),
    storage: {
      resources: { requests: { storage: canonicalQuantity(sizeOf(input, disk)) } },
      ...(disk.storageClass !== undefined && { storageClassName: disk.storageClass }),
      ...(disk.accessMode !== undefined && { accessModes: [disk.accessMode] }),
      ...(disk.volumeMode !== undefined && { volumeMode: disk.volumeMode }),
    },
  };
}

function renderSource({ operatingSystem, sources }: RenderInput & Partial<DisksObserved>, disk: Disk): Fields {
  const own = sources?.get(disk.name)?.source;
  if (own !== undefined) return { source: own };
  if (disk.name !== ROOT_DISK) return { source: { blank: {} } };
  const { dataSource, registry, http } = operatingSystem.spec.image;
  if (dataSource) return { sourceRef: { kind: 'DataSource', name: dataSource.name, namespace: dataSource.namespace } };
  if (registry) return { source: { registry: { url: registry.url } } };
  if (http) return { source: { http: { url: http.url } } };
  return { source: { blank: {} } };
}

/**
 * The claim of a disk that is ordered larger than it was made, once it is bound, or of which a refused growth was taken back. A claim
 * without a DataVolume is measured by its own request.
 */
function renderGrowth(input: RenderInput & DisksObserved, disk: Disk): DiskChild | undefined {
  const [dataVolume, claim] = [input.liveDataVolumes.get(disk.name), input.livePVCs.get(disk.name)];
  if (claim === undefined || input.holds?.get(disk.name)?.standing !== 'ours') return undefined;
  const requested = storageRequest(claim.spec);
  if (requested === undefined || textAt(claim, 'status', 'phase') !== 'Bound') return undefined;
  const wanted = claimBytes(bytesOf(sizeOf(input, disk)), textAt(claim, 'spec', 'volumeMode'));
  const made = dataVolume && storageRequest(dataVolume.spec, 'storage');
  const grows = made === undefined ? bytesOf(requested) < wanted : bytesOf(made) < bytesOf(sizeOf(input, disk));
  const back = takenBack(readVolumeClaim(claim), wanted);
  if (!grows && back === undefined) return undefined;
  return {
    object: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: claim.metadata.name, namespace: input.managedVM.metadata.namespace ?? '' },
      spec: {
        resources: {
          requests: { storage: back ?? (bytesOf(requested) < wanted ? binaryQuantity(wanted) : requested) },
        },
      },
    },
    ownerReference: false,
    adopt: live => live.metadata.uid === claim.metadata.uid,
  };
}

/** What was ordered for a disk. */
function sizeOf({ operatingSystem }: RenderInput, disk: Disk): string {
  return disk.size ?? operatingSystem.spec.defaults.rootDisk;
}

function storageRequest(spec: unknown, ...path: string[]): string | undefined {
  const storage = textAt(spec, ...path, 'resources', 'requests', 'storage');
  return ByteQuantity.safeParse(storage).success ? storage : undefined;
}
