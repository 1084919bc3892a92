import type { BackupPolicy } from '../../api/backuppolicy.ts';
import { millisecondsOf } from '../../api/duration.ts';
import { type BackupPlan, tooSlow } from '../backup/backupplan.ts';
import type { ConditionInput } from '../contract/condition.ts';
import { InvalidCron, parseCron } from '../time/cron.ts';
import { longestGap } from '../time/rungaps.ts';
import type { BackupSums } from './backupsums.ts';

const type = 'Feasible';

/**
 * Whether what a policy promises can be kept, as far as has been measured under it (AP-13): the longest time between runs and the time that
 * backups take within the recovery point objective, no run in a span to be avoided, restores within the recovery time objective, drills often enough for the verification.
 */
export function feasible(
  { spec }: BackupPolicy,
  plan: BackupPlan,
  { duration, recoveryTime }: BackupSums,
  now: Date,
): ConditionInput {
  if (plan.problem) return { type, status: 'False', reason: plan.problem.reason, message: plan.problem.message };
  const slow = duration === undefined ? undefined : tooSlow(plan, duration);
  if (slow !== undefined) {
    const message = `The recovery point objective is ${spec.recoveryPointObjective}. ${slow}`;
    return { type, status: 'False', reason: 'ScheduleCannotMeetRPO', message };
  }
  const { withinAvoided } = plan;
  if (withinAvoided !== undefined)
    return { type, status: 'False', reason: 'RunsInAvoidedSpan', message: withinAvoided };
  const objective = spec.recoveryTimeObjective;
  if (objective !== undefined && recoveryTime !== undefined && recoveryTime * 1000 > millisecondsOf(objective)) {
    const message = `The recovery time objective is ${objective}; restores, as measured, take ${recoveryTime} s (95 of 100).`;
    return { type, status: 'False', reason: 'RestoresTooSlow', message };
  }
  const rare = drillsTooRare(spec, now);
  if (rare !== undefined) return { type, status: 'False', reason: 'DrillsTooRare', message: rare };
  if (duration === undefined) {
    const message = 'The schedules are often enough; how long backups take is not known before one has been made.';
    return { type, status: 'Unknown', reason: 'NotMeasured', message };
  }
  const restores = recoveryTime === undefined ? 'no restore has been measured' : `restores take ${recoveryTime} s`;
  const message = `Nothing that has been measured stands against the promise: backups take ${duration} s (95 of 100), ${restores}.`;
  return { type, status: 'True', reason: 'Feasible', message };
}

function drillsTooRare({ verification, timeZone }: BackupPolicy['spec'], now: Date): string | undefined {
  if (verification?.drills === undefined) return undefined;
  const cron = readable(verification.drills);
  const gap = cron && longestGap([cron], timeZone, now);
  const length = gap ? gap.to.getTime() - gap.from.getTime() : Number.POSITIVE_INFINITY;
  if (length < millisecondsOf(verification.maxAge)) return undefined;
  return `A restore that worked is to be no older than ${verification.maxAge} (spec.verification.maxAge); drills by ${verification.drills} lie further apart.`;
}

/** Admission has refused what cannot be read; what was stored before may be anything. */
function readable(schedule: string): ReturnType<typeof parseCron> | undefined {
  try {
    return parseCron(schedule);
  } catch (error) {
    if (error instanceof InvalidCron) return undefined;
    throw error;
  }
}
