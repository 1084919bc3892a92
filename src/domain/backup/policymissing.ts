import { unknown } from '../contract/finding.ts';
import { broken, type ComplianceFacts, policyName } from './compliancefacts.ts';
import type { BackupPolicyKind } from './policykind.ts';
import type { Verdict } from './reasons.ts';

/** Who takes the provider's policy away has not waited for the customer. */
export function notFound(kind: BackupPolicyKind) {
  return kind === 'ClusterBackupPolicy' ? 'ClusterBackupPolicyNotFound' : 'PolicyNotFound';
}

/** Why nothing is promised about backups where the policy that is named cannot be found. */
export function policyMissing(facts: ComplianceFacts): Verdict {
  const kind = facts.managedVM.spec.backupPolicyRef?.kind ?? 'BackupPolicy';
  if (facts.policyKindInstalled) {
    return broken(notFound(kind), `${policyName(facts)} does not exist, so no backups are made.`);
  }
  return unknown(`${kind}NotInstalled`, `The kind ${kind} is not installed in this cluster.`);
}

/** The same of a part of the promise that nobody can know without the policy. */
export function unknownWithoutPolicy(facts: ComplianceFacts): Verdict {
  const { reason, message } = policyMissing(facts);
  return unknown(reason, message);
}
