import { millisecondsOf } from '../../api/duration.ts';
import type { TierPoints, VanishedPoint } from '../../api/managedvm.ts';
import { earliest, instant } from '../contract/condition.ts';
import { type Cron, parseCron } from '../time/cron.ts';
import type { BackupPlan } from './backupplan.ts';
import type { ComplianceFacts } from './compliancefacts.ts';
import type { Judging } from './judging.ts';
import { candidates, startOf } from './recoverypoint.ts';
import { BACKUP_TIER_LABEL, ownSchedule } from './schedules.ts';
import { tierPoints } from './tierpoints.ts';
import type { VeleroBackup } from './velero.ts';

/** Vanished points that the status remembers. */
const REMEMBERED = 16;
/** Velero looks once an hour for what has expired (garbage-collection-frequency), and deleting takes its time. */
const COLLECTED_WITHIN = 2 * 3_600_000;

/** How long recovery points are really kept. */
export type Retention = {
  readonly tiers: readonly TierPoints[];
  /** Those that have gone before their term, newest first. */
  readonly vanished: readonly VanishedPoint[];
  /** Names of backups that are there beyond the longest time for which any may be kept, oldest first. */
  readonly tooLong: readonly string[];
  /** When any of this changes by the passing of time alone. */
  readonly nextEdge: Date | undefined;
};

/** What each tier of a policy wants and has, what has gone too early, and what is still there (AP-13, GE-14). Pure: time is an argument. */
export function retentionOf(
  facts: ComplianceFacts,
  plan: BackupPlan | undefined,
  { own, circumstances }: Judging,
): Retention {
  const { policy, managedVM, now } = facts;
  const before = managedVM.status?.backup;
  // Where a backup lies may be out of reach for a while: it has not gone for that.
  const points = candidates(own, { ...circumstances, storageDefect: () => undefined });
  const tiers = (policy?.spec.tiers ?? []).flatMap((tier, index) => {
    if (policy === undefined || plan?.crons[index] === undefined) return [];
    const schedule = ownSchedule(managedVM, policy.spec, tier);
    const known = before?.tiers?.find(({ name }) => name === tier.name);
    const theirs = points.filter(({ backup }) => tierOf(backup) === tier.name);
    const cron = readOnce(plan, schedule);
    return [
      tierPoints({ tier, schedule, cron, timeZone: plan.timeZone, objective: plan.objective }, theirs, known, now),
    ];
  });
  const told = tiers.map(each => each.told);
  const vanished = vanishedPoints(facts, told, own);
  const { tooLong, next } = keptTooLong(facts, own);
  return {
    ...{ tiers: told, vanished, tooLong },
    nextEdge: earliest(...tiers.map(({ nextEdge }) => nextEdge), ...vanished.map(({ until }) => new Date(until)), next),
  };
}

/** Starts of many VMs are spread: each has schedules of its own, of which there are as many as minutes in the spread. */
const read = new WeakMap<BackupPlan, Map<string, Cron>>();

function readOnce(plan: BackupPlan, schedule: string): Cron {
  const known = read.get(plan) ?? new Map<string, Cron>();
  read.set(plan, known);
  const cron = known.get(schedule) ?? parseCron(schedule);
  known.set(schedule, cron);
  return cron;
}

function tierOf({ metadata }: VeleroBackup): string {
  return metadata.labels?.[BACKUP_TIER_LABEL] ?? '';
}

/** Points that were there, are not, and should be; one that is there again, for Velero has found it in the store, is no longer told. */
function vanishedPoints(
  { managedVM, now }: ComplianceFacts,
  tiers: readonly TierPoints[],
  own: readonly VeleroBackup[],
): readonly VanishedPoint[] {
  const { tiers: before = [], vanished = [] } = managedVM.status?.backup ?? {};
  const shorter = (name: string, retention: string) =>
    Math.min(millisecondsOf(retention), millisecondsOf(tiers.find(tier => tier.name === name)?.retention ?? retention));
  const known = before.flatMap(({ name, retention, points }) =>
    points.map(time => {
      const until = instant(new Date(new Date(time).getTime() + shorter(name, retention)));
      return { tier: name, time, until };
    }),
  );
  const there = new Set(own.map(backup => `${tierOf(backup)} ${instant(startOf(backup) ?? new Date(0))}`));
  const gone = [...vanished, ...known].filter(({ tier, time, until }) => {
    return new Date(until) > now && !there.has(`${tier} ${time}`);
  });
  const each = new Map(gone.map(point => [`${point.time} ${point.tier}`, point]));
  const newestFirst = [...each].sort(([a], [b]) => (a < b ? 1 : -1));
  return newestFirst.slice(0, REMEMBERED).map(([, point]) => point);
}

/** Whatever its phase, a backup holds data. What is held because a disk is lost is kept on purpose (ADR 0082). */
function keptTooLong(
  { policy, held = [], now }: ComplianceFacts,
  own: readonly VeleroBackup[],
): { readonly tooLong: readonly string[]; readonly next: Date | undefined } {
  const maximum = policy?.spec.retention?.maximum;
  if (maximum === undefined) return { tooLong: [], next: undefined };
  const onPurpose = new Set(held.map(({ name }) => name));
  const ends = own
    .filter(({ metadata }) => !onPurpose.has(metadata.name))
    .flatMap(backup => {
      const start = startOf(backup)?.getTime();
      const end = start === undefined ? undefined : start + millisecondsOf(maximum) + COLLECTED_WITHIN;
      return end === undefined ? [] : [{ name: backup.metadata.name, end }];
    })
    .sort((a, b) => a.end - b.end);
  const [over, within] = [ends.filter(({ end }) => end <= now.getTime()), ends.find(({ end }) => end > now.getTime())];
  return { tooLong: over.map(({ name }) => name), next: within && new Date(within.end) };
}
