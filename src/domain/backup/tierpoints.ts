import type { BackupTier } from '../../api/backuppolicy.ts';
import { millisecondsOf, secondsOf } from '../../api/duration.ts';
import type { TierPoints } from '../../api/managedvm.ts';
import { earliest, instant } from '../contract/condition.ts';
import type { Cron } from '../time/cron.ts';
import type { RecoveryPoint } from './recoverypoint.ts';
import { runsOfDay } from './runsofday.ts';

/** A Schedule that was made or changed needs a moment until Velero has taken it: a run before that may not come. */
const TAKEN_UP = 600_000;
/** Points of a tier that the status remembers by their start. */
const REMEMBERED = 64;

/** A retention tier of a policy, as it runs for one VM; `objective`: by then a run must have left a point, milliseconds. */
export type Tier = {
  readonly tier: BackupTier;
  /** The schedule of the VM's own Schedule, and the same read. */
  readonly schedule: string;
  readonly cron: Cron;
  readonly timeZone: string;
  readonly objective: number;
};

/**
 * What a tier shall have and has: a point of each run within its retention, as soon as the run is older than the recovery point objective.
 * Runs count from when the tier was first seen as it is; one that keeps its backups for longer than before has them from then on only.
 */
export function tierPoints(
  { tier, cron, timeZone, objective, ...own }: Tier,
  points: readonly RecoveryPoint[],
  before: TierPoints | undefined,
  now: Date,
): { readonly told: TierPoints; readonly nextEdge: Date | undefined } {
  const kept = millisecondsOf(tier.retention);
  const schedule = `${own.schedule} ${timeZone}`;
  const since = countedSince(schedule, kept, before, now);
  const runs = runsOfDay(cron, timeZone, kept, now);
  const oldest = Math.max(since.getTime(), now.getTime() - kept);
  const wanted = runs.filter(run => run > oldest && run <= now.getTime() - objective);
  const starts = points.map(({ time }) => time.getTime()).sort((a, b) => a - b);
  return {
    told: {
      ...{ name: tier.name, schedule, retention: tier.retention, since: instant(since) },
      ...{ wanted: wanted.length, had: starts.length, missing: withoutPoint(wanted, runs, starts) },
      ...(starts[0] === undefined ? {} : { oldest: instant(new Date(starts[0])) }),
      points: remembered(points, kept, now),
    },
    nextEdge: earliest(
      ...[runs.find(run => run > Math.max(since.getTime(), now.getTime() - objective))].map(later(objective)),
      ...[runs.find(run => run > oldest)].map(later(kept)),
      ...points.map(({ until }) => until),
    ),
  };
}

function later(by: number): (time: number | undefined) => Date | undefined {
  return time => (time === undefined ? undefined : new Date(time + by));
}

function countedSince(schedule: string, kept: number, before: TierPoints | undefined, now: Date): Date {
  const anew = new Date(now.getTime() + TAKEN_UP);
  if (before?.schedule !== schedule) return anew;
  const since = Math.min(new Date(before.since).getTime(), anew.getTime());
  const keptBefore = millisecondsOf(before.retention);
  return new Date(kept > keptBefore ? Math.max(since, now.getTime() - keptBefore) : since);
}

/** Wanted runs after which no point was made before the next run. All ascending. */
function withoutPoint(wanted: readonly number[], runs: readonly number[], starts: readonly number[]): number {
  const offset = wanted[0] === undefined ? 0 : runs.indexOf(wanted[0]);
  let [missing, at] = [0, 0];
  for (const [index, run] of wanted.entries()) {
    const next = runs[offset + index + 1] ?? Number.POSITIVE_INFINITY;
    while ((starts[at] ?? Number.POSITIVE_INFINITY) < run) at += 1;
    if ((starts[at] ?? Number.POSITIVE_INFINITY) >= next) missing += 1;
  }
  return missing;
}

/** Starts of the newest points that were made to be kept as long as the tier keeps them; those of before, with a shorter term, may go earlier. */
function remembered(points: readonly RecoveryPoint[], kept: number, now: Date): string[] {
  const watched = points.filter(({ backup, time }) => {
    return lifeOf(backup.spec?.ttl) >= kept && time.getTime() + kept > now.getTime();
  });
  const starts = watched.map(({ time }) => instant(time)).sort();
  return [...new Set(starts)].slice(-REMEMBERED);
}

/** How long Velero was told to keep a backup, milliseconds; zero where that cannot be read. */
function lifeOf(ttl: string | undefined): number {
  return ttl !== undefined && /^(\d{1,6}h)?(\d{1,6}m)?(\d{1,6}s)?$/.test(ttl) && ttl !== '' ? secondsOf(ttl) * 1000 : 0;
}
