import type { BackupPolicySpec } from '../api/backuppolicy.ts';
import type { ManagedVM, ManagedVMStatus } from '../api/managedvm.ts';
import { type BackupPlan, backupPlan, nextBackup } from './backupplan.ts';
import { type ConditionInput, earliest, instant } from './condition.ts';
import { excerpt, saying } from './excerpt.ts';
import { newestAttempt, newestRecoveryPoint, type RecoveryPoint } from './recoverypoint.ts';
import type { BackupStorageLocation, VeleroBackup, VeleroSchedule } from './velero.ts';

/** What was read about the backups of one ManagedVM. */
export type BackupFacts = {
  readonly managedVM: ManagedVM;
  /** The policy that spec.backupPolicyRef names, if it exists. */
  readonly policy: { readonly spec: BackupPolicySpec } | undefined;
  /** Whether the kind that spec.backupPolicyRef names is served. */
  readonly policyKindInstalled: boolean;
  /** Whether Velero's kinds are served. */
  readonly veleroAvailable: boolean;
  /** The BackupStorageLocation that the policy names, if it exists. */
  readonly storageLocation: BackupStorageLocation | undefined;
  /** The Velero Schedules of this ManagedVM that exist. */
  readonly schedules: readonly VeleroSchedule[];
  /** The Velero Backups of this ManagedVM: those that carry its owner labels. */
  readonly backups: readonly VeleroBackup[];
  readonly now: Date;
};

/** How the backups of one ManagedVM stand, without words about it: all that a policy with thousands of VMs looks at. */
export type BackupStanding = {
  readonly status: ConditionInput['status'];
  readonly reason: string;
  readonly point?: RecoveryPoint;
  /** When the recovery point objective is broken unless a newer backup succeeds. */
  readonly deadline?: Date;
  readonly nextRun?: Date;
  /** When the standing changes by the passing of time alone. */
  readonly nextEdge?: Date;
  /** What decides whatever the age of the newest backup is. */
  readonly obstacle?: Verdict;
};

export type BackupCompliance = {
  /** `BackupCompliant`. */
  readonly condition: ConditionInput;
  /** For status.backup; absent if no policy is named. */
  readonly backup?: NonNullable<ManagedVMStatus['backup']>;
  /** When the assessment changes by the passing of time alone. */
  readonly nextEdge?: Date;
};

type Verdict = Pick<ConditionInput, 'status' | 'reason' | 'message'>;

/** Whether the newest usable backup of a ManagedVM is young enough for its policy (AP-6, AP-13), and the numbers. */
export function backupCompliance(facts: BackupFacts): BackupCompliance {
  const reference = facts.managedVM.spec.backupPolicyRef;
  const { status, reason, point, deadline, nextRun, nextEdge, obstacle } = backupStanding(facts);
  const message = obstacle?.message ?? ageMessage(facts, point, deadline);
  const condition: ConditionInput = { type: 'BackupCompliant', status, reason, message };
  if (!reference) return { condition };
  return {
    condition,
    backup: {
      policy: reference.name,
      ...(point ? { lastBackup: point.backup, lastRecoveryPoint: instant(point.time) } : {}),
      ...(deadline ? { deadline: instant(deadline) } : {}),
      ...(nextRun ? { nextRun: instant(nextRun) } : {}),
    },
    ...(nextEdge ? { nextEdge } : {}),
  };
}

export function backupStanding(facts: BackupFacts): BackupStanding {
  if (!facts.managedVM.spec.backupPolicyRef) return { ...NO_POLICY, obstacle: NO_POLICY };
  const point = newestRecoveryPoint(facts.backups);
  const plan = facts.policy && backupPlan(facts.policy.spec, facts.now);
  const deadline = plan && deadlineOf(facts, plan, point);
  const nextRun = plan && nextBackup(plan, facts.now);
  const obstacle = obstacleOf(facts, plan);
  const { status, reason } = obstacle ?? ageVerdict(facts.now, point, deadline);
  const nextEdge = earliest(nextRun, deadline && deadline > facts.now ? deadline : undefined);
  return {
    ...{ status, reason },
    ...(point ? { point } : {}),
    ...(deadline ? { deadline } : {}),
    ...(nextRun ? { nextRun } : {}),
    ...(nextEdge ? { nextEdge } : {}),
    ...(obstacle ? { obstacle } : {}),
  };
}

const NO_POLICY: Verdict = {
  status: 'Unknown',
  reason: 'NotIncluded',
  message: 'No backup was ordered: spec.backupPolicyRef names no policy.',
};

