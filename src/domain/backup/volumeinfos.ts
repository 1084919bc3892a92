import { z } from 'zod';

/**
 * Of the volume information that Velero keeps beside each backup: what it did with the volume of a claim (BackupVolumeInfo in
 * internal/volume/volumes_information.go, v1.18.3). Written by whoever can write to the bucket, so read as hostile text.
 */
const VolumeInfo = z.object({
  pvcNamespace: z.string().max(63).prefault(''),
  pvcName: z.string().max(253).prefault(''),
  backupMethod: z.string().max(64).prefault(''),
  skipped: z.boolean().prefault(false),
  snapshotDataMoved: z.boolean().prefault(false),
  /** `succeeded` or `failed`; of a volume that was skipped it says nothing. */
  result: z.string().max(64).prefault(''),
});
type VolumeInfo = z.infer<typeof VolumeInfo>;

/** A backup of one VM has no more than its disks, and what its namespace's selector may bring along. */
const VolumeInfos = z.array(VolumeInfo).max(1000).nullable();

/** The data of a volume: copied to the storage location, kept as a snapshot where the volume is, not there although it was tried, left out. */
export type VolumeData = 'Moved' | 'Held' | 'Failed' | 'Skipped';
const BEST_FIRST: readonly VolumeData[] = ['Moved', 'Held', 'Failed', 'Skipped'];

/** By `namespace/name` of the claim. */
export type Volumes = ReadonlyMap<string, VolumeData>;

/** Throws an Error with a clause about the answer where it is nothing that Velero writes. */
export function readVolumes(document: unknown): Volumes {
  const parsed = VolumeInfos.safeParse(document);
  if (!parsed.success) throw new Error('its answer is no list of volumes');
  const volumes = new Map<string, VolumeData>();
  for (const info of parsed.data ?? []) {
    const claim = `${info.pvcNamespace}/${info.pvcName}`;
    volumes.set(claim, better(dataOf(info), volumes.get(claim)));
  }
  return volumes;
}

/** A claim may be told of twice: its snapshot was skipped, and its files were copied. */
function better(a: VolumeData, b: VolumeData | undefined): VolumeData {
  return b !== undefined && BEST_FIRST.indexOf(b) < BEST_FIRST.indexOf(a) ? b : a;
}

function dataOf({ skipped, result, snapshotDataMoved, backupMethod }: VolumeInfo): VolumeData {
  if (skipped) return 'Skipped';
  if (result !== 'succeeded') return 'Failed';
  return snapshotDataMoved || backupMethod === 'PodVolumeBackup' ? 'Moved' : 'Held';
}
