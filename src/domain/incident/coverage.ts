import type { IncidentRating } from '../../api/incident.ts';
import { entitlements } from '../contract/service-levels.ts';
import { isOpen } from '../time/businesstime.ts';
import type { AgreedTerms, SubjectFacts } from './facts.ts';
import type { Scoped } from './scope.ts';

/** When an incident is handled without anybody asking, and whether that is included. */
export type Coverage = {
  /** None: only on order. */
  readonly hours: 'None' | 'CoreHours' | 'Always';
  readonly billing: IncidentRating['billing'];
  readonly why: string;
};

/** Whether all of it is not there, and by which alert that is told. */
type Broken = { readonly isDown: boolean; readonly alert: string | undefined };

type Hours = Coverage['hours'];

/** AP-3, AP-4: when incidents of an application are handled. */
const OF_APPLICATION = { Basic: 'None', Advanced: 'CoreHours', Expert: 'Always' } as const;

/**
 * MO-6, AP-3, AP-4, GE-3: by the level of what is concerned. A fault of the system that takes an Expert application down runs by the application's clock; what
 * of it is beyond the VM's level is by effort.
 */
export function coverageOf(
  facts: SubjectFacts,
  { scope, level }: Scoped,
  { isDown, alert }: Broken,
  agreed: AgreedTerms,
  detectedAt: Date,
): Coverage {
  if (scope === 'Customer')
    return {
      hours: 'None',
      billing: 'ByEffort',
      why: 'what the customer runs is mended only on order, by effort (GE-3)',
    };
  if (facts.kind === 'ManagedApplication')
    return byLevel(OF_APPLICATION[facts.level], `${facts.level} of the application`);
  const own = entitlements(facts.level).incidentHandling;
  const expert = facts.applications
    .filter(each => each.level === 'Expert')
    .find(({ remedied }) => isDown || remedied.some(each => each === alert));
  if (scope === 'Application')
    return level === undefined
      ? byLevel(ofApplications(facts), 'the level of the application')
      : byLevel(OF_APPLICATION[level], `${level} of the application`);
  if (expert === undefined || own === 'Always') return byLevel(own, `level ${facts.level}`);
  const isCore = agreed.calendar !== undefined && isOpen(agreed.calendar.spec, detectedAt);
  const isIncluded = own === 'CoreHours' && isCore;
  return {
    hours: 'Always',
    billing: isIncluded ? 'Included' : 'ByEffort',
    why: `it takes ManagedApplication ${expert.name} of level Expert down${isDown ? '' : ', or is about to,'} and runs by its clock${isIncluded ? '' : `; this work is beyond level ${facts.level} of the VM and billed by effort (GE-3)`}`,
  };
}

function byLevel(hours: Hours, level: string): Coverage {
  if (hours === 'None')
    return { hours, billing: 'ByEffort', why: `${level} does not include it: what is done is billed by effort (GE-3)` };
  const when = hours === 'Always' ? 'at every hour' : 'in core hours';
  return { hours, billing: 'Included', why: `${level} includes it ${when}` };
}

function ofApplications(facts: Extract<SubjectFacts, { readonly kind: 'ManagedVM' }>): Hours {
  const hours = facts.applications.map(({ level }) => OF_APPLICATION[level]);
  return (['Always', 'CoreHours'] as const).find(each => hours.includes(each)) ?? 'None';
}
