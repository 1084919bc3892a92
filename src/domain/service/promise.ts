import type { ManagedVM } from '../../api/managedvm.ts';
import { agreed, type NamedContract } from '../contract/agreed.ts';
import { unknown } from '../contract/finding.ts';
import { planAfter, planOn } from '../contract/plans.ts';
import { type Carried, NO_CHILDREN, type Said, type ServicePromise } from '../contract/promise.ts';
import { dayIn, startOfDay } from '../time/day.ts';
import type { OfService, ServiceFacts } from './facts.ts';
import { CONDITIONS, type ConditionType, REASONS, type Reason, type Verdict } from './reasons.ts';
import { termsOf } from './terms.ts';

type Status = NonNullable<ManagedVM['status']>['service'];
type Terms = { readonly verdict: Verdict; readonly service?: Status };

/** By which contract and plan the service is given, and so which numbers hold (GE-1). */
export const service: ServicePromise<OfService, ConditionType, Reason> = {
  conditions: CONDITIONS,
  reasons: REASONS,
  children: () => NO_CHILDREN,
  assess,
};

function assess({ managedVM, facts, now }: Carried<OfService>): Said<ConditionType, Reason> {
  const { unreadable } = facts.service;
  const terms = contracted(managedVM, facts.service, now);
  const told = unreadable.length > 0 ? managedVM.status?.service : terms.service;
  return {
    conditions: { Contracted: terms.verdict },
    findings: [],
    ...(told && { status: { service: told } }),
  };
}

function contracted({ metadata, spec }: ManagedVM, facts: ServiceFacts, now: Date): Terms {
  const { installed, contract } = facts;
  if (!installed) {
    return { verdict: unknown('ContractsNotInstalled', 'The kinds Contract and ServicePlan are not served.') };
  }
  if (contract === undefined) {
    const message = `No Contract names namespace ${metadata.namespace}: everything works, and no numbers are promised.`;
    return { verdict: { status: 'False', reason: 'NoContract', message } };
  }
  if (contract.agreement.spec === undefined) {
    const message = `Contract ${contract.name} names namespace ${metadata.namespace} and cannot be read: see its Ready.`;
    return { verdict: unknown('InvalidContract', message) };
  }
  const { plans, timeZone } = contract.agreement.spec;
  const { serviceLevel } = spec;
  const today = dayIn(timeZone, now);
  const next = planAfter(plans, serviceLevel, today);
  const terms = termsToday(contract, planOn(plans, serviceLevel, today), spec, facts);
  if (next === undefined) return terms;
  const { message } = terms.verdict;
  const verdict = {
    ...terms.verdict,
    message: `${message} From ${next.from} on ServicePlan ${next.plan}.`,
    nextEdge: startOfDay(next.from, timeZone),
  };
  return { ...terms, verdict };
}

/** By the entry of the contract that has begun last. */
function termsToday(
  { name: contract, begun }: NamedContract,
  entry: ReturnType<typeof planOn>,
  { serviceLevel }: ManagedVM['spec'],
  { plan: planOf }: ServiceFacts,
): Terms {
  if (entry === undefined) {
    const message = `Contract ${contract} names no ServicePlan that applies at ${serviceLevel} today.`;
    return { verdict: { status: 'False', reason: 'NoPlan', message } };
  }
  const { plan, revision, problem } = agreed(entry, planOf(entry.plan), begun);
  const pinned = revision === undefined ? {} : { planRevision: revision };
  const service = { contract, plan: entry.plan, since: entry.from, ...pinned };
  if (problem !== undefined) {
    const message = `Contract ${contract}: ${problem.message}`;
    const status = problem.reason === 'InvalidPlan' ? 'Unknown' : 'False';
    return { verdict: { status, reason: problem.reason, message }, service };
  }
  const message = `ServicePlan ${entry.plan} of Contract ${contract} applies at ${serviceLevel} since ${entry.from}: ${termsOf(plan)}.`;
  return { verdict: { status: 'True', reason: 'PlanApplies', message }, service };
}
