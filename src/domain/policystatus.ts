import type { BackupPolicy, BackupPolicyStatus } from '../api/backuppolicy.ts';
import type { ManagedVM } from '../api/managedvm.ts';
import type { OperatingSystem, OperatingSystemStatus } from '../api/operatingsystem.ts';
import { type BackupStanding, backupStanding, storageObstacle } from './backupcompliance.ts';
import { backupPlan, nextBackup } from './backupplan.ts';
import { type ConditionInput, earliest, instant } from './condition.ts';
import { supportOf } from './lifecycle.ts';
import { sentence, type Unreadable } from './unreadable.ts';
import type { BackupStorageLocation, VeleroBackup, VeleroSchedule } from './velero.ts';

/** Status without condition times, its conditions, and when the assessment must be made again. */
export type Assessment<Status> = {
  readonly status: Omit<Status, 'conditions'>;
  readonly conditions: readonly ConditionInput[];
  readonly nextEdge?: Date;
};

/** A ManagedVM that names the policy, with its own Velero Schedules and Backups. */
export type PolicyMember = {
  readonly managedVM: ManagedVM;
  readonly schedules: readonly VeleroSchedule[];
  readonly backups: readonly VeleroBackup[];
};

export type BackupPolicyFacts = {
  readonly policy: BackupPolicy;
  readonly members: readonly PolicyMember[];
  readonly veleroAvailable: boolean;
  readonly storageLocation: BackupStorageLocation | undefined;
  /** A kind that cannot be read and without which nothing can be said. */
  readonly unreadable?: Unreadable | undefined;
  readonly now: Date;
};

type Result = BackupStanding & { readonly managedVM: ManagedVM };

/** Whether a BackupPolicy is in force, and how the ManagedVMs that name it fare (AP-13). */
export function assessBackupPolicy(facts: BackupPolicyFacts): Assessment<BackupPolicyStatus> {
  const { policy, members, veleroAvailable, storageLocation, now } = facts;
  const shared = { policy, policyKindInstalled: true, veleroAvailable, storageLocation, now };
  const results = members.map(
    (member): Result => ({ managedVM: member.managedVM, ...backupStanding({ ...shared, ...member }) }),
  );
  const last = best(results.filter(hasPoint), (a, b) => b.point.time.getTime() - a.point.time.getTime());
  const oldest = best(results.filter(hasDeadline), (a, b) => a.deadline.getTime() - b.deadline.getTime());
  const nextRun = nextBackup(backupPlan(policy.spec, now), now);
  const nextEdge = earliest(nextRun, ...results.map(result => result.nextEdge));
  return {
    status: {
      ...observed(policy.metadata.generation),
      managedVMs: results.length,
      compliant: results.filter(({ status }) => status === 'True').length,
      ...(last && hasDeadline(last) ? { last: recoveryPoint(last) } : {}),
      ...(oldest ? { oldest: recoveryPoint(oldest) } : {}),
      ...(nextRun ? { nextRun: instant(nextRun) } : {}),
    },
    conditions: facts.unreadable
      ? notReadable(facts.unreadable)
      : [...policyReadiness(facts), membersCompliant(results)],
    ...(nextEdge ? { nextEdge } : {}),
  };
}

/** Whether a catalogue entry is in order, and whether its vendor still supports it (GE-9, GE-12). */
export function assessOperatingSystem(
  operatingSystem: OperatingSystem,
  managedVMs: number,
  now: Date,
): Assessment<OperatingSystemStatus> {
  const { status, reason, message, until, nextEdge } = supportOf(operatingSystem, now);
  const readiness: ConditionInput[] = until
    ? [{ type: 'Ready', status: 'True', reason: 'Listed', message: 'The entry is in the catalogue and can be read.' }]
    : stalled(reason, message);
  return {
    status: {
      ...observed(operatingSystem.metadata.generation),
      managedVMs,
      ...(until ? { supportedUntil: instant(until) } : {}),
    },
    conditions: [...readiness, { type: 'Supported', status, reason, message }],
    ...(nextEdge ? { nextEdge } : {}),
  };
}

