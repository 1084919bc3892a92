import { unknown } from '../contract/finding.ts';
import type { Carried, ServicePromise } from '../contract/promise.ts';
import { NO_CHILDREN } from '../contract/promise.ts';
import { entitlements } from '../contract/service-levels.ts';
import type { OfMachine } from '../machine/facts.ts';
import { CONDITIONS, type ConditionType, REASONS, type Reason, type Verdict } from './reasons.ts';

/** Patches are in time (MO-3). */
export const patching: ServicePromise<OfMachine, ConditionType, Reason> = {
  conditions: CONDITIONS,
  reasons: REASONS,
  children: () => NO_CHILDREN,
  assess: carried => ({ conditions: { PatchCompliant: patchCompliant(carried) }, findings: [] }),
};

function patchCompliant({ managedVM: { spec }, facts }: Carried<OfMachine>): Verdict {
  const { serviceLevel, patchPolicyRef } = spec;
  if (!entitlements(serviceLevel).patching) {
    return unknown('NotIncluded', `Service level ${serviceLevel} does not include patching (MO-3).`);
  }
  if (patchPolicyRef === undefined) {
    return unknown(
      'NoPatchPolicy',
      `Service level ${serviceLevel} includes patching (MO-3), but spec.patchPolicyRef names no policy.`,
    );
  }
  const { kind, name } = patchPolicyRef;
  const why = facts.machine.patchPolicyServed
    ? 'no patch state has been reported'
    : `the kind ${kind} is not served in this cluster`;
  return unknown('PatchingNotAvailable', `Whether ${kind} ${name} is kept cannot be known: ${why}.`);
}
