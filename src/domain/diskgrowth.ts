import { ByteQuantity, bytesOf } from '../api/quantity.ts';
import { claimBytes } from './disks.ts';
import { saying } from './excerpt.ts';
import { type Finding, failed, waiting } from './finding.ts';
import type { VolumeClaim } from './observedstorage.ts';
import { conditionOf } from './observedvm.ts';

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
  const error = ERRORS.map(type => conditionOf(claim, type)).find(condition => condition?.status === 'True');
  if (error === undefined && !INFEASIBLE.has(claim.resizeStatus ?? ''))
    return waiting('DiskGrowing', `Disk ${disk} is growing ${step}.`);
  const why = `${error?.type ?? claim.resizeStatus}${saying(error?.message ?? '')}`;
  return failed(
    'DiskGrowthRefused',
    `Disk ${disk} cannot grow ${step}: storage reports ${why} The disk works with ${claim.capacity} as before; it grows when there is room.`,
  );
}

/** A claim whose volume has grown and whose file system grows when a Pod mounts it again; since when that is so. */
export function growsAtRestart(claim: VolumeClaim): Date | undefined {
  const pending = fileSystemPending(claim);
  return pending && isSmaller(claim, undefined) ? pending.since : undefined;
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
