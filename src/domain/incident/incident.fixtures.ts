import {
  type Incident,
  type IncidentEvent,
  IncidentSpec,
  type IncidentTerms,
  type TimelineEntry,
} from '../../api/incident.ts';
import type { ServiceCalendarSpec } from '../../api/servicecalendar.ts';
import { planSpec } from '../contract/plan.fixtures.ts';
import { planRevision } from '../contract/planrevision.ts';
import { calendarOf } from '../time/calendar.fixtures.ts';
import { revisionOf } from '../time/calendarrevision.ts';
import type { AgreedTerms, SubjectFacts } from './facts.ts';

export const VM_UID = '6c0b4b5c-0000-4000-8000-000000000001';
export const INCIDENT_UID = '6c0b4b5c-0000-4000-8000-0000000000ff';

type Fields = Readonly<Record<string, unknown>>;

/** An incident of an alert, at noon of a Tuesday. */
export function alertSpec(spec: Fields = {}, alert: Fields = {}): IncidentSpec {
  return IncidentSpec.parse({
    subject: { kind: 'ManagedVM', name: 'shop', uid: VM_UID },
    alert: {
      ...{ name: 'ManagedVMServiceNotRunning', fingerprint: 'abcdef0123456789', severity: 'critical' },
      startsAt: '2026-12-01T11:00:00Z',
      labels: [{ name: 'service', value: 'ssh' }],
      ...alert,
    },
    detectedAt: '2026-12-01T11:00:00Z',
    proof: { verdict: 'Proven', at: '2026-12-01T11:00:05Z' },
    ...spec,
  });
}

export function reportSpec(spec: Fields = {}, report: Fields = {}): IncidentSpec {
  return IncidentSpec.parse({
    subject: { kind: 'ManagedVM', name: 'shop' },
    report: { by: 'anna', text: 'The shop is slow', ...report },
    ...spec,
  });
}

export function incidentOf(spec: IncidentSpec, status?: Incident['status']): Incident {
  return {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'Incident',
    metadata: {
      ...{ name: 'inc-1', namespace: 'acme', uid: INCIDENT_UID, generation: 1 },
      creationTimestamp: '2026-12-01T11:00:02Z',
    },
    spec,
    ...(status && { status }),
  };
}

/** Terms in core hours of the service description; `always`: at every hour. */
export function termsOf(
  response: string,
  resolution: string,
  calendar: ServiceCalendarSpec | 'always' = calendarOf(),
): IncidentTerms {
  return {
    plan: { name: 'advanced-2026', revision: `sha256:${'0'.repeat(64)}` },
    ...(calendar !== 'always' && {
      calendar: { name: 'lower-saxony', revision: revisionOf(calendar), spec: calendar },
    }),
    ...{ response, resolution },
  };
}

/** What happened, as pairs of instant and event. */
export function timelineOf(...events: readonly (readonly [string, IncidentEvent])[]): TimelineEntry[] {
  return events.map(([at, what]) => ({ at, what }));
}

export function agreedTerms(plan: Fields = {}): AgreedTerms {
  const spec = planSpec(plan);
  return {
    plan: { name: 'advanced-2026', revision: planRevision(spec), spec },
    calendar: { name: 'lower-saxony', spec: calendarOf() },
  };
}

export function vmFacts(facts: Partial<Extract<SubjectFacts, { readonly kind: 'ManagedVM' }>> = {}): SubjectFacts {
  return { kind: 'ManagedVM', level: 'AdvancedMonitoringAndPatching', family: 'Linux', applications: [], ...facts };
}
