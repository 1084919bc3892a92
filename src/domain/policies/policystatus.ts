import type { BackupPolicy, BackupPolicyStatus } from '../../api/backuppolicy.ts';
import type { ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import type { OperatingSystem, OperatingSystemStatus } from '../../api/operatingsystem.ts';
import { type BackupBounds, backupPlan, nextBackup } from '../backup/backupplan.ts';
import { type Heartbeat, veleroObstacle } from '../backup/heartbeat.ts';
import { PARTS } from '../backup/parts.ts';
import { kindOfPolicy } from '../backup/policykind.ts';
import { storageObstacle, storageRefusal } from '../backup/storage.ts';
import type { BackupStorageLocation } from '../backup/velero.ts';
import { type ConditionInput, instant } from '../contract/condition.ts';
import { sentence, type Unreadable } from '../contract/unreadable.ts';
import { supportOf } from '../machine/lifecycle.ts';
import { backupSums } from './backupsums.ts';
import { feasible } from './feasible.ts';

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
  /** BackupStorageLocations that the namespace may use; undefined: not known. The provider's own policy may use each: what a namespace may use, its ManagedVMs say. */
  readonly permitted: readonly string[] | undefined;
  readonly storageLocation: BackupStorageLocation | undefined;
  /** What Velero said of itself; absent: it has not been asked. */
  readonly heartbeat?: Heartbeat;
  /** A kind that cannot be read and without which nothing can be said. */
  readonly unreadable?: Unreadable | undefined;
  readonly now: Date;
};

/** What a ManagedVM says of its backups under a policy. */
type Result = {
  /** With its namespace under a ClusterBackupPolicy. */
  readonly name: string;
  /** By what it is said of: the whole promise, and each of its parts. */
  readonly verdicts: ReadonlyMap<string, { readonly status: string; readonly reason: string }>;
  readonly backup: NonNullable<ManagedVMStatus['backup']> | undefined;
};

/** What the ManagedVMs say, and the policy sums up: the whole promise, and each of its parts. */
export const SUMMED = ['BackupCompliant', ...PARTS] as const;
type Summed = (typeof SUMMED)[number];

/** Whether a BackupPolicy is in force, and how the ManagedVMs that name it fare (AP-13). */
export function assessBackupPolicy(facts: BackupPolicyFacts): Assessment<BackupPolicyStatus> {
  const { policy, members, bounds, now } = facts;
  const results = members.map(member => resultOf(member, policy.metadata));
  const last = first(
    results.filter(({ backup }) => backup?.lastRecoveryPoint),
    newestFirst,
  );
  const oldest = first(
    results.filter(({ backup }) => backup?.deadline),
    nextFirst,
  );
  const plan = backupPlan(policy.spec, bounds, now);
  const nextRun = nextBackup(plan, now);
  const sums = backupSums(results);
  return {
    status: {
      ...observed(policy.metadata.generation),
      managedVMs: results.length,
      compliant: results.filter(result => says(result, 'BackupCompliant').status === 'True').length,
      ...(last ? { last: recoveryPoint(last) } : {}),
      ...(oldest ? { oldest: recoveryPoint(oldest) } : {}),
      ...(nextRun ? { nextRun: instant(nextRun) } : {}),
      ...sums,
    },
    conditions: facts.unreadable
      ? notReadable(facts.unreadable, 'Feasible', ...SUMMED)
      : [
          ...policyReadiness(facts),
          feasible(policy, plan, sums, now),
          ...SUMMED.map(type => summed(type, results, policy)),
        ],
    ...(nextRun ? { nextEdge: nextRun } : {}),
  };
}

/** What the ManagedVM said under another policy, or has not said yet, is not known. */
function resultOf({ metadata, status }: ManagedVM, policy: BackupPolicy['metadata']): Result {
  const name = policy.namespace === undefined ? `${metadata.namespace}/${metadata.name}` : metadata.name;
  const { policy: under, policyKind = 'BackupPolicy' } = status?.backup ?? {};
  if (under !== policy.name || policyKind !== kindOfPolicy(policy))
    return { name, verdicts: new Map(), backup: undefined };
  return { name, verdicts: new Map(status?.conditions?.map(each => [each.type, each])), backup: status?.backup };
}

