import { unknown } from '../contract/finding.ts';
import { type Carried, NO_CHILDREN, type Said, type ServicePromise } from '../contract/promise.ts';
import { entitlements } from '../contract/service-levels.ts';
import type { OfIncident } from './facts.ts';
import { incidentsInTime } from './intime.ts';
import { openIncidents } from './openincidents.ts';
import { CONDITIONS, type ConditionType, REASONS, type Reason, type Verdict } from './reasons.ts';

/** Whether what does not work is handled in time (MO-6, MO-14). */
export const incident: ServicePromise<OfIncident, ConditionType, Reason> = {
  conditions: CONDITIONS,
  reasons: REASONS,
  children: () => NO_CHILDREN,
  assess: carried => {
    const incidents = openIncidents(carried.facts.incident.incidents);
    const conditions = { IncidentsInTime: inTime(carried) };
    return { conditions, findings: [], ...(incidents && { status: { incidents } }) } satisfies Said;
  },
};

function inTime({ managedVM: { spec, status }, facts }: Carried<OfIncident>): Verdict {
  if (entitlements(spec.serviceLevel).incidentHandling === 'None')
    return unknown('NotIncluded', `${spec.serviceLevel} does not include incident handling (MO-6).`);
  if (!facts.incident.installed) return unknown('IncidentsNotInstalled', 'The kind Incident is not served.');
  return incidentsInTime(facts.incident.incidents, facts.incident.reception, status?.conditions);
}
