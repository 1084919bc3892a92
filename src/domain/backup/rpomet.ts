import { instant } from '../contract/condition.ts';
import { saying } from '../contract/excerpt.ts';
import { unknown } from '../contract/finding.ts';
import { backupDuration } from './backupduration.ts';
import { type BackupPlan, tooSlow } from './backupplan.ts';
import { broken, type ComplianceFacts, listed, parseTime, policyName } from './compliancefacts.ts';
import { pileUpMessage } from './pileup.ts';
import { policyMissing } from './policymissing.ts';
import type { Verdict } from './reasons.ts';
import type { RecoveryPoint } from './recoverypoint.ts';
import type { Standing } from './standing.ts';
import type { VeleroSchedule } from './velero.ts';

/**
 * Whether the newest backup that holds each disk is younger than the recovery point objective (AP-13). A backup counts when Steward has
 * looked into it and found each disk (ADR 0160).
 */
export function rpoMet(facts: ComplianceFacts, plan: BackupPlan | undefined, standing: Standing): Verdict {
  return infeasible(facts, plan) ?? refusedSchedule(facts.schedules) ?? ageVerdict(facts, plan, standing);
}

/** The same while backups cannot be seen, as `blind` says: that the objective was broken is not forgotten. */
export function rpoUnseen(facts: ComplianceFacts, plan: BackupPlan | undefined, blind: Verdict): Verdict {
  const obstacle = infeasible(facts, plan);
  if (obstacle?.status === 'False') return obstacle;
  const { deadline } = facts.managedVM.status?.backup ?? {};
  const edge = parseTime(deadline);
  if (edge === undefined || edge > facts.now) return blind;
  return broken('RecoveryPointTooOld', `${blind.message} The recovery point objective is broken since ${deadline}.`);
}

/** Why the objective cannot be kept whatever happens in the cluster. */
function infeasible(facts: ComplianceFacts, plan: BackupPlan | undefined): Verdict | undefined {
  if (plan === undefined) return policyMissing(facts);
  return plan.problem && broken(plan.problem.reason, `${policyName(facts)}: ${plan.problem.message}`);
}

function refusedSchedule(schedules: readonly VeleroSchedule[]): Verdict | undefined {
  const refused = schedules.find(schedule => schedule.status?.phase === 'FailedValidation');
  if (!refused) return undefined;
  const said = saying(refused.status?.validationErrors?.join('; ') ?? '');
  return broken('ScheduleRefused', `Velero refuses Schedule ${refused.metadata.name}${said}`);
}

/** Schedules that somebody has paused: the objective counts on. */
export function pausedSchedules({ schedules }: Pick<ComplianceFacts, 'schedules'>): readonly string[] {
  return schedules.filter(({ spec }) => spec?.paused === true).map(({ metadata }) => metadata.name);
}

function ageVerdict(facts: ComplianceFacts, plan: BackupPlan | undefined, standing: Standing): Verdict {
  const { point, unread, attempt, deadline } = standing;
  const paused = pausedSchedules(facts);
  const message = [
    ageMessage(facts, standing),
    ...slowness(standing, plan),
    ...(unread ? [`What Backup ${unread.name} holds is not known yet: ${unread.why}.`] : []),
    ...(attempt ? [`Backup ${attempt.name} ${attempt.says}.`] : []),
    ...pileUpMessage(standing.judged.own),
    ...(paused.length > 0 ? [`Paused: ${listed('Schedule', paused)}; the objective counts on.`] : []),
    ...(facts.held ?? []).map(heldMessage),
    ...strangersMessage(standing),
  ].join(' ');
  const late = deadline !== undefined && facts.now >= deadline;
  if (unread && (late || !point)) return unknown('VolumesNotVerified', message);
  if (attempt?.lacksVolumes && (late || !point)) return broken('VolumesMissing', message);
  if (late) return broken('RecoveryPointTooOld', message);
  if (paused.length > 0) return unknown('SchedulePaused', message);
  if (!point) return unknown('NoBackupYet', message);
  return { status: 'True', reason: 'RecoveryPointGood', message };
}

/** The next backup may come too late although this one is young enough. */
function slowness({ judged }: Standing, plan: BackupPlan | undefined): readonly string[] {
  const duration = backupDuration(judged.own);
  const slow = plan && duration && tooSlow(plan, duration.p95);
  return slow === undefined ? [] : [slow];
}

function ageMessage(facts: ComplianceFacts, { point, deadline }: Standing): string {
  const objective = `${policyName(facts)} allows ${facts.policy?.spec.recoveryPointObjective}`;
  const at = deadline ? instant(deadline) : 'an unknown time';
  const late = deadline !== undefined && facts.now >= deadline;
  if (!point) {
    return late
      ? `There is no usable backup; ${objective}, so one was due by ${at}.`
      : `There is no usable backup yet; ${objective}, so the first is due by ${at}.`;
  }
  const held = `The newest usable backup ${point.name} holds each disk as of ${instant(point.time)}; ${objective}, so`;
  return late ? `${held} it is too old since ${at}.` : `${held} it suffices until ${at}.`;
}

function heldMessage({ name, until }: RecoveryPoint): string {
  const end = until === undefined ? 'without end' : `until ${instant(until)} at least`;
  return `Backup ${name} is kept ${end}, because a disk is lost.`;
}

function strangersMessage({ strangers }: Standing): readonly string[] {
  if (strangers.length === 0) return [];
  return [`Not counted, for no Schedule of this VM has made what its labels claim: ${listed('Backup', strangers)}.`];
}
