import type { BackupPolicySpec, BackupTier } from '../../api/backuppolicy.ts';
import { millisecondsOf } from '../../api/duration.ts';
import { earliest, instant } from '../contract/condition.ts';
import type { AvoidedSpan } from '../time/avoidedspans.ts';
import { type Cron, InvalidCron, isTimeZone, nextRun, parseCron, startOfDay } from '../time/cron.ts';
import { type Gap, longestGap, shortestInterval } from '../time/rungaps.ts';
import { avoidedSpans, scheduleOutside, startsWithin } from './avoid.ts';

/** What the provider allows every tier of every policy; milliseconds. */
export type BackupBounds = {
  /** Shortest time between two runs of a tier. */
  readonly minimumInterval: number;
  /** Longest time for which a backup may be kept. */
  readonly maximumRetention: number;
};

/** Why a policy cannot keep its promise whatever happens in the cluster. */
export type PlanProblem = {
  readonly reason:
    | 'InvalidTimeZone'
    | 'InvalidSchedule'
    | 'ScheduleTooFrequent'
    | 'RetentionTooLong'
    | 'RetentionTooShort'
    | 'ScheduleCannotMeetRPO';
  readonly message: string;
};

/** A policy's schedules, read and checked. */
export type BackupPlan = {
  /** The tiers' schedules, in their order, without the runs that are to be avoided; empty if the policy cannot be read or is beyond the provider's bounds: then nothing is made from it. */
  readonly crons: readonly Cron[];
  readonly timeZone: string;
  /** Recovery point objective, milliseconds. */
  readonly objective: number;
  /** The longest time without a run of any tier; undefined if the policy cannot be read, or hardly ever runs. */
  readonly gap?: Gap | undefined;
  readonly problem?: PlanProblem;
  /** Which runs start within a span that is to be avoided, as a sentence; undefined: none. */
  readonly withinAvoided?: string | undefined;
};

/** Plans by the spec they were made from: shared objects of the cache, read again for every VM under the policy. */
const plans = new WeakMap<
  BackupPolicySpec,
  { readonly day: number; readonly bounds: BackupBounds; readonly plan: BackupPlan }
>();

/** Reads a policy; the same for the whole day (UTC) of `now`. */
export function backupPlan(spec: BackupPolicySpec, bounds: BackupBounds, now: Date): BackupPlan {
  const day = startOfDay(now.getTime());
  const known = plans.get(spec);
  if (known?.day === day && known.bounds === bounds) return known.plan;
  const plan = readPlan(spec, bounds, new Date(day));
  plans.set(spec, { day, bounds, plan });
  return plan;
}

/** What was answered last of each plan: thousands of VMs share one, and until that run the answer stays the same. */
const nextRuns = new WeakMap<BackupPlan, { readonly asked: number; readonly next: Date | undefined }>();

/** Next time at which a tier starts a backup; undefined if the plan cannot be read. */
export function nextBackup(plan: BackupPlan, now: Date): Date | undefined {
  const time = now.getTime();
  const known = nextRuns.get(plan);
  if (known !== undefined && known.asked <= time && (known.next === undefined || time < known.next.getTime()))
    return known.next;
  const next = earliest(...plan.crons.map(cron => nextRun(cron, plan.timeZone, now)));
  nextRuns.set(plan, { asked: time, next });
  return next;
}

function readPlan(spec: BackupPolicySpec, bounds: BackupBounds, from: Date): BackupPlan {
  const { timeZone } = spec;
  const objective = millisecondsOf(spec.recoveryPointObjective);
  const refused = (problem: PlanProblem): BackupPlan => ({ crons: [], timeZone, objective, problem });
  if (!isTimeZone(timeZone)) {
    const message = `spec.timeZone ${timeZone} is not a zone of the IANA database, such as Europe/Berlin.`;
    return refused({ reason: 'InvalidTimeZone', message });
  }
  const read = readTiers(spec);
  if ('reason' in read) return refused(read);
  const { tiers, avoided } = read;
  const beyond = firstOf(tiers, tier => beyondBounds(tier, bounds, from));
  if (beyond) return refused(beyond);
  const left = tiers.map(tier => ({ ...tier, cron: parseCron(scheduleOutside(tier.tier, avoided)) }));
  const crons = left.map(({ cron }) => cron);
  const gap = longestGap(crons, timeZone, from);
  const problem = firstOf(left, tier => keptTooShort(tier, timeZone, from)) ?? infeasible(spec, gap, objective);
  const withinAvoided = startsWithin(left, avoided, timeZone, from);
  return {
    ...{ crons, timeZone, objective, gap },
    ...(problem ? { problem } : {}),
    ...(withinAvoided ? { withinAvoided } : {}),
  };
}

