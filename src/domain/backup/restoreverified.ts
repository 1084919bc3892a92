import { instant } from '../contract/condition.ts';
import { excerpt } from '../contract/excerpt.ts';
import { unknown } from '../contract/finding.ts';
import { broken, type ComplianceFacts, policyName } from './compliancefacts.ts';
import { unknownWithoutPolicy } from './policymissing.ts';
import type { Verdict } from './reasons.ts';
import type { Verification } from './verification.ts';

/** Whether a restore has worked within the time that the policy gives: nothing else proves that a backup can be restored (AP-13). */
export function restoreVerified(facts: ComplianceFacts, verification: Verification): Verdict {
  const { policy, now } = facts;
  if (policy === undefined) return unknownWithoutPolicy(facts);
  const asked = policy.spec.verification;
  const { verified, failed, deadline } = verification;
  if (asked === undefined || deadline === undefined) {
    return unknown('NotIncluded', `${policyName(facts)} asks for no verification by restores.`);
  }
  const [last] = verified;
  const wants = `${policyName(facts)} wants a restore that worked every ${asked.maxAge}`;
  if (failed !== undefined) {
    const why = excerpt(failed.message);
    const message = `${wants}; Restore ${failed.restore} of Backup ${failed.point} failed at ${failed.time}: ${why}.`;
    return broken('RestoreFailed', message);
  }
  const late = now >= deadline;
  if (last === undefined) {
    const message = `${wants}; none has worked, and the first ${late ? 'was' : 'is'} due by ${instant(deadline)}.`;
    return late ? broken('RestoreOverdue', message) : unknown('RestoreNotVerified', message);
  }
  const proof = `Restore ${last.restore} of Backup ${last.point} (as of ${last.pointTime}) worked at ${last.time}, after ${last.seconds} s`;
  if (late)
    return broken('RestoreOverdue', `${wants}; the last, ${proof}, has not sufficed since ${instant(deadline)}.`);
  const message = `${wants}; ${proof}, so that suffices until ${instant(deadline)}.`;
  return { status: 'True', reason: 'RestoreProven', message };
}
