import type { BackupPolicySpec } from '../api/backuppolicy.ts';
import { secondsOf } from '../api/duration.ts';
import { earliest, instant } from './condition.ts';
import { type Cron, InvalidCron, isTimeZone, nextRun, parseCron, startOfDay } from './cron.ts';
import { type Gap, longestGap } from './rungaps.ts';

/** Why a policy cannot keep its promise whatever happens in the cluster. */
export type PlanProblem = {
  readonly reason: 'InvalidTimeZone' | 'InvalidSchedule' | 'ScheduleCannotMeetRPO';
  readonly message: string;
};

/** A policy's schedules, read and checked. */
export type BackupPlan = {
  /** The tiers' schedules; empty if the zone or a schedule cannot be read. */
  readonly crons: readonly Cron[];
  readonly timeZone: string;
  /** Recovery point objective, milliseconds. */
  readonly objective: number;
  readonly problem?: PlanProblem;
};

/** Plans by the spec they were made from: shared objects of the cache, read again for every VM under the policy. */
const plans = new WeakMap<BackupPolicySpec, { readonly day: number; readonly plan: BackupPlan }>();

/** Reads a policy; the same for the whole day (UTC) of `now`. */
export function backupPlan(spec: BackupPolicySpec, now: Date): BackupPlan {
  const day = startOfDay(now.getTime());
  const known = plans.get(spec);
  if (known?.day === day) return known.plan;
  const plan = readPlan(spec, new Date(day));
  plans.set(spec, { day, plan });
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

function readPlan(spec: BackupPolicySpec, from: Date): BackupPlan {
  const { timeZone } = spec;
  const objective = secondsOf(spec.recoveryPointObjective) * 1000;
  const unreadable = (problem: PlanProblem): BackupPlan => ({ crons: [], timeZone, objective, problem });
  if (!isTimeZone(timeZone)) {
    const message = `spec.timeZone ${timeZone} is not a zone of the IANA database, such as Europe/Berlin.`;
    return unreadable({ reason: 'InvalidTimeZone', message });
  }
  const crons: Cron[] = [];
  for (const tier of spec.tiers) {
    try {
      crons.push(parseCron(tier.schedule));
    } catch (error) {
      if (!(error instanceof InvalidCron)) throw error;
      return unreadable({ reason: 'InvalidSchedule', message: `Schedule of tier ${tier.name}: ${error.message}.` });
    }
  }
  const problem = infeasible(spec, longestGap(crons, timeZone, from), objective);
  return { crons, timeZone, objective, ...(problem ? { problem } : {}) };
}

/** A backup counts from its start but is usable only at its end, so a gap as long as the objective already breaks it. */
function infeasible(spec: BackupPolicySpec, gap: Gap | undefined, objective: number): PlanProblem | undefined {
  const length = gap ? gap.to.getTime() - gap.from.getTime() : Number.POSITIVE_INFINITY;
  if (length < objective) return undefined;
  const between = gap
    ? `${duration(length)} lie between the runs of ${instant(gap.from)} and ${instant(gap.to)} (${spec.timeZone})`
    : 'fewer than two runs fall into the next five years';
  return {
    reason: 'ScheduleCannotMeetRPO',
    message: `The schedules cannot keep the recovery point objective of ${spec.recoveryPointObjective}: ${between}.`,
  };
}

function duration(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  const parts = [`${Math.floor(minutes / 60)}h`, `${minutes % 60}m`].filter(part => !/^0/.test(part));
  return parts.join('') || '0m';
}
