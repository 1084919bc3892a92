import type { PlanFromDay } from '../../api/contract.ts';
import { type ServicePlan, ServicePlanSpec, type ServicePlanStatus } from '../../api/serviceplan.ts';
import { cut } from '../contract/excerpt.ts';
import { planRevision } from '../contract/planrevision.ts';
import { readable } from '../contract/readable.ts';
import type { Unreadable } from '../contract/unreadable.ts';
import { type Assessment, notReadable, observed, stalled } from './policystatus.ts';

export type PlanFacts = {
  readonly plan: ServicePlan;
  /** What each Contract that names it says of it. */
  readonly uses: readonly (readonly PlanFromDay[])[];
  readonly calendarExists: (name: string) => boolean;
  /** A kind that cannot be read and without which nothing can be said. */
  readonly unreadable?: Unreadable | undefined;
};

/** Whether a ServicePlan can be worked by, what it says as a hash, and who uses it (GE-1). */
export function assessServicePlan({
  plan,
  uses,
  calendarExists,
  unreadable,
}: PlanFacts): Assessment<ServicePlanStatus> {
  const [usedFrom] = uses.flatMap(entries => entries.map(({ from }) => from)).sort();
  const used = { contracts: uses.length, ...(usedFrom !== undefined && { usedFrom }) };
  const seen = { ...observed(plan.metadata.generation), ...used };
  const { spec, problem } = readable(ServicePlanSpec, plan.spec);
  if (spec === undefined) return { status: seen, conditions: stalled('InvalidPlan', cut(`${problem}.`, 300)) };
  return {
    status: { ...seen, revision: planRevision(spec) },
    conditions: unreadable ? notReadable(unreadable) : readiness(spec, calendarExists),
  };
}

function readiness(
  { calendarRef, serviceLevel, validFrom, prices }: ServicePlanSpec,
  exists: PlanFacts['calendarExists'],
) {
  if (!exists(calendarRef)) {
    return stalled(
      'CalendarNotFound',
      `There is no ServiceCalendar ${calendarRef}: its hours are those in which times are counted.`,
    );
  }
  const fee = `${prices.perMonth} ${prices.currency} a system and month`;
  const message = `It may apply at ${serviceLevel} from ${validFrom} on, for ${fee}; times are counted in the hours of ServiceCalendar ${calendarRef}.`;
  return [{ type: 'Ready', status: 'True', reason: 'Published', message } as const];
}
