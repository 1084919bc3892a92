/** The recovery point without which nothing is changed in a guest, where its policies ask for one (AP-13, MO-3). */
import { durationOf } from '../../api/duration.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { backupPolicyRefOf } from '../contract/backuppolicyref.ts';
import { instant } from '../contract/condition.ts';
import type { PatchTerms } from './terms.ts';
import type { Occurrence } from './window.ts';

/** A backup is asked for so long before a window opens, that it has ended by then. Milliseconds. */
const LEAD_MS = 3_600_000;

type Backed = Pick<ManagedVM, 'spec' | 'status'>;

/** Why a guest is not begun yet, as a sentence; undefined: its newest recovery point is new enough, or its age does not matter. */
export function awaitedPoint(managedVM: Backed, { recoveryPointMs }: PatchTerms, now: Date): string | undefined {
  if (recoveryPointMs === undefined) return undefined;
  const wanted = `a recovery point that is at most ${durationOf(recoveryPointMs)} old`;
  const { status } = managedVM;
  if (backupPolicyRefOf(managedVM) === undefined)
    return `its patches wait for ${wanted}, and no backup policy makes any (spec.backupPolicyRef).`;
  const newest = status?.backup?.lastRecoveryPoint;
  if (newest === undefined) return `its patches wait for ${wanted}, and there is none.`;
  if (now.getTime() - Date.parse(newest) <= recoveryPointMs) return undefined;
  return `its patches wait for ${wanted}: the newest is ${status?.backup?.lastBackup} of ${newest}.`;
}

/** From when on a recovery point is asked for, for an opening. One that must be very young is asked for so late that it still is when it opens. */
export function asksFrom({ start }: Pick<Occurrence, 'start'>, { recoveryPointMs = 0 }: PatchTerms): Date {
  return new Date(start.getTime() - Math.min(LEAD_MS, recoveryPointMs / 2));
}

/** The opening for which one must be asked for now; undefined: none. Of an opening it is asked for once. */
export function askedFor(
  managedVM: Backed,
  terms: PatchTerms,
  openings: readonly Occurrence[],
  now: Date,
): Occurrence | undefined {
  if (awaitedPoint(managedVM, terms, now) === undefined || backupPolicyRefOf(managedVM) === undefined) return undefined;
  return openings.find(opening => asksFrom(opening, terms) <= now && now < opening.cutoff);
}

/** What a run is begun on, for its record; undefined where the policies do not ask. */
export function pointOf({ status }: Backed, { recoveryPointMs }: PatchTerms) {
  const { lastBackup: backup, lastRecoveryPoint: time } = status?.backup ?? {};
  if (recoveryPointMs === undefined || backup === undefined || time === undefined) return undefined;
  return { backup, time: instant(new Date(time)) };
}
