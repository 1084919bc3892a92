import { Registry } from 'prom-client';
import { beforeEach, expect, it } from 'vitest';
import type { Incident, IncidentStatus } from '../api/incident.ts';
import type { KubeObject } from '../runtime/api/object.ts';
import { OpenIncidents } from './openincidents.ts';

const NOW = new Date('2026-12-01T12:00:00Z');
const seconds = (clock: string) => Date.parse(`2026-12-01T${clock}:00Z`) / 1000;

let registry: Registry;
let open: OpenIncidents;
beforeEach(() => {
  registry = new Registry();
  open = new OpenIncidents(registry, { now: () => NOW } as never);
});
const lines = async () => (await registry.metrics()).split('\n').filter(line => line !== '' && !line.startsWith('#'));

const due = (clock: string, breached = false) =>
  ({ target: '1h', state: 'Running', due: `2026-12-01T${clock}:00Z`, breached }) as const;
const stopped = { target: '1h', state: 'Stopped', breached: false, at: '2026-12-01T11:00:00Z' } as const;
function incident(uid: string, clock: string, status: Partial<IncidentStatus>, priority = 'P2'): Incident & KubeObject {
  return {
    ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'Incident' },
    metadata: { name: uid, namespace: 'acme', uid },
    spec: { detectedAt: `2026-12-01T${clock}:00Z`, rating: { priority, scope: 'OperatingSystem' } },
    status: { phase: 'New', ...status },
  } as unknown as Incident & KubeObject;
}

it('MO-6: tells how many incidents are open, whose time is over first, and since when the oldest waits', async () => {
  open.record(incident('a', '11:00', { response: due('12:30'), resolution: due('16:00') }));
  open.record(incident('b', '10:00', { response: due('11:30'), resolution: due('15:00') }));
  open.record(incident('c', '09:00', { phase: 'InProgress', response: stopped, resolution: due('11:00', true) }));
  const of = 'namespace="acme",priority="P2"';
  expect(await lines()).toEqual([
    `steward_incident_open{${of},scope="OperatingSystem",phase="New"} 2`,
    `steward_incident_open{${of},scope="OperatingSystem",phase="InProgress"} 1`,
    `steward_incident_due_timestamp_seconds{${of},clock="response"} ${seconds('11:30')}`,
    `steward_incident_due_timestamp_seconds{${of},clock="resolution"} ${seconds('11:00')}`,
    `steward_incident_overdue{${of},clock="response"} 1`,
    `steward_incident_overdue{${of},clock="resolution"} 1`,
    `steward_incident_oldest_unacknowledged_timestamp_seconds{${of}} ${seconds('10:00')}`,
  ]);
});

it('GE-4: a clock that stands because the customer is waited for has no end', async () => {
  const paused = { target: '4h', state: 'Paused', remaining: '3h', breached: false } as const;
  open.record(incident('a', '11:00', { phase: 'WaitingForCustomer', response: stopped, resolution: paused }));
  expect((await lines()).filter(line => line.includes('due'))).toEqual([
    'steward_incident_overdue{namespace="acme",priority="P2",clock="response"} 0',
    'steward_incident_overdue{namespace="acme",priority="P2",clock="resolution"} 0',
  ]);
});

it('MO-14: nothing is told any more of what is resolved, closed or gone', async () => {
  for (const uid of ['a', 'b', 'c']) open.record(incident(uid, '11:00', { response: due('12:30') }));
  open.record(incident('a', '11:00', { phase: 'Resolved', response: stopped }));
  open.record(incident('b', '11:00', { phase: 'Closed' }));
  open.forget('c');
  expect(await lines()).toEqual([]);
});

it('MO-14: a storm of 10 000 incidents has as many series as one', async () => {
  const status = { response: due('12:30'), resolution: due('16:00') };
  open.record(incident('first', '11:00', status));
  const one = (await lines()).length;
  for (let count = 0; count < 10_000; count += 1) open.record(incident(`uid-${count}`, '11:00', status));
  expect((await lines()).length).toBe(one);
});
