import type { Advisor } from '../../api/productperformance.ts';

const GIB = 1024 ** 3;
/** Whatever a guest says: no disk is larger (DiskSize). */
const MOST_GIB = 64 * 1024;
const DAY_MS = 24 * 60 * 60_000;
const STEP = { leastGiB: 5, part: 0.1, growthHours: 7 } as const;

/**
 * By how much a disk should grow: the greatest of 5 GiB, a tenth of it, and what it grows in 7 hours. The step of RDS's storage autoscaling, in
 * whole GiB.
 */
export function growthStep(sizeGiB: number, growthAnHourGiB: number): number {
  return Math.ceil(Math.max(STEP.leastGiB, STEP.part * sizeGiB, STEP.growthHours * growthAnHourGiB));
}

/** The exact size that a disk should have, as a sentence to follow another; empty of what is no disk, or where its size is not known (docs/adr/0187). */
export function sizeProposal(
  { resource, path = '/' }: Advisor,
  capacity: number | undefined,
  told: { readonly percent: number; readonly exhausted?: string | undefined },
  machine: { readonly name: string; readonly disks: readonly string[] },
  now: Date,
): string {
  const sizeGiB = Math.ceil((capacity ?? 0) / GIB);
  if (resource !== 'Disk' || !(sizeGiB > 0 && sizeGiB < MOST_GIB)) return '';
  const left = (sizeGiB * (100 - told.percent)) / 100;
  const hoursLeft = told.exhausted === undefined ? Number.POSITIVE_INFINITY : hoursUntil(told.exhausted, now);
  const size = Math.min(MOST_GIB, sizeGiB + growthStep(sizeGiB, left / hoursLeft));
  const disk = machine.disks.length === 1 ? `disk ${machine.disks[0]}` : `the disk that holds ${path}`;
  return ` Its file system has ${sizeGiB}Gi: order ${size}Gi for ${disk} of ManagedVM ${machine.name} (spec.disks).`;
}

/** At least one: what is full already grows no faster than it did. */
function hoursUntil(day: string, now: Date): number {
  return Math.max(1, (Date.parse(day) + DAY_MS - now.getTime()) / 3_600_000);
}