type ReadTiers = { readonly tiers: readonly Tier[]; readonly avoided: readonly AvoidedSpan[] };

function readTiers(spec: BackupPolicySpec): ReadTiers | PlanProblem {
  let reading = 'spec.avoid';
  try {
    const avoided = avoidedSpans(spec);
    const tiers = spec.tiers.map(tier => {
      reading = `tier ${tier.name}`;
      return { ...tier, tier, cron: parseCron(tier.schedule), kept: millisecondsOf(tier.retention) };
    });
    return { tiers, avoided };
  } catch (error) {
    if (!(error instanceof InvalidCron)) throw error;
    return { reason: 'InvalidSchedule', message: `Schedule of ${reading}: ${error.message}.` };
  }
}

/** A tier, as it was read from the policy too, with its schedule read and its retention in milliseconds. */
type Tier = BackupTier & { readonly tier: BackupTier; readonly cron: Cron; readonly kept: number };

function firstOf(tiers: readonly Tier[], problemOf: (tier: Tier) => PlanProblem | undefined): PlanProblem | undefined {
  return tiers.flatMap(tier => problemOf(tier) ?? [])[0];
}

/** The store and Velero's one queue are shared by all tenants. */
function beyondBounds(tier: Tier, bounds: BackupBounds, from: Date): PlanProblem | undefined {
  const interval = shortestInterval(tier.cron, from);
  if (interval < bounds.minimumInterval) {
    const message = `Runs of tier ${tier.name} lie ${duration(interval)} apart; the provider allows no less than ${duration(bounds.minimumInterval)}.`;
    return { reason: 'ScheduleTooFrequent', message };
  }
  if (tier.kept <= bounds.maximumRetention) return undefined;
  const message = `Backups of tier ${tier.name} are to be kept for ${tier.retention}; the provider allows ${duration(bounds.maximumRetention)} at most.`;
  return { reason: 'RetentionTooLong', message };
}

/** A backup that expires before the next one has run leaves nothing to restore. */
function keptTooShort(tier: Tier, timeZone: string, from: Date): PlanProblem | undefined {
  const gap = longestGap([tier.cron], timeZone, from);
  const length = gap ? lengthOf(gap) : Number.POSITIVE_INFINITY;
  if (tier.kept > length) return undefined;
  return {
    reason: 'RetentionTooShort',
    message: `Backups of tier ${tier.name} are kept for ${tier.retention}, which does not exceed the time until its next run: ${between(gap, timeZone)}.`,
  };
}

/**
 * A backup counts from its start but is usable only at its end, so a gap as long as the objective already breaks it. Tiers can differ in their
 * delays, so the gap between runs of two can be longer by the spread.
 */
function infeasible(spec: BackupPolicySpec, gap: Gap | undefined, objective: number): PlanProblem | undefined {
  const spread = spec.tiers.length > 1 ? millisecondsOf(spec.spread) : 0;
  if (gap && lengthOf(gap) + spread < objective) return undefined;
  return {
    reason: 'ScheduleCannotMeetRPO',
    message: `The schedules cannot keep the recovery point objective of ${spec.recoveryPointObjective}: ${between(gap, spec.timeZone)}${spread > 0 ? `, and spec.spread may add ${spec.spread}` : ''}.`,
  };
}

/** Why the schedules will not keep the objective where backups take so many seconds, as a sentence: one counts from its start and is usable at its end. */
export function tooSlow({ gap, objective, timeZone }: BackupPlan, seconds: number): string | undefined {
  if (gap === undefined || lengthOf(gap) + seconds * 1000 < objective) return undefined;
  return `Backups take ${seconds} s (95 of 100), and ${between(gap, timeZone)}: together that is not less than the objective.`;
}

function lengthOf(gap: Gap): number {
  return gap.to.getTime() - gap.from.getTime();
}

function between(gap: Gap | undefined, timeZone: string): string {
  if (gap === undefined) return 'fewer than two runs fall into the next five years';
  return `${duration(lengthOf(gap))} lie between the runs of ${instant(gap.from)} and ${instant(gap.to)} (${timeZone})`;
}

function duration(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  const parts = [`${Math.floor(minutes / 60)}h`, `${minutes % 60}m`].filter(part => !/^0/.test(part));
  return parts.join('') || '0m';
}
