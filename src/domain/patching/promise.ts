import { earliest } from '../contract/condition.ts';
import { unknown } from '../contract/finding.ts';
import { type Carried, NO_CHILDREN, type Said, type ServicePromise } from '../contract/promise.ts';
import type { Compliance } from './compliant.ts';
import type { OfPatching } from './facts.ts';
import { planned } from './notice.ts';
import { patchState } from './patchstate.ts';
import { termsOf } from './policyfor.ts';
import { CONDITIONS, type ConditionType, REASONS, type Reason, type Verdict } from './reasons.ts';
import { lackingWords } from './scanned.ts';

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
    const lacking = problem.reason === 'NotIncluded' ? lackingWords(spec, facts.patching.updates, now) : undefined;
    const message = [problem.message, ...(lacking ? [lacking.said] : [])].join(' ');
    return {
      conditions: { PatchCompliant: unknown(problem.reason, message) },
      findings: [],
      nextEdge: lacking?.nextEdge,
      ...(!isKnown && status?.patching && { status: { patching: status.patching } }),
    };
  }
  const announced = terms.suspendedBy === undefined && spec.powerState === 'Running';
  const { patching, nextEdge } = planned(terms, facts.patching.changes(terms.policy), announced, now);
  const next = patching.nextWindow && new Date(patching.nextWindow.start);
  const state = patchState(managedVM, facts.patching, terms, next, now);
  return {
    conditions: { PatchCompliant: spec.powerState === 'Stopped' ? OFF : verdictOf(state.compliance) },
    findings: [],
    status: { patching: isKnown ? { ...patching, ...state.told } : (status?.patching ?? patching) },
    nextEdge: earliest(nextEdge, state.nextEdge, state.compliance.nextEdge),
  };
}

const OFF: Verdict = unknown('PoweredOff', 'The VM is powered off as ordered, so nothing is asked of its guest.');

function verdictOf({ status, reason, message }: Compliance): Verdict {
  return { status, reason, message };
}
