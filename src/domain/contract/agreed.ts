import type { BegunPlan, ContractSpec, PlanFromDay } from '../../api/contract.ts';
import type { ServicePlanSpec } from '../../api/serviceplan.ts';
import { planRevision } from './planrevision.ts';
import type { Readable } from './readable.ts';

/** The Contract whose an order's namespace is. */
export type NamedContract = {
  readonly name: string;
  readonly agreement: Readable<ContractSpec>;
  /** What the operator has noted of plans that have begun. */
  readonly begun: readonly BegunPlan[];
};

/** Why a plan cannot be worked by as a Contract names it. */
export type PlanProblem = {
  readonly reason: 'PlanNotFound' | 'InvalidPlan' | 'PlanOfAnotherLevel' | 'PlanNotYetValid' | 'PlanChanged';
  readonly message: string;
};

/** A plan as a Contract names it: what it says, or what is wrong with it. */
export type Agreed =
  | { readonly plan: ServicePlanSpec; readonly revision: string; readonly problem?: undefined }
  | { readonly plan?: undefined; readonly revision?: string; readonly problem: PlanProblem };

/**
 * What a Contract's entry comes to. `stored`: the plan of that name, undefined where there is none. `begun`: what the operator has noted of
 * entries that have begun: a plan that says something else since is told, and never worked by.
 */
export function agreed(
  entry: PlanFromDay,
  stored: Readable<ServicePlanSpec> | undefined,
  begun: readonly BegunPlan[],
): Agreed {
  const { level, plan: name, from } = entry;
  const pinned = begunAs(entry, begun)?.revision;
  const wrong = (reason: PlanProblem['reason'], what: string): Agreed => ({
    ...(pinned && { revision: pinned }),
    problem: { reason, message: `ServicePlan ${name}, which applies at ${level} from ${from} on, ${what}.` },
  });
  if (stored === undefined) return wrong('PlanNotFound', 'does not exist');
  const { spec } = stored;
  if (spec === undefined) return wrong('InvalidPlan', 'cannot be read');
  if (spec.serviceLevel !== level) return wrong('PlanOfAnotherLevel', `is one of ${spec.serviceLevel}`);
  if (spec.validFrom > from) return wrong('PlanNotYetValid', `is valid from ${spec.validFrom} on only`);
  const revision = planRevision(spec);
  if (pinned === undefined || pinned === revision) return { plan: spec, revision };
  return wrong('PlanChanged', `was made anew and says something else: ${revision} instead of ${pinned}`);
}

/** What was noted of an entry when it had begun. */
export function begunAs(entry: PlanFromDay, begun: readonly BegunPlan[]): BegunPlan | undefined {
  return begun.find(({ level, plan, from }) => level === entry.level && plan === entry.plan && from === entry.from);
}
