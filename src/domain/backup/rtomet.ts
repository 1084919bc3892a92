import { millisecondsOf } from '../../api/duration.ts';
import type { VerifiedRestore } from '../../api/managedvm.ts';
import { instant } from '../contract/condition.ts';
import { unknown } from '../contract/finding.ts';
import { broken, type ComplianceFacts, policyName } from './compliancefacts.ts';
import { unknownWithoutPolicy } from './policymissing.ts';
import { p95 } from './quantile.ts';
import type { Verdict } from './reasons.ts';
import type { Verification } from './verification.ts';

/**
 * Whether restores take no longer than the recovery time objective, from request to proof (AP-13): 95 of 100 of those that still prove
 * something. That only the last was fast enough is luck.
 */
export function rtoMet(facts: ComplianceFacts, verification: Verification): Verdict {
  const { policy, now } = facts;
  if (policy === undefined) return unknownWithoutPolicy(facts);
  const objective = policy.spec.recoveryTimeObjective;
  if (objective === undefined) return unknown('NotIncluded', `${policyName(facts)} promises no time for a restore.`);
  const promises = `${policyName(facts)} promises a restore within ${objective}`;
  const { deadline } = verification;
  const measured = stillProving(facts, verification.verified);
  const [last] = measured;
  const most = p95(measured.map(({ seconds }) => seconds));
  if (last === undefined || most === undefined) {
    if (deadline === undefined) return unknown('RestoreNotMeasured', `${promises}; none has been measured.`);
    const late = now >= deadline;
    const message = `${promises}; none has been measured that still counts, and one ${late ? 'was' : 'is'} due by ${instant(deadline)}.`;
    return late ? broken('RestoreOverdue', message) : unknown('RestoreNotMeasured', message);
  }
  const count = measured.length === 1 ? 'the one that was measured' : `95 of 100 of the ${measured.length} measured`;
  const message = `${promises}; ${count} took ${most} s or less, the last, Restore ${last.restore} at ${last.time}, ${last.seconds} s.`;
  if (most * 1000 > millisecondsOf(objective)) return broken('RecoveryTimeExceeded', message);
  return { status: 'True', reason: 'RecoveryTimeMet', message };
}

/** Restores within the age up to which the policy believes them; all where it gives none. */
function stillProving(
  { policy, now }: ComplianceFacts,
  verified: readonly VerifiedRestore[],
): readonly VerifiedRestore[] {
  const maxAge = policy?.spec.verification?.maxAge;
  if (maxAge === undefined) return verified;
  const oldest = now.getTime() - millisecondsOf(maxAge);
  return verified.filter(({ time }) => new Date(time).getTime() > oldest);
}
