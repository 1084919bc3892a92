import type { ManagedVMStatus } from '../../api/managedvm.ts';
import { scheduleName } from '../contract/child.ts';
import { earliest, instant } from '../contract/condition.ts';
import { nextRun } from '../time/cron.ts';
import { backupDuration } from './backupduration.ts';
import { type BackupPlan, backupPlan, nextBackup } from './backupplan.ts';
import { type ComplianceFacts, parseTime } from './compliancefacts.ts';
import { consistencyMet } from './consistencymet.ts';
import { heldToStandard } from './heldtostandard.ts';
import { keptInspections } from './inspections.ts';
import { NOT_ORDERED, type Parts, sumOfParts } from './partssum.ts';
import { policyMissing } from './policymissing.ts';
import type { Verdict } from './reasons.ts';
import { restoreVerified } from './restoreverified.ts';
import { retentionOf } from './retention.ts';
import { retentionMet } from './retentionmet.ts';
import { pausedSchedules, rpoMet, rpoUnseen } from './rpomet.ts';
import { rtoMet } from './rtomet.ts';
import { type Standing, standingOf } from './standing.ts';
import { storageAvailable } from './storageavailable.ts';
import { verificationEdges, verificationOf, verificationStatus } from './verification.ts';

export type BackupCompliance = {
  readonly parts: Parts;
  /** `BackupCompliant`, their sum. */
  readonly verdict: Verdict;
  /** For status.backup; absent if no policy is named. */
  readonly backup?: NonNullable<ManagedVMStatus['backup']>;
  /** When the assessment changes by the passing of time alone. */
  readonly nextEdge?: Date;
};

/** What is said of the parts for which backups must be seen, and the numbers. */
type Judged = Pick<BackupCompliance, 'backup' | 'nextEdge'> & {
  readonly parts: Pick<Parts, 'RPOMet' | 'RetentionMet' | 'ConsistencyMet'>;
};

/** What holds whether or not backups can be seen. */
type Told = NonNullable<BackupCompliance['backup']>;

/** What the policy of a ManagedVM promises about its backups, part by part, their sum, and the numbers (AP-6, AP-13). */
export function backupCompliance(facts: ComplianceFacts): BackupCompliance {
  const { managedVM, policy, bounds, now } = facts;
  const reference = managedVM.spec.backupPolicyRef;
  if (!reference) return { parts: NOTHING_ORDERED, verdict: NOT_ORDERED };
  const since = underBackupSince(facts);
  const plan = policy && backupPlan(policy.spec, bounds, now);
  const nextRun = plan && nextRunOf(facts, plan);
  const verification = verificationOf(facts);
  const told = {
    policy: reference.name,
    ...(reference.kind === 'ClusterBackupPolicy' ? { policyKind: reference.kind } : {}),
    ...(facts.standard?.applies ? { standard: true } : {}),
    ...{ since: instant(since), ...verificationStatus(verification) },
    ...(nextRun ? { nextRun: instant(nextRun) } : {}),
  };
  const storage = storageAvailable(facts);
  const blind = blindness(facts, storage);
  const judged = blind ? remembered(facts, plan, blind, told) : seen(facts, plan, standingOf(facts, plan, since), told);
  const parts = {
    StorageAvailable: storage,
    RestoreVerified: restoreVerified(facts, verification),
    RTOMet: rtoMet(facts, verification),
    ...judged.parts,
  };
  const nextEdge = earliest(judged.nextEdge, ...verificationEdges(facts, verification));
  return { ...judged, parts, verdict: heldToStandard(sumOfParts(parts), facts), ...(nextEdge ? { nextEdge } : {}) };
}

const NOTHING_ORDERED: Parts = {
  StorageAvailable: NOT_ORDERED,
  RPOMet: NOT_ORDERED,
  RestoreVerified: NOT_ORDERED,
  RTOMet: NOT_ORDERED,
  RetentionMet: NOT_ORDERED,
  ConsistencyMet: NOT_ORDERED,
};

/** Why backups can be neither found nor judged: what is not known of policy or storage. One that is known to be out of order hides nothing. */
function blindness(facts: ComplianceFacts, storage: Verdict): Verdict | undefined {
  const obstacle = facts.policy === undefined ? policyMissing(facts) : storage;
  return obstacle.status === 'Unknown' ? obstacle : undefined;
}

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

/** While nothing can be seen, what was known stays so. */
function remembered(facts: ComplianceFacts, plan: BackupPlan | undefined, blind: Verdict, told: Told): Judged {
  const { lastBackup, lastRecoveryPoint, deadline, inspected, duration, tiers, vanished, keptTooLong } =
    facts.managedVM.status?.backup ?? {};
  const edge = parseTime(deadline);
  const nextEdge = earliest(parseTime(told.nextRun), edge && edge > facts.now ? edge : undefined);
  return {
    parts: { RPOMet: rpoUnseen(facts, plan, blind), RetentionMet: blind, ConsistencyMet: blind },
    backup: {
      ...told,
      ...(lastBackup ? { lastBackup } : {}),
      ...(lastRecoveryPoint ? { lastRecoveryPoint } : {}),
      ...(deadline ? { deadline } : {}),
      ...(inspected ? { inspected } : {}),
      ...(duration ? { duration } : {}),
      ...(tiers ? { tiers } : {}),
      ...(vanished ? { vanished } : {}),
      ...(keptTooLong ? { keptTooLong } : {}),
    },
    ...(nextEdge ? { nextEdge } : {}),
  };
}

function seen(facts: ComplianceFacts, plan: BackupPlan | undefined, standing: Standing, told: Told): Judged {
  const { point, deadline, judged } = standing;
  const inspected = keptInspections(judged.inspections, judged.own, judged.circumstances);
  const retention = retentionOf(facts, plan, judged);
  const duration = backupDuration(judged.own);
  const due = deadline && deadline > facts.now ? deadline : undefined;
  const nextEdge = earliest(parseTime(told.nextRun), due, standing.nextEdge, retention.nextEdge);
  return {
    parts: {
      RPOMet: rpoMet(facts, plan, standing),
      RetentionMet: retentionMet(facts, plan, retention),
      ConsistencyMet: consistencyMet(facts, standing),
    },
    backup: {
      ...told,
      ...(point ? { lastBackup: point.name, lastRecoveryPoint: instant(point.time) } : {}),
      ...(deadline ? { deadline: instant(deadline) } : {}),
      ...(inspected.length > 0 ? { inspected: [...inspected] } : {}),
      ...(duration ? { duration } : {}),
      ...(retention.tiers.length > 0 ? { tiers: [...retention.tiers] } : {}),
      ...(retention.vanished.length > 0 ? { vanished: [...retention.vanished] } : {}),
      ...(retention.tooLong.length > 0 ? { keptTooLong: retention.tooLong.length } : {}),
    },
    ...(nextEdge ? { nextEdge } : {}),
  };
}

/** Next time at which a tier that nobody has paused starts a backup. */
function nextRunOf(facts: ComplianceFacts, plan: BackupPlan): Date | undefined {
  const paused = new Set(pausedSchedules(facts));
  if (paused.size === 0) return nextBackup(plan, facts.now);
  const tiers = facts.policy?.spec.tiers.map(tier => scheduleName(facts.managedVM, tier.name)) ?? [];
  const crons = plan.crons.filter((_, index) => !paused.has(tiers[index] ?? ''));
  return earliest(...crons.map(cron => nextRun(cron, plan.timeZone, facts.now)));
}
