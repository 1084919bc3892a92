import type { BackupPolicySpec } from '../../api/backuppolicy.ts';
import { unknown } from '../contract/finding.ts';
import { startOfDay } from '../time/cron.ts';
import { type BackupPlan, backupPlan } from './backupplan.ts';
import { broken, type ComplianceFacts, policyName } from './compliancefacts.ts';
import { waitsForCustomer } from './partssum.ts';
import type { Verdict } from './reasons.ts';
import { weakerThan } from './weakerthan.ts';

/**
 * The sum of what is promised, held against the provider's standard (AP-6): a policy that promises less does not satisfy it, however well it is kept. What the provider
 * himself has to answer for stays the reason (GE-4), and is told first.
 */
export function heldToStandard(sum: Verdict, facts: ComplianceFacts): Verdict {
  const below = belowStandard(facts);
  if (below === undefined) return sum;
  const message = `${sum.message} ${below.message}`;
  if (below.status === 'Unknown') return sum.status === 'True' ? { ...below, message } : { ...sum, message };
  if (sum.status === 'False' && !waitsForCustomer(sum.reason)) return { ...sum, message };
  return { ...below, message: `${below.message} ${sum.message}` };
}

function belowStandard(facts: ComplianceFacts): Verdict | undefined {
  const { standard, policy, managedVM, bounds, now } = facts;
  if (standard === undefined || standard.applies || policy === undefined) return undefined;
  const { kind, name } = managedVM.spec.backupPolicyRef ?? {};
  if (kind === 'ClusterBackupPolicy' && name === standard.name) return undefined;
  const what = `ClusterBackupPolicy ${standard.name}, the standard that the plan of the contract names`;
  if (standard.policy === undefined) {
    const message = `Whether ${policyName(facts)} suffices is not known: ${what}, does not exist.`;
    return unknown('ClusterBackupPolicyNotFound', message);
  }
  const own = backupPlan(policy.spec, bounds, now);
  const floor = backupPlan(standard.policy.spec, bounds, now);
  // What cannot be read the parts say, or Ready of the standard.
  if (own.crons.length === 0 || floor.crons.length === 0) return undefined;
  const weak = weaknesses(policy.spec, own, standard.policy.spec, floor, now);
  if (weak.length === 0) return undefined;
  return broken('PolicyTooWeak', `${policyName(facts)} promises less than ${what}. ${weak.join(' ')}`);
}

type Compared = { readonly plan: BackupPlan; readonly than: BackupPlan; readonly weak: readonly string[] };

/** By the policy as it was read: its VMs share it, and each asks in every pass. A plan is read anew each day. */
const compared = new WeakMap<BackupPolicySpec, Compared>();

function weaknesses(
  spec: BackupPolicySpec,
  plan: BackupPlan,
  standard: BackupPolicySpec,
  than: BackupPlan,
  now: Date,
): readonly string[] {
  const known = compared.get(spec);
  if (known?.plan === plan && known.than === than) return known.weak;
  const weak = weakerThan({ spec, plan }, { spec: standard, plan: than }, new Date(startOfDay(now.getTime())));
  compared.set(spec, { plan, than, weak });
  return weak;
}