/**
 * The objective counts from the recovery point; before the first one from the time when the VM came under backup, which is
 * when its oldest Schedule was created. A VM that gets a policy late in its life so has as long as a new one.
 */
function deadlineOf(facts: BackupFacts, plan: BackupPlan, point: RecoveryPoint | undefined): Date | undefined {
  const included = earliest(...facts.schedules.map(schedule => parseTime(schedule.metadata.creationTimestamp)));
  const from = point?.time ?? included;
  return from && new Date(from.getTime() + plan.objective);
}

function parseTime(time: string | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}

/** What keeps the promise from being kept, or from being known, whatever the age of the newest backup. */
function obstacleOf(facts: BackupFacts, plan: BackupPlan | undefined): Verdict | undefined {
  const { backupPolicyRef: reference } = facts.managedVM.spec;
  if (!facts.policyKindInstalled) {
    return unknown(`${reference?.kind}NotInstalled`, `The kind ${reference?.kind} is not installed in this cluster.`);
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
  return storageObstacle(facts.policy.spec.storageLocation, facts.storageLocation) ?? refusedSchedule(facts.schedules);
}

/** Why no backup can be written to, or restored from, the storage location that a policy names. */
export function storageObstacle(name: string, location: BackupStorageLocation | undefined): Verdict | undefined {
  if (!location) return broken('StorageLocationNotFound', `BackupStorageLocation ${name} does not exist.`);
  if (location.status?.phase === 'Unavailable') {
    const said = saying(withoutRequestIDs(location.status.message ?? ''));
    return broken('StorageLocationUnavailable', `BackupStorageLocation ${name} is Unavailable${said}`);
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

/** Object stores number every answer; Velero asks each minute, and the same failure must read the same. */
function withoutRequestIDs(text: string): string {
  return text.replace(/,?\s*\b(request|host) ?id:? [^\s,]+/gi, '');
}

function refusedSchedule(schedules: readonly VeleroSchedule[]): Verdict | undefined {
  const refused = schedules.find(schedule => schedule.status?.phase === 'FailedValidation');
  if (!refused) return undefined;
  const said = saying(refused.status?.validationErrors?.join('; ') ?? '');
  return broken('ScheduleRefused', `Velero refuses Schedule ${refused.metadata.name}${said}`);
}

function ageVerdict(
  now: Date,
  point: RecoveryPoint | undefined,
  deadline: Date | undefined,
): Pick<BackupStanding, 'status' | 'reason'> {
  if (deadline && now >= deadline) return { status: 'False', reason: 'RecoveryPointTooOld' };
  return point && deadline ? { status: 'True', reason: 'Compliant' } : { status: 'Unknown', reason: 'NoBackupYet' };
}

function ageMessage(facts: BackupFacts, point: RecoveryPoint | undefined, deadline: Date | undefined): string {
  const objective = `${named(facts)} allows ${facts.policy?.spec.recoveryPointObjective}`;
  if (!deadline) return `There is no backup yet, and no Velero Schedule that makes one; ${objective}.`;
  const [at, late] = [`${instant(deadline)}.${lastAttempt(facts, point)}`, facts.now >= deadline];
  if (!point) {
    return late
      ? `There is no usable backup; ${objective}, so the first was due by ${at}`
      : `There is no usable backup yet; ${objective}, so the first is due by ${at}`;
  }
  const held = `The newest usable backup ${point.backup} holds the state of ${instant(point.time)}; ${objective}, so`;
  return late ? `${held} it is too old since ${at}` : `${held} it suffices until ${at}`;
}

function lastAttempt(facts: BackupFacts, point: RecoveryPoint | undefined): string {
  const attempt = newestAttempt(facts.backups, point);
  if (!attempt) return '';
  const { phase = 'New', errors = 0, failureReason, validationErrors, hookStatus } = attempt.status ?? {};
  const details = [
    errors > 0 ? `${errors} errors` : '',
    hookStatus?.hooksFailed ? `${hookStatus.hooksFailed} hooks failed` : '',
    excerpt(withoutRequestIDs(failureReason ?? validationErrors?.join('; ') ?? '')),
  ].filter(detail => detail !== '');
  return ` Backup ${attempt.metadata.name} is ${phase}${details.length > 0 ? ` (${details.join(', ')})` : ''}.`;
}

function named(facts: BackupFacts): string {
  const reference = facts.managedVM.spec.backupPolicyRef;
  return `${reference?.kind} ${reference?.name}`;
}

function unknown(reason: string, message: string): Verdict {
  return { status: 'Unknown', reason, message };
}

function broken(reason: string, message: string): Verdict {
  return { status: 'False', reason, message };
}
