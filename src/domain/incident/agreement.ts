import type { ServiceLevel } from '../../api/common.ts';
import type { ServiceCalendarSpec } from '../../api/servicecalendar.ts';
import type { ServicePlanSpec } from '../../api/serviceplan.ts';
import { agreed, type NamedContract } from '../contract/agreed.ts';
import { planOn } from '../contract/plans.ts';
import type { Readable } from '../contract/readable.ts';
import { dayIn } from '../time/day.ts';
import type { AgreedTerms } from './facts.ts';

export type Ground = {
  /** Of the namespace, if there is one. */
  readonly contract: NamedContract | undefined;
  readonly plan: (name: string) => Readable<ServicePlanSpec> | undefined;
  readonly calendar: (name: string) => ServiceCalendarSpec | undefined;
};

/** What had been agreed on a system of a level when something was detected; what a plan says that cannot be worked by is none of it (GE-8). */
export function agreedAt(level: ServiceLevel | undefined, { contract, plan, calendar }: Ground, at: Date): AgreedTerms {
  const spec = contract?.agreement.spec;
  if (level === undefined || contract === undefined || spec === undefined) return {};
  const entry = planOn(spec.plans, level, dayIn(spec.timeZone, at));
  if (entry === undefined) return {};
  const { plan: says, revision } = agreed(entry, plan(entry.plan), contract.begun);
  if (says === undefined) return {};
  const hours = calendar(says.calendarRef);
  return {
    plan: { name: entry.plan, revision, spec: says },
    ...(hours && { calendar: { name: says.calendarRef, spec: hours } }),
  };
}
