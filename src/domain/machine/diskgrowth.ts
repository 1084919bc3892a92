import { ByteQuantity, bytesOf } from '../../api/bytequantity.ts';
import { binaryQuantity } from '../../runtime/api/quantity.ts';
import { saying } from '../contract/excerpt.ts';
import { failed, waiting } from '../contract/finding.ts';
import type { VolumeClaim } from './observedstorage.ts';
import { conditionOf } from './observedvm.ts';
import type { Finding } from './reasons.ts';

/** Share of a file system that CDI sets aside for the file system itself (default of CDIConfig's filesystemOverhead). */
const FILESYSTEM_OVERHEAD_PERCENT = 6n;

/** Resizes that storage has refused: it says why in a condition (core/v1 types.go, PersistentVolumeClaimConditionType). */
const ERRORS = ['ControllerResizeError', 'NodeResizeError'] as const;
const INFEASIBLE: ReadonlySet<string> = new Set(['ControllerResizeInfeasible', 'NodeResizeInfeasible']);

/**
 * Whether a claim is on its way to its order, or storage refuses that. What waits for the next start of the guest is no finding: see
 * {@link growsAtRestart}. `size`: what was ordered; a claim that somebody made larger than that waits for nothing.
 */
export function growth(disk: string, claim: VolumeClaim | undefined, size: string | undefined): Finding | undefined {
  if (claim === undefined || !isSmaller(claim, size) || fileSystemPending(claim)) return undefined;
  const step = `from ${claim.capacity} to ${claim.requested} (claim ${claim.name})`;
  const why = refusal(claim);
  if (why === undefined) return waiting('DiskGrowing', `Disk ${disk} is growing ${step}.`);
  return failed(
    'DiskGrowthRefused',
    `Disk ${disk} cannot grow ${step}: storage reports ${why} The disk works with ${claim.capacity} as before; it grows when there is room, or spec.disks[${disk}].size may be lowered again.`,
  );
}

/** A claim whose volume has grown and whose file system grows when a Pod mounts it again; since when that is so. */
export function growsAtRestart(claim: VolumeClaim): Date | undefined {
  const pending = fileSystemPending(claim);
  return pending && isSmaller(claim, undefined) ? pending.since : undefined;
}

/**
 * What a claim whose growth storage refused asks for instead, where less is ordered by now. Kubernetes takes a request back to anything
 * above what the volume has, not to that itself (ValidatePersistentVolumeClaimUpdate; RecoverVolumeExpansionFailure, 1.34).
 * `wanted`: bytes that the order needs of the claim. Undefined: the request stays.
 */
export function takenBack(claim: VolumeClaim | undefined, wanted: bigint): string | undefined {
  if (claim === undefined || refusal(claim) === undefined || fileSystemPending(claim)) return undefined;
  const [has, wants] = [bytes(claim.capacity), bytes(claim.requested)];
  if (has === undefined || wants === undefined) return undefined;
  const instead = binaryQuantity(wanted > has ? wanted : has + 1n);
  return bytesOf(instead) < wants ? instead : undefined;
}

/** What the claim of a disk of that size must ask for: on a file system also the share that CDI sets aside for the file system. */
export function claimBytes(disk: bigint, volumeMode: string | undefined): bigint {
  if (volumeMode === 'Block') return disk;
  const share = 100n - FILESYSTEM_OVERHEAD_PERCENT;
  return (disk * 100n + share - 1n) / share;
}

/** Why storage refuses to grow a claim, in its words; undefined: it does not. */
function refusal(claim: VolumeClaim): string | undefined {
  const error = ERRORS.map(type => conditionOf(claim, type)).find(condition => condition?.status === 'True');
  if (error === undefined && !INFEASIBLE.has(claim.resizeStatus ?? '')) return undefined;
  return `${error?.type ?? claim.resizeStatus}${saying(error?.message ?? '')}`;
}

function fileSystemPending(claim: VolumeClaim) {
  const pending = conditionOf(claim, 'FileSystemResizePending');
  return pending?.status === 'True' ? pending : undefined;
}

function isSmaller({ capacity, requested, volumeMode }: VolumeClaim, size: string | undefined): boolean {
  const [has, wants, ordered] = [bytes(capacity), bytes(requested), bytes(size)];
  if (has === undefined || wants === undefined || has >= wants) return false;
  return ordered === undefined || has < claimBytes(ordered, volumeMode);
}

function bytes(quantity: string | undefined): bigint | undefined {
  return quantity !== undefined && ByteQuantity.safeParse(quantity).success ? bytesOf(quantity) : undefined;
}
