import type { BackupPolicySpec, BackupTier } from '../../api/backuppolicy.ts';
import { durationOf, secondsOf } from '../../api/duration.ts';
import { type Cron, InvalidCron, parseCron } from '../time/cron.ts';
import { longestGap } from '../time/rungaps.ts';
import type { BackupPlan } from './backupplan.ts';

/** A policy on backups, and its schedules as they were read. */
export type ReadPolicy = { readonly spec: BackupPolicySpec; readonly plan: BackupPlan };

/** Zones change their clocks on different nights, or not at all; an hour of a gap is no weaker promise. */
const CLOCK_CHANGE = 3_600_000;
/** The weakest first. */
const CONSISTENCIES = ['CrashConsistent', 'FilesystemConsistent', 'ApplicationConsistent'] as const;

/** In what a policy promises less than another, as sentences with both numbers; `from`: gaps between runs are looked at from then on (AP-6). Where and when backups are made is no measure. */
export function weakerThan(own: ReadPolicy, floor: ReadPolicy, from: Date): readonly string[] {
  return [
    ...objectives(own.spec, floor.spec),
    ...(CONSISTENCIES.indexOf(own.spec.consistency) < CONSISTENCIES.indexOf(floor.spec.consistency)
      ? [`Its data need be ${own.spec.consistency}, those of the standard ${floor.spec.consistency}.`]
      : []),
    ...(floor.spec.offSite && !own.spec.offSite
      ? ['It keeps no copy off-site (spec.offSite), the standard does.']
      : []),
    ...floor.spec.tiers.flatMap((tier, index) =>
      shorterKept(own, tier, gapOf([floor.plan.crons[index]], floor, from), from),
    ),
    ...verification(own.spec, floor.spec, from),
  ];
}

function objectives(own: BackupPolicySpec, floor: BackupPolicySpec): readonly string[] {
  const [point, most] = [own.recoveryPointObjective, floor.recoveryPointObjective];
  const [time, longest] = [own.recoveryTimeObjective, floor.recoveryTimeObjective];
  return [
    ...(isLonger(point, most) ? [`Its recovery point objective is ${point}, that of the standard ${most}.`] : []),
    ...(longest !== undefined && time === undefined
      ? [`It has no recovery time objective, the standard has one of ${longest}.`]
      : []),
    ...(longest !== undefined && time !== undefined && isLonger(time, longest)
      ? [`Its recovery time objective is ${time}, that of the standard ${longest}.`]
      : []),
  ];
}

/** For as long as a tier of the standard keeps its backups there are to be some, and as close together. */
function shorterKept(own: ReadPolicy, { name, retention }: BackupTier, gap: number, from: Date): readonly string[] {
  const { tiers } = own.spec;
  const crons = own.plan.crons.filter((_, index) => !isLonger(retention, tiers[index]?.retention ?? '0s'));
  if (crons.length === 0) {
    const longest = tiers.map(tier => tier.retention).reduce((a, b) => (isLonger(b, a) ? b : a));
    return [`It keeps backups for ${longest}, tier ${name} of the standard for ${retention}.`];
  }
  const length = gapOf(crons, own, from);
  if (length <= gap + CLOCK_CHANGE) return [];
  return [
    `Backups that it keeps for ${retention} lie up to ${apart(length)} apart, those of tier ${name} of the standard ${apart(gap)}.`,
  ];
}

function verification(own: BackupPolicySpec, floor: BackupPolicySpec, from: Date): readonly string[] {
  const [mine, wanted] = [own.verification, floor.verification];
  if (wanted === undefined) return [];
  if (mine === undefined)
    return [
      `It asks for no proof by restores (spec.verification), the standard for one that is no older than ${wanted.maxAge}.`,
    ];
  const [drills, most] = [drillGap(own, from), drillGap(floor, from)];
  const rare =
    drills === undefined
      ? `It asks for no drills, the standard for some by ${wanted.drills}.`
      : `Its drills lie up to ${apart(drills)} apart, those of the standard ${apart(most ?? 0)}.`;
  return [
    ...(isLonger(mine.maxAge, wanted.maxAge)
      ? [`Its proof by a restore may be ${mine.maxAge} old, that of the standard ${wanted.maxAge}.`]
      : []),
    ...(most !== undefined && (drills === undefined || drills > most + CLOCK_CHANGE) ? [rare] : []),
  ];
}

function isLonger(duration: string, other: string): boolean {
  return secondsOf(duration) > secondsOf(other);
}

function gapOf(crons: readonly (Cron | undefined)[], { plan }: ReadPolicy, from: Date): number {
  return gapBetween(
    crons.filter(cron => cron !== undefined),
    plan.timeZone,
    from,
  );
}

/** The longest time between runs, milliseconds; without end where there are hardly any. */
function gapBetween(crons: readonly Cron[], timeZone: string, from: Date): number {
  const gap = longestGap(crons, timeZone, from);
  return gap ? gap.to.getTime() - gap.from.getTime() : Number.POSITIVE_INFINITY;
}

/** Undefined: no drill is asked for, or not in words that can be read. */
function drillGap({ verification, timeZone }: BackupPolicySpec, from: Date): number | undefined {
  if (verification?.drills === undefined) return undefined;
  try {
    return gapBetween([parseCron(verification.drills)], timeZone, from);
  } catch (error) {
    if (error instanceof InvalidCron) return undefined;
    throw error;
  }
}

function apart(gap: number): string {
  return Number.isFinite(gap) ? durationOf(gap) : 'more than five years';
}
