import type { BackupPolicy, BackupPolicyStatus } from '../../api/backuppolicy.ts';
import type { ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import type { OperatingSystem, OperatingSystemStatus } from '../../api/operatingsystem.ts';
import { type BackupBounds, backupPlan, nextBackup } from '../backup/backupplan.ts';
import { storageObstacle, storageRefusal } from '../backup/storage.ts';
import type { BackupStorageLocation } from '../backup/velero.ts';
import { type ConditionInput, instant } from '../contract/condition.ts';
import { sentence, type Unreadable } from '../contract/unreadable.ts';
import { supportOf } from '../machine/lifecycle.ts';

/** Status without condition times, its conditions, and when the assessment must be made again. */
export type Assessment<Status> = {
  readonly status: Omit<Status, 'conditions'>;
  readonly conditions: readonly ConditionInput[];
  readonly nextEdge?: Date;
};

export type BackupPolicyFacts = {
  readonly policy: BackupPolicy;
  /** The ManagedVMs that name it. What they say of their backups is counted, not found out again. */
  readonly members: readonly ManagedVM[];
  readonly bounds: BackupBounds;
  readonly veleroAvailable: boolean;
  /** BackupStorageLocations that the namespace may use; undefined: not known. */
  readonly permitted: readonly string[] | undefined;
  readonly storageLocation: BackupStorageLocation | undefined;
  /** A kind that cannot be read and without which nothing can be said. */
  readonly unreadable?: Unreadable | undefined;
  readonly now: Date;
};

/** What a ManagedVM says of its backups under a policy. */
type Result = {
  readonly name: string;
  readonly status: string;
  readonly reason: string;
  readonly backup: NonNullable<ManagedVMStatus['backup']> | undefined;
};

/** Whether a BackupPolicy is in force, and how the ManagedVMs that name it fare (AP-13). */
export function assessBackupPolicy(facts: BackupPolicyFacts): Assessment<BackupPolicyStatus> {
  const { policy, members, bounds, now } = facts;
  const results = members.map(member => resultOf(member, policy.metadata.name));
  const last = first(
    results.filter(({ backup }) => backup?.lastRecoveryPoint),
    newestFirst,
  );
  const oldest = first(
    results.filter(({ backup }) => backup?.deadline),
    nextFirst,
  );
  const nextRun = nextBackup(backupPlan(policy.spec, bounds, now), now);
  return {
    status: {
      ...observed(policy.metadata.generation),
      managedVMs: results.length,
      compliant: results.filter(({ status }) => status === 'True').length,
      ...(last ? { last: recoveryPoint(last) } : {}),
      ...(oldest ? { oldest: recoveryPoint(oldest) } : {}),
      ...(nextRun ? { nextRun: instant(nextRun) } : {}),
    },
    conditions: facts.unreadable
      ? notReadable(facts.unreadable, 'BackupCompliant')
      : [...policyReadiness(facts), membersCompliant(results)],
    ...(nextRun ? { nextEdge: nextRun } : {}),
  };
}

/** What the ManagedVM said under another policy, or has not said yet, is not known. */
function resultOf({ metadata, status }: ManagedVM, policy: string): Result {
  const verdict = status?.conditions?.find(({ type }) => type === 'BackupCompliant');
  if (verdict === undefined || status?.backup?.policy !== policy) {
    return { name: metadata.name, status: 'Unknown', reason: 'NotObserved', backup: undefined };
  }
  return { name: metadata.name, status: verdict.status, reason: verdict.reason, backup: status.backup };
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

/** Somebody must act, but whether it is in order is not known. `more`: conditions that are not known either. */
export function notReadable(unreadable: Unreadable, ...more: readonly string[]): ConditionInput[] {
  const said = { reason: 'KindNotReadable', message: sentence(unreadable) };
  return [
    { type: 'Ready', status: 'Unknown', ...said },
    { type: 'Stalled', status: 'True', ...said },
    ...more.map(type => ({ type, status: 'Unknown', ...said }) as const),
  ];
}

/** Ready, and where it is False why: Stalled until someone edits the policy or the provider's list, or Reconciling until the cluster heals. */
function policyReadiness(facts: BackupPolicyFacts): ConditionInput[] {
  const { policy, bounds, veleroAvailable, permitted, storageLocation, now } = facts;
  const { spec, metadata } = policy;
  const { problem } = backupPlan(spec, bounds, now);
  if (problem) return stalled(problem.reason, problem.message);
  const refused = storageRefusal(spec.storageLocation, metadata.namespace ?? '', permitted);
  if (refused) return (refused.status === 'False' ? stalled : waiting)(refused.reason, refused.message);
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
  const within = `${compliant} of ${count} ManagedVMs are proven to be within the recovery point objective`;
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
  const all = results.map(({ name }) => name).sort();
  const more = all.length > 10 ? ` and ${all.length - 10} more` : '';
  return `${all.slice(0, 10).join(', ')}${more}`;
}

/** Not ready until somebody edits it. */
export function stalled(reason: string, message: string): ConditionInput[] {
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

export function observed(generation: number | undefined): { observedGeneration?: number } {
  return generation === undefined ? {} : { observedGeneration: generation };
}

/** The first by `compare`; of equals the first by name. */
function first(results: readonly Result[], compare: (a: Result, b: Result) => number): Result | undefined {
  const order = (a: Result, b: Result): number => compare(a, b) || (a.name < b.name ? -1 : 1);
  return results.reduce<Result | undefined>(
    (found, next) => (found && order(found, next) <= 0 ? found : next),
    undefined,
  );
}

function newestFirst(a: Result, b: Result): number {
  return timeOf(b.backup?.lastRecoveryPoint) - timeOf(a.backup?.lastRecoveryPoint);
}

function nextFirst(a: Result, b: Result): number {
  return timeOf(a.backup?.deadline) - timeOf(b.backup?.deadline);
}

function timeOf(instant: string | undefined): number {
  return Date.parse(instant ?? '') || 0;
}

function recoveryPoint({ name, backup }: Result): NonNullable<BackupPolicyStatus['last']> {
  const { lastBackup, lastRecoveryPoint, deadline } = backup ?? {};
  return {
    managedVM: name,
    ...(lastBackup ? { backup: lastBackup } : {}),
    ...(lastRecoveryPoint ? { time: lastRecoveryPoint } : {}),
    ...(deadline ? { deadline } : {}),
  };
}