/** Somebody must act, but whether the policy is in force is not known. */
function notReadable(unreadable: Unreadable): ConditionInput[] {
  const said = { reason: 'KindNotReadable', message: sentence(unreadable) };
  return [
    { type: 'Ready', status: 'Unknown', ...said },
    { type: 'Stalled', status: 'True', ...said },
    { type: 'BackupCompliant', status: 'Unknown', ...said },
  ];
}

/** Ready, and where it is False why: Stalled until someone edits the policy, or Reconciling until the cluster heals. */
function policyReadiness({ policy, veleroAvailable, storageLocation, now }: BackupPolicyFacts): ConditionInput[] {
  const { spec } = policy;
  const { problem } = backupPlan(spec, now);
  if (problem) return stalled(problem.reason, problem.message);
  if (!veleroAvailable) return waiting('VeleroNotInstalled', 'Velero is not installed in this cluster.');
  const storage = storageObstacle(spec.storageLocation, storageLocation);
  if (storage) return waiting(storage.reason, storage.message);
  const tiers = spec.tiers.length === 1 ? '1 tier' : `${spec.tiers.length} tiers`;
  const message = `${tiers} in ${spec.timeZone}, kept in BackupStorageLocation ${spec.storageLocation}; no gap between runs reaches the recovery point objective of ${spec.recoveryPointObjective}.`;
  return [{ type: 'Ready', status: 'True', reason: 'InForce', message }];
}

function membersCompliant(results: readonly Result[]): ConditionInput {
  const type = 'BackupCompliant';
  const count = results.length;
  if (count === 0)
    return { type, status: 'Unknown', reason: 'NoManagedVM', message: 'No ManagedVM names this policy.' };
  const broken = results.filter(({ status }) => status === 'False');
  const compliant = results.filter(({ status }) => status === 'True').length;
  const within = `${compliant} of ${count} ManagedVMs are within the recovery point objective`;
  if (broken.length > 0) {
    return {
      type,
      status: 'False',
      reason: broken[0]?.reason ?? 'NotCompliant',
      message: `${within}; not: ${names(broken)}.`,
    };
  }
  if (compliant === count) return { type, status: 'True', reason: 'Compliant', message: `${within}.` };
  const pending = results.filter(({ status }) => status === 'Unknown');
  return {
    type,
    status: 'Unknown',
    reason: pending[0]?.reason ?? 'Unknown',
    message: `${within}; not known: ${names(pending)}.`,
  };
}

/** At most ten names: a policy may have thousands of VMs. */
function names(results: readonly Result[]): string {
  const all = results.map(({ managedVM }) => managedVM.metadata.name).sort();
  const more = all.length > 10 ? ` and ${all.length - 10} more` : '';
  return `${all.slice(0, 10).join(', ')}${more}`;
}

function stalled(reason: string, message: string): ConditionInput[] {
  return [
    { type: 'Ready', status: 'False', reason, message },
    { type: 'Stalled', status: 'True', reason, message },
  ];
}

function waiting(reason: string, message: string): ConditionInput[] {
  return [
    { type: 'Ready', status: 'False', reason, message },
    { type: 'Reconciling', status: 'True', reason, message },
  ];
}

function observed(generation: number | undefined): { observedGeneration?: number } {
  return generation === undefined ? {} : { observedGeneration: generation };
}

type WithPoint = Result & Required<Pick<BackupStanding, 'point'>>;
type WithDeadline = Result & Required<Pick<BackupStanding, 'deadline'>>;

function hasPoint(result: Result): result is WithPoint {
  return result.point !== undefined;
}

function hasDeadline(result: Result): result is WithDeadline {
  return result.deadline !== undefined;
}

/** The first by `compare`; of equals the first by name. */
function best<T extends Result>(results: readonly T[], compare: (a: T, b: T) => number): T | undefined {
  const byName = (a: T, b: T): number => (a.managedVM.metadata.name < b.managedVM.metadata.name ? -1 : 1);
  return results.reduce<T | undefined>(
    (found, next) => (found === undefined || (compare(next, found) || byName(next, found)) < 0 ? next : found),
    undefined,
  );
}

function recoveryPoint({ managedVM, point, deadline }: WithDeadline): NonNullable<BackupPolicyStatus['last']> {
  return {
    managedVM: managedVM.metadata.name,
    ...(point ? { backup: point.backup, time: instant(point.time) } : {}),
    deadline: instant(deadline),
  };
}
