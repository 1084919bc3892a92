import type { BackupPolicySpec } from '../../api/backuppolicy.ts';
import type { ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import { scheduleName } from '../contract/child.ts';
import { earliest, instant } from '../contract/condition.ts';
import { saying } from '../contract/excerpt.ts';
import { unknown } from '../contract/finding.ts';
import { permits, refusal, STORAGE_LOCATIONS_ANNOTATION } from '../contract/permitted.ts';
import { nextRun } from '../time/cron.ts';
import { type BackupBounds, type BackupPlan, backupPlan, nextBackup } from './backupplan.ts';
import { unproven } from './backupvolumes.ts';
import { isMadeFor } from './ownbackups.ts';
import type { Reason, Verdict } from './reasons.ts';
import {
  type Circumstances,
  type Defect,
  newestAttempt,
  newestRecoveryPoint,
  type RecoveryPoint,
  startOf,
} from './recoverypoint.ts';
import { causeIn } from './storageerror.ts';
import type { BackupStorageLocation, VeleroBackup, VeleroSchedule } from './velero.ts';

/** What was read about the backups of one ManagedVM. */
export type ComplianceFacts = {
  readonly managedVM: ManagedVM;
  /** The policy that spec.backupPolicyRef names, if it exists. */
  readonly policy: { readonly spec: BackupPolicySpec } | undefined;
  /** Whether the kind that spec.backupPolicyRef names is served. */
  readonly policyKindInstalled: boolean;
  /** What the provider allows every policy. */
  readonly bounds: BackupBounds;
  /** Whether Velero's kinds are served. */
  readonly veleroAvailable: boolean;
  /** BackupStorageLocations that the namespace may use; undefined: not known, for its Namespace has not been read. */
  readonly permitted: readonly string[] | undefined;
  /** The BackupStorageLocation of a name, if it exists. */
  readonly storageLocation: (name: string) => BackupStorageLocation | undefined;
  /** The Velero Schedules of this ManagedVM that exist. */
  readonly schedules: readonly VeleroSchedule[];
  /** Velero Backups with this ManagedVM's owner labels, whoever made them. */
  readonly backups: readonly VeleroBackup[];
  /** Those that are kept beyond their time because a disk is lost. */
  readonly held?: readonly RecoveryPoint[];
  readonly now: Date;
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
 * Whether the newest backup of a ManagedVM that counts is young enough for its policy (AP-6, AP-13), and the numbers. Never True: that a
 * backup holds each disk, consistent as promised, is more than Velero's status proves (ADR 0048).
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
  const standing = standingOf(facts, plan, since);
  const { point, deadline } = standing;
  const nextEdge = earliest(nextRun, deadline && deadline > now ? deadline : undefined, standing.nextEdge);
  return {
    verdict: obstacle ?? ageVerdict(facts, standing),
    backup: {
      ...told,
      ...(point ? { lastBackup: point.name, lastRecoveryPoint: instant(point.time) } : {}),
      ...(deadline ? { deadline: instant(deadline) } : {}),
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
  const { lastBackup, lastRecoveryPoint, deadline } = managedVM.status?.backup ?? {};
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
    },
    ...(nextEdge ? { nextEdge } : {}),
  };
}

function standingOf(facts: ComplianceFacts, plan: BackupPlan | undefined, since: Date): Standing {
  const { managedVM, backups, now } = facts;
  const circumstances: Circumstances = { now, storageDefect: name => storageDefect(facts, name) };
  const own = backups.filter(backup => isMadeFor(managedVM, backup));
  const point = newestRecoveryPoint(own, circumstances);
  const toCome = own.map(startOf).filter(start => start && start > now);
  return {
    point,
    attempt: newestAttempt(own, point, circumstances),
    deadline: plan && new Date((point?.time ?? since).getTime() + plan.objective),
    strangers: backups.filter(backup => !own.includes(backup)).map(({ metadata }) => metadata.name),
    nextEdge: earliest(point?.until, ...toCome),
  };
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

/** Why a policy of a namespace may not use the storage location that it names: nothing is said about the place itself. */
export function storageRefusal(
  name: string,
  namespace: string,
  permitted: readonly string[] | undefined,
): Verdict | undefined {
  if (permitted === undefined) {
    return unknown(
      'NamespaceNotObserved',
      `What Namespace ${namespace} may use is not known: it has not been read yet.`,
    );
  }
  if (permits(permitted, name)) return undefined;
  const message = refusal(`BackupStorageLocation ${name}`, namespace, STORAGE_LOCATIONS_ANNOTATION, permitted);
  return broken('StorageLocationNotPermitted', message);
}

/** Why no backup can be written to, or restored from, a storage location. */
export function storageObstacle(name: string, location: BackupStorageLocation | undefined): Verdict | undefined {
  if (!location) return broken('StorageLocationNotFound', `BackupStorageLocation ${name} does not exist.`);
  if (location.status?.phase === 'Unavailable') {
    const cause = causeIn(location.status.message ?? '');
    const why = cause === undefined ? '; the provider finds why in its status' : `: ${cause}`;
    return broken('StorageLocationUnavailable', `BackupStorageLocation ${name} is Unavailable${why}.`);
  }
  if (location.spec?.accessMode === 'ReadOnly') {
    return broken('StorageLocationReadOnly', `BackupStorageLocation ${name} is read-only, so no backups are made.`);
  }
  // Velero fails backups into a location that it has not found Available yet (its backup_controller.go prepareBackupRequest).
  if (location.status?.phase !== 'Available') {
    return unknown('StorageLocationNotValidated', `Velero has not validated BackupStorageLocation ${name} yet.`);
  }
  return undefined;
}

/** Where a backup lies, if nothing can be restored from there. Reading suffices for a restore. */
function storageDefect({ storageLocation, permitted }: ComplianceFacts, name: string): string | undefined {
  if (!permits(permitted ?? [], name)) return 'a BackupStorageLocation that the namespace may not use';
  const location = storageLocation(name);
  if (!location) return `BackupStorageLocation ${name}, which does not exist`;
  const { phase } = location.status ?? {};
  return phase === 'Available' ? undefined : `BackupStorageLocation ${name}, which is ${phase ?? 'not validated yet'}`;
}

function refusedSchedule(schedules: readonly VeleroSchedule[]): Verdict | undefined {
  const refused = schedules.find(schedule => schedule.status?.phase === 'FailedValidation');
  if (!refused) return undefined;
  const said = saying(refused.status?.validationErrors?.join('; ') ?? '');
  return broken('ScheduleRefused', `Velero refuses Schedule ${refused.metadata.name}${said}`);
}

function ageVerdict(facts: ComplianceFacts, standing: Standing): Verdict {
  const { point, attempt, deadline } = standing;
  const paused = pausedSchedules(facts);
  const message = [
    ageMessage(facts, standing),
    ...(point ? [unproven(point.backup.status ?? {}, facts.policy?.spec.consistency)] : []),
    ...(attempt ? [`Backup ${attempt.name} ${attempt.says}.`] : []),
    ...(paused.length > 0 ? [`Paused: ${listed('Schedule', paused)}; the objective counts on.`] : []),
    ...(facts.held ?? []).map(heldMessage),
    ...strangersMessage(standing),
  ].join(' ');
  const late = deadline !== undefined && facts.now >= deadline;
  if (attempt?.lacksVolumes && (late || !point)) return broken('VolumesMissing', message);
  if (late) return broken('RecoveryPointTooOld', message);
  if (paused.length > 0) return unknown('SchedulePaused', message);
  return point ? unknown('VolumesNotVerified', message) : unknown('NoBackupYet', message);
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
  const held = `The newest usable backup ${point.name} holds the state of ${instant(point.time)}; ${objective}, so`;
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
