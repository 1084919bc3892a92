import { describe, expect, it } from 'vitest';
import type { Incident, IncidentClock } from '../../api/incident.ts';
import { factsOf, managedVM, NOW } from '../managedvm/assessment.fixtures.ts';
import { alertSpec, incidentOf } from './incident.fixtures.ts';
import { incidentsInTime } from './intime.ts';
import { incident as promise } from './promise.ts';

const clock = (breached: boolean): IncidentClock => ({
  ...{ target: '1h', state: 'Running', due: '2026-12-01T12:00:00Z', breached },
});

function incident(name: string, breached: boolean, status: object = {}, alert: object = {}): Incident {
  const words = { type: 'InTime', status: 'False', reason: 'ResponseTooLate', message: 'Response took 2h of 1h.' };
  const made = incidentOf(alertSpec({}, { ...alert }), {
    ...{ phase: 'New', response: clock(breached), resolution: clock(false) },
    conditions: [{ ...words, status: breached ? 'False' : 'True', lastTransitionTime: '2026-12-01T12:00:01Z' }],
    ...status,
  });
  return { ...made, metadata: { ...made.metadata, name } };
}

describe('MO-6: IncidentsInTime', () => {
  it('is broken by one that is late, with its arithmetic, until it is closed', () => {
    expect(incidentsInTime([incident('inc-2', true, { phase: 'Resolved' }), incident('inc-1', false)])).toEqual({
      ...{ status: 'False', reason: 'IncidentsLate' },
      message: '1 of 2 incidents that are not closed is late. inc-2 (not rated): Response took 2h of 1h.',
    });
    expect(incidentsInTime([incident('inc-2', true, { phase: 'Closed' })])).toMatchObject({
      reason: 'NoOpenIncidents',
    });
  });

  it('says when the next time is over while all are in time', () => {
    expect(incidentsInTime([incident('inc-1', false)])).toEqual({
      ...{ status: 'True', reason: 'AllInTime' },
      message:
        '1 of 1 incidents that are not closed are in time: inc-1 (not rated). The next time is over at 2026-12-01T12:00:00Z.',
    });
  });

  it('counts none for which no times are promised, and no copy (GE-3)', () => {
    const free = incidentOf(alertSpec(), { phase: 'New' });
    expect(incidentsInTime([free, incidentOf(alertSpec(), {})])).toMatchObject({
      ...{ status: 'True', reason: 'NoOpenIncidents' },
      message: 'No incident is open whose time is promised. 1 more is open for which no times are promised.',
    });
  });

  it('does not count the incident of its own alert, which would keep itself open', () => {
    expect(incidentsInTime([incident('inc-1', true, {}, { name: 'ManagedVMIncidentsLate' })]).status).toBe('True');
  });

  it('names three of many, in one bounded message', () => {
    const many = Array.from({ length: 500 }, (_, index) => incident(`inc-${index}`, true));
    const { message } = incidentsInTime(many);
    expect(message).toContain('497 more are late.');
    expect(message.length).toBeLessThanOrEqual(1024);
  });

  it.each<['Admin' | 'MonitoringAndPatching', string]>([
    ['Admin', 'NotIncluded'],
    ['MonitoringAndPatching', 'IncidentsLate'],
  ])('at %s reads %s', (serviceLevel, reason) => {
    const order = managedVM({ serviceLevel });
    const facts = factsOf({ managedVM: order });
    const late = { ...facts, incident: { installed: true, unreadable: [], incidents: [incident('inc-1', true)] } };
    const said = promise.assess({ managedVM: order, facts: late, outcomes: [], blocked: false, now: NOW });
    expect(said.conditions.IncidentsInTime.reason).toBe(reason);
  });
});
