import { unknown } from '../contract/finding.ts';
import { broken, type ComplianceFacts, policyName } from './compliancefacts.ts';
import { unknownWithoutPolicy } from './policymissing.ts';
import type { Verdict } from './reasons.ts';
import type { Standing } from './standing.ts';

/** Whether the data in the newest recovery point are as consistent as the policy asks; they are crash-consistent at least (AP-6). */
export function consistencyMet(facts: ComplianceFacts, standing: Standing): Verdict {
  if (facts.policy === undefined) return unknownWithoutPolicy(facts);
  const { point, judged } = standing;
  const wanted = facts.policy.spec.consistency;
  const asks = `${policyName(facts)} asks for ${wanted}`;
  if (point === undefined) return unknown('NoRecoveryPoint', `${asks}; there is no usable backup to look at.`);
  const consistency = judged.inspections.get(point.backup.metadata.uid ?? '')?.consistency;
  const proof = `the newest usable backup ${point.name}`;
  if (wanted === 'CrashConsistent') {
    return met(`${asks}; ${proof} is that at least.`);
  }
  if (wanted === consistency) return met(`${asks}; ${proof} is: the agent froze the guest's file systems.`);
  if (consistency === 'CrashConsistent') {
    return broken(
      'ConsistencyNotMet',
      `${asks}; ${proof} is CrashConsistent: nothing held the guest's file systems still until its disks were saved.`,
    );
  }
  const known =
    consistency === undefined ? 'whether the guest was frozen in' : `no more than ${consistency} is proven of`;
  const end = consistency === undefined ? ' is not known' : '';
  return unknown('ConsistencyNotProven', `${asks}; ${known} ${proof}${end}.`);
}

function met(message: string): Verdict {
  return { status: 'True', reason: 'ConsistencyProven', message };
}
