import { describe, expect, it } from 'vitest';
import type { Incident, IncidentStatus } from '../../api/incident.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { incidentNews } from './incidentnews.ts';

const detected = { at: '2026-11-30T19:00:00Z', what: 'Detected' } as const;

function incidentOf(status: Partial<IncidentStatus> = {}, spec: object = {}): Incident & KubeObject {
  return {
    ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'Incident' },
    metadata: { namespace: 'acme', name: 'inc-0123456789abcdef', uid: 'i-1' },
    spec: {
      subject: { kind: 'ManagedVM', name: 'shop-db', uid: 'u-1' },
      alert: {
        ...{
          name: 'ManagedVMServiceNotRunning',
          fingerprint: 'abc',
          startsAt: '2026-11-30T18:59:00Z',
          severity: 'critical',
        },
        summary: 'Service postgresql@17-main does not run',
      },
      detectedAt: '2026-11-30T19:00:00Z',
      proof: { verdict: 'Proven', at: '2026-11-30T19:00:00Z' },
      rating: {
        ...{ incident: 'i-1', impact: 2, urgency: 1, priority: 'P2', reason: 'It is down.' },
        ...{ scope: 'OperatingSystem', billing: 'Included' },
      },
      ...spec,
    } as Incident['spec'],
    status: { phase: 'InProgress', timeline: [detected], ...status },
  };
}

const kinds = (incident: Incident & KubeObject) => incidentNews(incident).news.map(({ kind }) => kind);

describe('MO-14, GE-4: an incident', () => {
  it('is news once it is rated, with its priority, what it is and by when it will be mended', () => {
    const response = { target: '1h', state: 'Running', due: '2026-11-30T20:00:00Z', breached: false } as const;
    const [news, ...more] = incidentNews(incidentOf({ response })).news;
    expect(more).toEqual([]);
    expect(news).toMatchObject({ kind: 'IncidentOpened', action: 'Opened', severity: 'Warning', roles: ['Technical'] });
    expect(news?.facts.map(({ name, value }) => `${name}: ${value}`)).toEqual([
      'system: ManagedVM shop-db',
      'priority: P2',
      'scope: OperatingSystem',
      'message: ManagedVMServiceNotRunning: Service postgresql@17-main does not run',
      'phase: InProgress',
      'since: 2026-11-30T19:00:00Z',
      'respondBy: 2026-11-30T20:00:00Z',
    ]);
  });

  it.each<[string, Incident & KubeObject]>([
    ['that nobody has rated', incidentOf({}, { rating: undefined })],
    ['that is a copy of another', { ...incidentOf(), metadata: { namespace: 'acme', name: 'inc-1', uid: 'i-2' } }],
    ['whose alert is none of ours', incidentOf({}, { proof: { verdict: 'Unproven', at: '2026-11-30T19:00:00Z' } })],
    [
      'that goes',
      { ...incidentOf(), metadata: { ...incidentOf().metadata, deletionTimestamp: '2026-11-30T19:00:00Z' } },
    ],
  ])('tells nobody anything %s', (_what, incident) => expect(kinds(incident)).toEqual([]));

  it('says what it needs of the customer, anew each time that it waits', () => {
    const handling = { waitingForCustomer: { reason: 'Which release?', by: 'kim' } };
    const wait = (at: string) =>
      incidentNews(
        incidentOf(
          { phase: 'WaitingForCustomer', timeline: [detected, { at, what: 'Waiting', by: 'kim' }] },
          { handling },
        ),
      ).news[1];
    expect(wait('2026-11-30T19:10:00Z')).toMatchObject({ kind: 'IncidentWaiting', action: 'Changed' });
    expect(wait('2026-11-30T19:10:00Z')?.facts).toContainEqual({ name: 'reason', value: 'Which release?' });
    expect(wait('2026-11-30T19:20:00Z')?.occasion).not.toBe(wait('2026-11-30T19:10:00Z')?.occasion);
  });

  it('is out of time once for each clock, while it runs and when it is stopped', () => {
    const running = { target: '1h', state: 'Running', due: '2026-11-30T20:00:00Z', breached: true } as const;
    const stopped = {
      target: '1h',
      state: 'Stopped',
      at: '2026-11-30T21:00:00Z',
      elapsed: '2h',
      breached: true,
    } as const;
    const [, first] = incidentNews(incidentOf({ response: running })).news;
    const [, second, third] = incidentNews(incidentOf({ response: stopped, resolution: running })).news;
    expect([first, second, third].map(each => [each?.kind, each?.occasion])).toEqual([
      ['IncidentBreached', 'Response'],
      ['IncidentBreached', 'Response'],
      ['IncidentBreached', 'Resolution'],
    ]);
    expect(first).toMatchObject({ severity: 'Critical', action: 'Changed' });
  });

  it('ends its topic when it is resolved, and opens it again', () => {
    const resolved = { at: '2026-11-30T20:00:00Z', what: 'Resolved', why: 'Restarted' } as const;
    const reopened = { at: '2026-11-30T21:00:00Z', what: 'Reopened' } as const;
    const ended = incidentNews(incidentOf({ phase: 'Resolved', timeline: [detected, resolved] })).news;
    expect(ended.map(({ kind, action }) => [kind, action])).toEqual([
      ['IncidentOpened', 'Opened'],
      ['IncidentResolved', 'Ended'],
    ]);
    expect(new Set(ended.map(({ topic }) => topic)).size).toBe(1);
    expect(ended[1]?.facts).toContainEqual({ name: 'cause', value: 'Restarted' });
    const again = incidentNews(incidentOf({ timeline: [detected, resolved, reopened] })).news;
    expect(again.map(({ kind, occasion }) => [kind, occasion])).toEqual([
      ['IncidentOpened', 'Detected'],
      ['IncidentOpened', '2026-11-30T21:00:00Z'],
    ]);
  });
});
