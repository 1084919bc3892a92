import {
  type BegunPlan,
  type Contract,
  ContractSpec,
  type ContractStatus,
  type PlanFromDay,
} from '../../api/contract.ts';
import type { ServicePlanSpec } from '../../api/serviceplan.ts';
import { agreed, begunAs, type PlanProblem } from '../contract/agreed.ts';
import { type ConditionInput, earliest } from '../contract/condition.ts';
import { holderOf } from '../contract/customer.ts';
import { cut } from '../contract/excerpt.ts';
import { type Readable, readable } from '../contract/readable.ts';
import type { Unreadable } from '../contract/unreadable.ts';
import { dayIn, startOfDay } from '../time/day.ts';
import { type Assessment, notReadable, observed, stalled } from './policystatus.ts';

export type ContractFacts = {
  readonly contract: Contract;
  /** All Contracts that name a namespace, this one among them. */
  readonly claimants: (namespace: string) => readonly Contract[];
  readonly namespaceExists: (name: string) => boolean;
  /** What a ServicePlan says; undefined where there is none of that name. */
  readonly plan: (name: string) => Readable<ServicePlanSpec> | undefined;
  /** A kind that cannot be read and without which nothing can be said. */
  readonly unreadable?: Unreadable | undefined;
  readonly now: Date;
};

/** Whether what a Contract names is there and its own, and which of its plans have begun (GE-1, GE-4). */
export function assessContract(facts: ContractFacts): Assessment<ContractStatus> {
  const { contract, unreadable, now } = facts;
  const seen = observed(contract.metadata.generation);
  const noted = contract.status?.plans ?? [];
  const { spec, problem } = readable(ContractSpec, contract.spec);
  if (spec === undefined) {
    return { status: withBegun(seen, noted), conditions: stalled('InvalidContract', cut(`${problem}.`, 300)) };
  }
  const today = dayIn(spec.timeZone, now);
  const begun = unreadable ? noted : begunOf(spec.plans, noted, today, facts);
  const nextEdge = earliest(
    ...spec.plans.filter(({ from }) => from > today).map(({ from }) => startOfDay(from, spec.timeZone)),
  );
  return {
    status: withBegun(seen, begun),
    conditions: unreadable ? notReadable(unreadable) : readiness(spec, begun, facts),
    ...(nextEdge && { nextEdge }),
  };
}

/** What has begun, with what its plan says now: later it is held to that. What was noted before stays, as long as it is agreed. */
function begunOf(
  plans: readonly PlanFromDay[],
  noted: readonly BegunPlan[],
  today: string,
  { plan }: ContractFacts,
): readonly BegunPlan[] {
  return plans
    .filter(({ from }) => from <= today)
    .flatMap(entry => {
      const before = begunAs(entry, noted);
      if (before !== undefined) return [before];
      const { revision, problem } = agreed(entry, plan(entry.plan), []);
      return problem === undefined ? [{ ...entry, revision }] : [];
    });
}

function withBegun(
  seen: { readonly observedGeneration?: number },
  begun: readonly BegunPlan[],
): Assessment<ContractStatus>['status'] {
  return { ...seen, ...(begun.length > 0 && { plans: [...begun] }) };
}

function readiness(spec: ContractSpec, begun: readonly BegunPlan[], facts: ContractFacts): ConditionInput[] {
  const taken = namespacesTaken(spec, facts);
  if (taken !== undefined) return stalled('NamespaceTaken', taken);
  const problems = spec.plans.flatMap(entry => agreed(entry, facts.plan(entry.plan), begun).problem ?? []);
  const [first] = problems;
  if (first !== undefined) return stalled(first.reason, said(problems));
  return [{ type: 'Ready', status: 'True', reason: 'InForce', message: inForce(spec, facts) }];
}

function namespacesTaken({ namespaces }: ContractSpec, { contract, claimants }: ContractFacts): string | undefined {
  const others = namespaces.flatMap(namespace => {
    const holder = holderOf(claimants(namespace));
    return holder === undefined || holder.metadata.name === contract.metadata.name
      ? []
      : [`${namespace} (Contract ${holder.metadata.name})`];
  });
  if (others.length === 0) return undefined;
  return `${few(others)} belonged to another Contract first, and so not to this one: take each out of one of the two.`;
}

function inForce({ customer, namespaces, plans }: ContractSpec, { namespaceExists }: ContractFacts): string {
  const missing = namespaces.filter(namespace => !namespaceExists(namespace));
  const there = `${namespaces.length - missing.length} of ${namespaces.length} namespaces of ${customer} are there`;
  const not = missing.length === 0 ? '' : `, not yet: ${few(missing)}`;
  const names = [...new Set(plans.map(({ plan }) => plan))];
  return `${there}${not}; all ServicePlans that it names are as agreed: ${few(names)}.`;
}

function said(problems: readonly PlanProblem[]): string {
  const messages = problems.slice(0, 3).map(({ message }) => message);
  return [...messages, ...(problems.length > 3 ? [`${problems.length - 3} more are not as agreed.`] : [])].join(' ');
}

/** At most ten. */
function few(names: readonly string[]): string {
  return `${names.slice(0, 10).join(', ')}${names.length > 10 ? ` and ${names.length - 10} more` : ''}`;
}
