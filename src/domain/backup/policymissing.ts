import { unknown } from '../contract/finding.ts';
import { broken, type ComplianceFacts, policyName } from './compliancefacts.ts';
import type { Verdict } from './reasons.ts';

/** Why nothing is promised about backups where the policy that is named cannot be found. */
export function policyMissing(facts: ComplianceFacts): Verdict {
  if (facts.policyKindInstalled) {
    return broken('PolicyNotFound', `${policyName(facts)} does not exist, so no backups are made.`);
  }
  const kind = facts.managedVM.spec.backupPolicyRef?.kind ?? 'BackupPolicy';
  return unknown(`${kind}NotInstalled`, `The kind ${kind} is not installed in this cluster.`);
}

/** The same of a part of the promise that nobody can know without the policy. */
export function unknownWithoutPolicy(facts: ComplianceFacts): Verdict {
  const { reason, message } = policyMissing(facts);
  return unknown(reason, message);
}
