import { unknown } from '../contract/finding.ts';
import { type Carried, NO_CHILDREN, type Said, type ServicePromise } from '../contract/promise.ts';
import type { OfPatching } from './facts.ts';
import { planned } from './notice.ts';
import { termsOf } from './policyfor.ts';
import { CONDITIONS, type ConditionType, REASONS, type Reason, type Verdict } from './reasons.ts';
import type { PatchTerms } from './terms.ts';

/** Patches are in time (MO-3). */
export const patching: ServicePromise<OfPatching, ConditionType, Reason> = {
  conditions: CONDITIONS,
  reasons: REASONS,
  children: () => NO_CHILDREN,
  assess,
};

function assess({ managedVM, facts, now }: Carried<OfPatching>): Said<ConditionType, Reason> {
  const { status, spec } = managedVM;
  const { terms, problem } = termsOf(managedVM, facts.patching, now);
  const isKnown = facts.patching.unreadable.length === 0;
  if (terms === undefined) {
    return {
      conditions: { PatchCompliant: unknown(problem.reason, problem.message) },
      findings: [],
      ...(!isKnown && status?.patching && { status: { patching: status.patching } }),
    };
  }
  const { patching, nextEdge } = planned(terms, terms.suspendedBy === undefined && spec.powerState === 'Running', now);
  return {
    conditions: { PatchCompliant: compliance(terms) },
    findings: [],
    status: { patching: isKnown ? patching : (status?.patching ?? patching) },
    nextEdge,
  };
}

/** Nobody has looked yet. */
function compliance({ policy: { kind, name } }: PatchTerms): Verdict {
  const message = `Whether ${kind} ${name} is kept cannot be known: no patch state has been reported.`;
  return unknown('PatchingNotAvailable', message);
}
