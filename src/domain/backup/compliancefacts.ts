import type { BackupBounds } from './backupplan.ts';
import type { EndedRestores } from './endedrestores.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { JudgingFacts } from './judging.ts';
import type { Reason, Verdict } from './reasons.ts';
import type { RecoveryPoint } from './recoverypoint.ts';
import type { StandardFacts } from './standard.ts';
import type { VeleroSchedule } from './velero.ts';

/** What was read about the backups of one ManagedVM. */
export type ComplianceFacts = JudgingFacts & {
  /** Whether the kind that spec.backupPolicyRef names is served. */
  readonly policyKindInstalled: boolean;
  /** The provider's standard at the level, if the plan of the contract names one. */
  readonly standard?: StandardFacts | undefined;
  /** What the provider allows every policy. */
  readonly bounds: BackupBounds;
  /** Whether Velero's kinds are served. */
  readonly veleroAvailable: boolean;
  /** What Velero said of itself; absent: it has not been asked. */
  readonly heartbeat?: Heartbeat;
  /** The Velero Schedules of this ManagedVM that exist. */
  readonly schedules: readonly VeleroSchedule[];
  /** Those that are kept beyond their time because a disk is lost. */
  readonly held?: readonly RecoveryPoint[];
  /** Restores of this ManagedVM that have come to their end, as far as they are still there. */
  readonly restores?: EndedRestores | undefined;
};

/** The policy of a ManagedVM in a message: its kind and its name. */
export function policyName({ managedVM }: Pick<ComplianceFacts, 'managedVM'>): string {
  const { kind = 'BackupPolicy', name = '' } = managedVM.spec.backupPolicyRef ?? {};
  return `${kind} ${name}`;
}

/** Broken, whatever anybody hopes. */
export function broken(reason: Reason, message: string): Verdict {
  return { status: 'False', reason, message };
}

/** An instant of a status. */
export function parseTime(time: string | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}

/** At most three names, in an order that stays. */
export function listed(kind: string, names: readonly string[]): string {
  const sorted = names.toSorted();
  const more = sorted.length > 3 ? ` and ${sorted.length - 3} more` : '';
  return `${kind} ${sorted.slice(0, 3).join(', ')}${more}`;
}
