import type { TierPoints } from '../../api/managedvm.ts';
import { unknown } from '../contract/finding.ts';
import type { BackupPlan } from './backupplan.ts';
import { broken, type ComplianceFacts, listed, policyName } from './compliancefacts.ts';
import { unknownWithoutPolicy } from './policymissing.ts';
import type { Reason, Verdict } from './reasons.ts';
import type { Retention } from './retention.ts';

/** Whether recovery points are kept as long as promised, and no longer than allowed (AP-13, GE-14). */
export function retentionMet(facts: ComplianceFacts, plan: BackupPlan | undefined, retention: Retention): Verdict {
  if (plan === undefined) return unknownWithoutPolicy(facts);
  const { problem, crons } = plan;
  if (problem?.reason === 'RetentionTooLong' || problem?.reason === 'RetentionTooShort') {
    return broken(problem.reason, `${policyName(facts)}: ${problem.message}`);
  }
  if (problem && crons.length === 0) return unknown(problem.reason, `${policyName(facts)}: ${problem.message}`);
  const { tiers, vanished, tooLong } = retention;
  const maximum = facts.policy?.spec.retention?.maximum;
  const [last] = vanished;
  const message = [
    `${policyName(facts)}: ${tiers.map(inTier).join('; ')}.`,
    ...(last
      ? [
          `${vanished.length} vanished: the last, of tier ${last.tier} as of ${last.time}, was to be kept until ${last.until}.`,
        ]
      : []),
    ...(tooLong.length > 0 ? [`Kept for more than ${maximum}: ${listed('Backup', tooLong)}.`] : []),
    ...(tooLong.length === 0 && maximum !== undefined ? [`None is kept for more than ${maximum}.`] : []),
  ].join(' ');
  const reason = breach(retention);
  if (reason === undefined && tiers.every(({ wanted, had }) => wanted + had === 0))
    return unknown('NoBackupYet', message);
  return reason === undefined ? { status: 'True', reason: 'PointsKept', message } : broken(reason, message);
}

/** What somebody has taken away comes first: it may have been done on purpose. */
function breach({ tiers, vanished, tooLong }: Retention): Reason | undefined {
  if (vanished.length > 0) return 'PointVanished';
  if (tooLong.length > 0) return 'PointKeptTooLong';
  return tiers.some(({ missing }) => missing > 0) ? 'RetentionShort' : undefined;
}

function count(points: number): string {
  return points === 1 ? '1 point' : `${points} points`;
}

function inTier({ name, retention, wanted, had, missing, oldest, since }: TierPoints): string {
  const reach = oldest === undefined ? '' : `, the oldest as of ${oldest}`;
  const lacks = missing === 0 ? '' : ` and left none ${missing} times`;
  return `tier ${name} keeps ${retention} and has ${count(had)}${reach}; its runs since ${since} want ${wanted}${lacks}`;
}
