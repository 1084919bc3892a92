import type { ManagedVM } from '../../api/managedvm.ts';
import { earliest } from '../contract/condition.ts';
import { hasLostDisk } from '../machine/diskhold.ts';
import type { OfBackup } from './facts.ts';
import { inspectionsOf, judgedBy } from './inspections.ts';
import { isMadeFor } from './ownbackups.ts';
import { newestRecoveryPoint, type RecoveryPoint, startOf } from './recoverypoint.ts';
import type { VeleroBackup } from './velero.ts';

const DAY = 24 * 3_600_000;

/** While a disk is lost its last good backup never has less to live than this. */
const LEAST_AHEAD = 7 * DAY;
/** How far the expiration is moved ahead of now when less is left; so it outlives the loss by no more. */
const MOVED_AHEAD = 14 * DAY;

/** The backups that are held because a disk is lost; none otherwise, nor of an order that is paused, for which nothing is written. */
export function heldBackups(managedVM: ManagedVM, { machine, backup }: OfBackup, now: Date): readonly RecoveryPoint[] {
  if (managedVM.spec.paused !== undefined || !hasLostDisk(machine.holds)) return [];
  return lastGoodBackups(managedVM, backup.backups, now);
}

/** A backup that would expire too soon, and until when it is kept. */
export type Extension = { readonly point: RecoveryPoint; readonly until: Date };

/**
 * The backups that may be the last good one of a ManagedVM of which a disk is lost (AP-13): the newest that may count, the newest that is
 * proven to hold each disk, and, where a later one may lack the disk, the newest from before the disks were last seen whole. Where a backup
 * lies does not matter: the place may come back.
 */
export function lastGoodBackups(
  managedVM: ManagedVM,
  backups: readonly VeleroBackup[],
  now: Date,
): readonly RecoveryPoint[] {
  const own = backups.filter(backup => isMadeFor(managedVM, backup));
  const known = inspectionsOf(managedVM, own, () => undefined);
  const { diskDefect, isInspected } = judgedBy(managedVM, known);
  const possible = { now, storageDefect: () => undefined, diskDefect, isInspected: () => true };
  const newest = newestRecoveryPoint(own, possible);
  const proven = newestRecoveryPoint(own, { ...possible, isInspected });
  const missed = managedVM.status?.conditions?.find(({ type, status }) => type === 'Provisioned' && status === 'False');
  const before = missed && newestRecoveryPoint(startedBy(own, new Date(missed.lastTransitionTime)), possible);
  const names = new Map([newest, proven, before].flatMap(point => (point ? [[point.name, point] as const] : [])));
  return [...names.values()];
}

function startedBy(backups: readonly VeleroBackup[], latest: Date): readonly VeleroBackup[] {
  return backups.filter(backup => (startOf(backup)?.getTime() ?? Number.POSITIVE_INFINITY) <= latest.getTime());
}

/** Which of them would expire too soon, and until when each is kept. Velero keeps one without an expiration for ever. */
export function extensions(points: readonly RecoveryPoint[], now: Date): readonly Extension[] {
  return points
    .filter(({ until }) => until !== undefined && until.getTime() - now.getTime() < LEAST_AHEAD)
    .map(point => ({ point, until: new Date(now.getTime() + MOVED_AHEAD) }));
}

/** When the first of them has to be extended next. */
export function nextExtension(points: readonly RecoveryPoint[]): Date | undefined {
  return earliest(...points.map(({ until }) => until && new Date(until.getTime() - LEAST_AHEAD)));
}
