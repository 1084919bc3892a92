import { describe, expect, it } from 'vitest';
import type { Incident, IncidentClock } from '../../api/incident.ts';
import { factsOf, managedVM, NOW } from '../managedvm/assessment.fixtures.ts';
import { alertSpec, incidentOf } from './incident.fixtures.ts';
import { incidentsInTime } from './intime.ts';
import { incident as promise } from './promise.ts';
import type { Reception } from './reception.ts';

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

const inTime = (incidents: readonly Incident[], reception: Reception = { state: 'heard' }, before?: string) =>
  incidentsInTime(
    incidents,
    reception,
    before === undefined ? undefined : [{ type: 'IncidentsInTime', reason: before, message: 'As before.' }],
  );

describe('MO-6: IncidentsInTime', () => {
  it('is broken by one that is late, with its arithmetic, until it is closed', () => {
    expect(inTime([incident('inc-2', true, { phase: 'Resolved' }), incident('inc-1', false)])).toEqual({
      ...{ status: 'False', reason: 'IncidentsLate' },
      message: '1 of 2 incidents that are not closed is late. inc-2 (not rated): Response took 2h of 1h.',
    });
    expect(inTime([incident('inc-2', true, { phase: 'Closed' })])).toMatchObject({
      reason: 'NoOpenIncidents',
    });
  });

  it('says when the next time is over while all are in time', () => {
    expect(inTime([incident('inc-1', false)])).toEqual({
      ...{ status: 'True', reason: 'AllInTime' },
      message:
        '1 of 1 incidents that are not closed are in time: inc-1 (not rated). The next time is over at 2026-12-01T12:00:00Z.',
    });
  });

  it('counts none for which no times are promised, and no copy (GE-3)', () => {
    const free = incidentOf(alertSpec(), { phase: 'New' });
    expect(inTime([free, incidentOf(alertSpec(), {})])).toMatchObject({
      ...{ status: 'True', reason: 'NoOpenIncidents' },
      message: 'No incident is open whose time is promised. 1 more is open for which no times are promised.',
    });
  });

  it('does not count the incident of its own alert, which would keep itself open', () => {
    expect(inTime([incident('inc-1', true, {}, { name: 'ManagedVMIncidentsLate' })]).status).toBe('True');
  });

  it('names three of many, in one bounded message', () => {
    const many = Array.from({ length: 500 }, (_, index) => incident(`inc-${index}`, true));
    const { message } = inTime(many);
    expect(message).toContain('497 more are late.');
    expect(message.length).toBeLessThanOrEqual(1024);
  });

  it.each<['Admin' | 'MonitoringAndPatching', string]>([
    ['Admin', 'NotIncluded'],
    ['MonitoringAndPatching', 'IncidentsLate'],
  ])('at %s reads %s', (serviceLevel, reason) => {
    const order = managedVM({ serviceLevel });
    const facts = factsOf({ managedVM: order });
    const late = { ...facts, incident: { ...facts.incident, incidents: [incident('inc-1', true)] } };
    const said = promise.assess({ managedVM: order, facts: late, outcomes: [], blocked: false, now: NOW });
    expect(said.conditions.IncidentsInTime.reason).toBe(reason);
  });

  const silent: Reception = { state: 'silent', message: 'The receiver of alerts is not heard.' };
  const undecided: Reception = { state: 'undecided' };
  const open = [incident('inc-1', false)];
  it.each<[string, Reception, readonly Incident[], string | undefined, string]>([
    ['there is none', { state: 'heard' }, [], undefined, 'True/NoOpenIncidents'],
    ['nobody hears alerts', silent, [], 'NoOpenIncidents', 'Unknown/AlertsNotHeard'],
    ['nobody hears alerts, and a known one is in time', silent, open, 'AllInTime', 'Unknown/AlertsNotHeard'],
    [
      'nobody hears alerts, and a known one is late',
      silent,
      [incident('inc-1', true)],
      undefined,
      'False/IncidentsLate',
    ],
    ['nobody has looked yet, after a restart', undecided, open, 'AllInTime', 'True/AllInTime'],
    [
      'nobody has looked yet, after a restart amid silence',
      undecided,
      open,
      'AlertsNotHeard',
      'Unknown/AlertsNotHeard',
    ],
    ['nobody has looked yet, at a new VM', undecided, [], undefined, 'Unknown/AlertsNotHeard'],
  ])('where %s', (_, reception, incidents, before, verdict) => {
    const { status, reason } = inTime(incidents, reception, before);
    expect(`${status}/${reason}`).toBe(verdict);
  });

  it('says while nobody hears alerts what is known nevertheless', () => {
    expect(inTime(open, silent).message).toBe(
      'The receiver of alerts is not heard. 1 of 1 incidents that are not closed are in time: inc-1 (not rated). The next time is over at 2026-12-01T12:00:00Z.',
    );
  });
});
