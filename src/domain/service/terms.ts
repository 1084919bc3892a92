import type { ServicePlanSpec } from '../../api/serviceplan.ts';
import { PRIORITIES } from '../../api/serviceplan.ts';

/** What a plan promises, in words for its customer. Prices are not among them: who may see a system need not see what it costs. */
export function termsOf({ availability, incidents, patching, backup, calendarRef }: ServicePlanSpec): string {
  const all = [
    availability && `available ${availability.target} % of a month`,
    incidents && `incidents begun and resolved within ${timesOf(incidents)} (hours of ServiceCalendar ${calendarRef})`,
    patching && `patches installed within ${deadlinesOf(patching)}`,
    backup &&
      `backups, where ordered, lose at most ${backup.recoveryPointObjective} and are restored within ${backup.recoveryTimeObjective}`,
  ].filter(part => part !== undefined);
  return all.length === 0 ? 'no times are promised' : all.join('; ');
}

function timesOf({ priorities }: NonNullable<ServicePlanSpec['incidents']>): string {
  return PRIORITIES.map(
    priority => `${priority} ${priorities[priority].response} and ${priorities[priority].resolution}`,
  ).join(', ');
}

function deadlinesOf({ deadlines }: NonNullable<ServicePlanSpec['patching']>): string {
  return `${deadlines.Critical} (critical), ${deadlines.Important} (important), ${deadlines.Other} (others)`;
}
