import type { BackupPolicySpec } from '../../api/backuppolicy.ts';
import type { ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import { scheduleName } from '../contract/child.ts';
import { earliest, instant } from '../contract/condition.ts';
import { saying } from '../contract/excerpt.ts';
import { unknown } from '../contract/finding.ts';
import { nextRun } from '../time/cron.ts';
import { type BackupBounds, type BackupPlan, backupPlan, nextBackup } from './backupplan.ts';
import { consistencyMet } from './consistency.ts';
import { keptInspections } from './inspections.ts';
import { type Judging, type JudgingFacts, judging } from './judging.ts';
import type { Reason, Verdict } from './reasons.ts';
import {
  candidates,
  type Defect,
  newestAttempt,
  newestRecoveryPoint,
  type RecoveryPoint,
  startOf,
} from './recoverypoint.ts';
import { storageObstacle, storageRefusal } from './storage.ts';
import type { VeleroSchedule } from './velero.ts';

/** What was read about the backups of one ManagedVM. */
export type ComplianceFacts = JudgingFacts & {
  /** The policy that spec.backupPolicyRef names, if it exists. */
  readonly policy: { readonly spec: BackupPolicySpec } | undefined;
  /** Whether the kind that spec.backupPolicyRef names is served. */
  readonly policyKindInstalled: boolean;
  /** What the provider allows every policy. */
  readonly bounds: BackupBounds;
  /** Whether Velero's kinds are served. */
  readonly veleroAvailable: boolean;
  /** The Velero Schedules of this ManagedVM that exist. */
  readonly schedules: readonly VeleroSchedule[];
  /** Those that are kept beyond their time because a disk is lost. */
  readonly held?: readonly RecoveryPoint[];
};

export type BackupCompliance = {
  /** `BackupCompliant`. */
  readonly verdict: Verdict;
  /** For status.backup; absent if no policy is named. */
  readonly backup?: NonNullable<ManagedVMStatus['backup']>;
  /** When the assessment changes by the passing of time alone. */
  readonly nextEdge?: Date;
};

type BackupPolicyReference = NonNullable<ManagedVM['spec']['backupPolicyRef']>;

/** How the backups stand against the clock. */
type Standing = {
  readonly point: RecoveryPoint | undefined;
  /** A newer one that would keep the objective, and of which it is not known yet what it holds; `why`: a clause. */
  readonly unread: { readonly name: string; readonly why: string } | undefined;
  /** Why there is no newer recovery point. */
  readonly attempt: (Defect & { readonly name: string }) | undefined;
  /** When the recovery point objective is broken unless a newer backup succeeds. */
  readonly deadline: Date | undefined;
  /** Backups with our labels that no Schedule of ours has made. */
  readonly strangers: readonly string[];
  /** When a backup begins or ceases to count by the passing of time alone. */
  readonly nextEdge: Date | undefined;
};

/**
 * Whether the newest backup of a ManagedVM that counts is young enough for its policy, and what is known of the data in it as consistent as
 * that wants it (AP-6, AP-13); and the numbers. A backup counts when Steward has looked into it and found each disk (ADR 0160).
 */
export function backupCompliance(facts: ComplianceFacts): BackupCompliance {
  const { managedVM, policy, bounds, now } = facts;
  const reference = managedVM.spec.backupPolicyRef;
  if (!reference) return { verdict: NOT_ORDERED };
  const since = underBackupSince(facts);
  const plan = policy && backupPlan(policy.spec, bounds, now);
  const nextRun = plan && nextRunOf(facts, plan);
  const told = { policy: reference.name, since: instant(since), ...(nextRun ? { nextRun: instant(nextRun) } : {}) };
  const obstacle = obstacleOf(facts, reference, plan);
  if (obstacle?.status === 'Unknown') return remembered(facts, obstacle, told);
  const judged = judging(facts);
  const standing = standingOf(facts, judged, plan, since);
  const { point, deadline } = standing;
  const inspected = keptInspections(judged.inspections, judged.own, judged.circumstances);
  const nextEdge = earliest(nextRun, deadline && deadline > now ? deadline : undefined, standing.nextEdge);
  return {
    verdict: obstacle ?? ageVerdict(facts, judged, standing),
    backup: {
      ...told,
      ...(point ? { lastBackup: point.name, lastRecoveryPoint: instant(point.time) } : {}),
      ...(deadline ? { deadline: instant(deadline) } : {}),
      ...(inspected.length > 0 ? { inspected: [...inspected] } : {}),
    },
    ...(nextEdge ? { nextEdge } : {}),
  };
}

/** Neither backups nor their rehearsal are promised. */
export const NOT_ORDERED: Verdict = {
  status: 'Unknown',
  reason: 'NotIncluded',
  message: 'No backup was ordered: spec.backupPolicyRef names no policy.',
};

/**
 * The objective counts from the newest recovery point; before the first one from the time when the VM came under backup. That is kept in
 * status: a Schedule that is deleted or renamed and made again must not give a broken promise a new term. A VM that gets a policy late in
 * its life has as long as a new one.
 */
function underBackupSince({ managedVM, schedules, now }: ComplianceFacts): Date {
  const known = parseTime(managedVM.status?.backup?.since);
  if (known && known <= now) return known;
  const made = schedules
    .map(({ metadata }) => parseTime(metadata.creationTimestamp))
    .filter(time => time && time <= now);
  return earliest(...made) ?? now;
}

/** While nothing can be seen, what was known stays so; that a promise was broken is not forgotten. */
function remembered(
  { managedVM, now }: ComplianceFacts,
  obstacle: Verdict,
  told: NonNullable<BackupCompliance['backup']>,
): BackupCompliance {
  const { lastBackup, lastRecoveryPoint, deadline, inspected } = managedVM.status?.backup ?? {};
  const edge = parseTime(deadline);
  const verdict =
    edge && edge <= now
      ? broken('RecoveryPointTooOld', `${obstacle.message} The recovery point objective is broken since ${deadline}.`)
      : obstacle;
  const nextEdge = earliest(parseTime(told.nextRun), edge && edge > now ? edge : undefined);
  return {
    verdict,
    backup: {
      ...told,
      ...(lastBackup ? { lastBackup } : {}),
      ...(lastRecoveryPoint ? { lastRecoveryPoint } : {}),
      ...(deadline ? { deadline } : {}),
      ...(inspected ? { inspected } : {}),
    },
    ...(nextEdge ? { nextEdge } : {}),
  };
}

function standingOf(facts: ComplianceFacts, judged: Judging, plan: BackupPlan | undefined, since: Date): Standing {
  const { backups, now } = facts;
  const { own, circumstances } = judged;
  const point = newestRecoveryPoint(own, circumstances);
  const unread = unreadBackup(facts, judged, point, plan);
  const toCome = own.map(startOf).filter(start => start && start > now);
  return {
    ...{ point, unread },
    attempt: newestAttempt(own, point, circumstances),
    deadline: plan && new Date((point?.time ?? since).getTime() + plan.objective),
    strangers: backups.filter(backup => !own.includes(backup)).map(({ metadata }) => metadata.name),
    nextEdge: earliest(point?.until, unread?.edge, ...toCome),
  };
}

/** The newest backup that may be as good as its status says; `edge`: when it is asked for again, or is too old for that to matter. */
function unreadBackup(
  { contents, now }: ComplianceFacts,
  { own, circumstances }: Judging,
  point: RecoveryPoint | undefined,
  plan: BackupPlan | undefined,
): (NonNullable<Standing['unread']> & { readonly edge: Date | undefined }) | undefined {
  const objective = plan?.objective ?? 0;
  const oldest = Math.max(point?.time.getTime() ?? 0, now.getTime() - objective);
  const newest = candidates(own, circumstances).find(
    ({ backup, time }) => time.getTime() > oldest && !circumstances.isInspected(backup),
  );
  if (newest === undefined) return undefined;
  const { name, time, backup } = newest;
  const tooOld = new Date(time.getTime() + objective);
  const read = contents(backup.metadata.uid ?? '');
  if (read === undefined || !('failure' in read)) {
    return { name, why: 'Velero is asked where that is written', edge: tooOld };
  }
  const why = `it could not be read in the store: ${read.failure}`;
  return { name, why, edge: read.retryAt > now ? earliest(read.retryAt, tooOld) : tooOld };
}

function parseTime(time: string | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}

/** Next time at which a tier that nobody has paused starts a backup. */
function nextRunOf(facts: ComplianceFacts, plan: BackupPlan): Date | undefined {
  const paused = new Set(pausedSchedules(facts));
  if (paused.size === 0) return nextBackup(plan, facts.now);
  const tiers = facts.policy?.spec.tiers.map(tier => scheduleName(facts.managedVM, tier.name)) ?? [];
  const crons = plan.crons.filter((_, index) => !paused.has(tiers[index] ?? ''));
  return earliest(...crons.map(cron => nextRun(cron, plan.timeZone, facts.now)));
}

function pausedSchedules({ schedules }: ComplianceFacts): readonly string[] {
  return schedules.filter(({ spec }) => spec?.paused === true).map(({ metadata }) => metadata.name);
}

/** What keeps the promise from being kept, or from being known, whatever the age of the newest backup. */
function obstacleOf(
  facts: ComplianceFacts,
  reference: BackupPolicyReference,
  plan: BackupPlan | undefined,
): Verdict | undefined {
  const { kind } = reference;
  if (!facts.policyKindInstalled) {
    return unknown(`${kind}NotInstalled`, `The kind ${kind} is not installed in this cluster.`);
  }
  if (!facts.policy || !plan) {
    return broken('PolicyNotFound', `${named(facts)} does not exist, so no backups are made.`);
  }
  if (plan.problem) return broken(plan.problem.reason, `${named(facts)}: ${plan.problem.message}`);
  if (!facts.veleroAvailable) {
    return unknown(
      'VeleroNotInstalled',
      'Velero is not installed in this cluster, so backups are neither made nor known.',
    );
  }
  const name = facts.policy.spec.storageLocation;
  const namespace = facts.managedVM.metadata.namespace ?? '';
  return (
    storageRefusal(name, namespace, facts.permitted) ??
    storageObstacle(name, facts.storageLocation(name)) ??
    refusedSchedule(facts.schedules)
  );
}

function refusedSchedule(schedules: readonly VeleroSchedule[]): Verdict | undefined {
  const refused = schedules.find(schedule => schedule.status?.phase === 'FailedValidation');
  if (!refused) return undefined;
  const said = saying(refused.status?.validationErrors?.join('; ') ?? '');
  return broken('ScheduleRefused', `Velero refuses Schedule ${refused.metadata.name}${said}`);
}

function ageVerdict(facts: ComplianceFacts, judged: Judging, standing: Standing): Verdict {
  const { point, unread, attempt, deadline } = standing;
  const paused = pausedSchedules(facts);
  const consistency = point && consistencyOfPoint(facts, judged, point);
  const message = [
    ageMessage(facts, standing),
    ...(consistency?.says ? [consistency.says] : []),
    ...(unread ? [`What Backup ${unread.name} holds is not known yet: ${unread.why}.`] : []),
    ...(attempt ? [`Backup ${attempt.name} ${attempt.says}.`] : []),
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
  if (consistency?.met === false) return broken('ConsistencyNotMet', message);
  if (consistency?.met === undefined) return unknown('ConsistencyNotProven', message);
  return { status: 'True', reason: 'RecoveryPointGood', message };
}

function consistencyOfPoint({ policy }: ComplianceFacts, { inspections }: Judging, { backup }: RecoveryPoint) {
  const inspection = inspections.get(backup.metadata.uid ?? '');
  return inspection && consistencyMet(policy?.spec.consistency ?? 'CrashConsistent', inspection);
}

function ageMessage(facts: ComplianceFacts, { point, deadline }: Standing): string {
  const objective = `${named(facts)} allows ${facts.policy?.spec.recoveryPointObjective}`;
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

/** At most three names, in an order that stays. */
function listed(kind: string, names: readonly string[]): string {
  const sorted = names.toSorted();
  const more = sorted.length > 3 ? ` and ${sorted.length - 3} more` : '';
  return `${kind} ${sorted.slice(0, 3).join(', ')}${more}`;
}

function named(facts: ComplianceFacts): string {
  const reference = facts.managedVM.spec.backupPolicyRef;
  return `${reference?.kind} ${reference?.name}`;
}

function broken(reason: Reason, message: string): Verdict {
  return { status: 'False', reason, message };
}