function says({ verdicts }: Result, type: Summed): { readonly status: string; readonly reason: string } {
  return verdicts.get(type) ?? { status: 'Unknown', reason: 'NotObserved' };
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
  const { policy, bounds, veleroAvailable, permitted, storageLocation, heartbeat = {}, now } = facts;
  const { spec, metadata } = policy;
  const { problem } = backupPlan(spec, bounds, now);
  if (problem) return stalled(problem.reason, problem.message);
  const refused =
    metadata.namespace === undefined ? undefined : storageRefusal(spec.storageLocation, metadata.namespace, permitted);
  if (refused) return (refused.status === 'False' ? stalled : reconciling)(refused.reason, refused.message);
  if (!veleroAvailable) return reconciling('VeleroNotInstalled', 'Velero is not installed in this cluster.');
  const storage =
    storageObstacle(spec.storageLocation, storageLocation) ??
    (storageLocation && veleroObstacle(heartbeat, storageLocation, now));
  if (storage) return reconciling(storage.reason, storage.message);
  const tiers = spec.tiers.length === 1 ? '1 tier' : `${spec.tiers.length} tiers`;
  const message = `${tiers} in ${spec.timeZone}, kept in BackupStorageLocation ${spec.storageLocation}; no gap between runs reaches the recovery point objective of ${spec.recoveryPointObjective}.`;
  return [{ type: 'Ready', status: 'True', reason: 'InForce', message }];
}

/** How many of the ManagedVMs are proven to have what is promised; of those for which a part is not asked nothing is said. */
function summed(type: Summed, results: readonly Result[], { spec }: BackupPolicy): ConditionInput {
  if (results.length === 0)
    return { type, status: 'Unknown', reason: 'NoManagedVM', message: 'No ManagedVM names this policy.' };
  const asked = results.filter(result => says(result, type).reason !== 'NotIncluded');
  if (asked.length === 0)
    return { type, status: 'Unknown', reason: 'NotIncluded', message: 'The policy does not ask for it.' };
  const reading = (wanted: string) => asked.filter(result => says(result, type).status === wanted);
  const [kept, broken, unknown] = [reading('True'), reading('False'), reading('Unknown')];
  const message = [
    `${kept.length} of ${asked.length} ManagedVMs are proven to ${PROMISED[type](spec)}`,
    ...(broken.length > 0 ? [`not: ${names(broken)}`] : []),
    ...(unknown.length > 0 ? [`not known: ${names(unknown)}`] : []),
  ].join('; ');
  const first = broken[0] ?? unknown[0];
  if (first === undefined) return { type, status: 'True', reason: 'Compliant', message: `${message}.` };
  const { reason } = says(first, type);
  return { type, status: broken.length > 0 ? 'False' : 'Unknown', reason, message: `${message}.` };
}

const PROMISED: Readonly<Record<Summed, (spec: BackupPolicy['spec']) => string>> = {
  BackupCompliant: () => 'be backed up as the policy promises',
  StorageAvailable: ({ storageLocation }) => `have BackupStorageLocation ${storageLocation} at their disposal`,
  RestoreVerified: ({ verification }) => `have had a restore that worked within ${verification?.maxAge}`,
  RTOMet: ({ recoveryTimeObjective }) => `be restored within ${recoveryTimeObjective}`,
  RetentionMet: ({ retention }) =>
    retention?.maximum === undefined
      ? 'have the recovery points of each tier'
      : `have the recovery points of each tier, and none older than ${retention.maximum}`,
  RPOMet: ({ recoveryPointObjective }) => `be within the recovery point objective of ${recoveryPointObjective}`,
  ConsistencyMet: ({ consistency }) => `have a newest backup that is ${consistency} or better`,
};

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

/** Not ready until what it waits for has come, by itself. */
export function reconciling(reason: string, message: string): ConditionInput[] {
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
