import type { ServiceLevel } from '../../api/common.ts';
import type { ServicePlanSpec } from '../../api/serviceplan.ts';
import { agreed, type NamedContract } from './agreed.ts';
import { planOn } from './plans.ts';
import type { Readable } from './readable.ts';

/** What was agreed on the systems of a namespace. */
export type Agreement = {
  readonly contract: NamedContract | undefined;
  /** By name; undefined where there is none. */
  readonly plan: (name: string) => Readable<ServicePlanSpec> | undefined;
};

/** The plan by which a level is served; undefined where none is agreed, or what there is cannot be worked by. `today`: the day that it is in a zone. */
export function planInForce(
  level: ServiceLevel,
  { contract, plan }: Agreement,
  today: (timeZone: string) => string,
): ServicePlanSpec | undefined {
  const spec = contract?.agreement.spec;
  if (contract === undefined || spec === undefined) return undefined;
  const entry = planOn(spec.plans, level, today(spec.timeZone));
  return entry && agreed(entry, plan(entry.plan), contract.begun).plan;
}
