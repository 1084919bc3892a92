import { describe, expect, it } from 'vitest';
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { MaintenanceWindow } from '../../api/maintenancewindow.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { changeOf } from '../change/change.fixtures.ts';
import { changeNews } from './changenews.ts';
import { isCurrent, type News } from './news.ts';
import { promiseNews } from './promisenews.ts';
import { assessWindow } from './window.fixtures.ts';
import { windowNews } from './windownews.ts';

const NOW = new Date('2026-11-30T20:00:00Z');
const told = ({ facts }: News, name: string) => facts.find(each => each.name === name)?.value;
const only = ({ news }: { readonly news: readonly News[] }): News => {
  const [first, ...more] = news;
  if (first === undefined || more.length > 0) throw new Error(`${news.length} news`);
  return first;
};

describe('GE-4: a change that waits for a decision', () => {
  const waiting = (status: object = {}, spec: object = {}) =>
    ({
      ...changeOf(spec),
      status: {
        observedGeneration: 1,
        planHash: 'sha256:1',
        waitingFor: {
          what: 'Agreement',
          whom: ['Customer'],
          since: '2026-11-30T19:00:00Z',
          until: '2026-12-01T19:00:00Z',
        },
        ...status,
      },
    }) as ChangeRequest & KubeObject;

  it('is news to the Approvers of the customer, with what, until when and on which plan', () => {
    const news = only(changeNews(waiting(), NOW));
    expect(news).toMatchObject({ kind: 'DecisionNeeded', roles: ['Approver'], action: 'Opened' });
    expect(['title', 'system', 'step', 'decideBy', 'planHash'].map(name => told(news, name))).toEqual([
      'Grow the data disk',
      'ManagedVM shop-db',
      'Agreement',
      '2026-12-01T19:00:00Z',
      'sha256:1',
    ]);
    expect(news.until.toISOString()).toBe('2026-12-01T19:00:00.000Z');
  });

  it('is no matter of the customer where the provider alone decides', () => {
    const whom = { what: 'Agreement', whom: ['Provider'], since: '2026-11-30T19:00:00Z' };
    expect(only(changeNews(waiting({ waitingFor: whom }), NOW)).roles).toEqual([]);
  });

  it('is other news for another plan, and the same for the same whoever looks later', () => {
    const first = only(changeNews(waiting(), NOW));
    const later = only(changeNews(waiting(), new Date('2026-11-30T23:00:00Z')));
    const other = only(changeNews(waiting({ planHash: 'sha256:2' }), NOW));
    expect(later).toEqual(first);
    expect(other.occasion).not.toBe(first.occasion);
    expect(other.topic).toBe(first.topic);
  });

  it.each([
    ['that waits for work only', { waitingFor: { what: 'Work', whom: ['Provider'], since: '2026-11-30T19:00:00Z' } }],
    ['that nobody has judged as it is now', { observedGeneration: 0 }],
    ['that waits for nobody', { waitingFor: undefined }],
  ])('is no news of one %s', (_what, status) => {
    expect(changeNews(waiting(status), NOW).news).toEqual([]);
  });
});

describe('GE-4: agreed work', () => {
  const agreed = (since: string, spec: object = {}) =>
    ({
      ...changeOf(spec),
      status: {
        observedGeneration: 1,
        planHash: 'sha256:1',
        window: { notBefore: '2026-12-10T20:00:00Z', notAfter: '2026-12-10T22:00:00Z' },
        conditions: [{ type: 'Agreed', status: 'True', lastTransitionTime: since, reason: 'Agreed', message: '' }],
      },
    }) as ChangeRequest & KubeObject;

  it('is news 72 hours before it begins, to Approvers and Technical, until it begins', () => {
    const news = only(changeNews(agreed('2026-11-30T19:00:00Z'), NOW));
    expect(news).toMatchObject({ kind: 'WindowAhead', roles: ['Approver', 'Technical'] });
    expect(news.at.toISOString()).toBe('2026-12-07T20:00:00.000Z');
    expect(isCurrent(news, new Date('2026-12-07T19:59:59Z'))).toBe(false);
    expect(isCurrent(news, new Date('2026-12-07T20:00:00Z'))).toBe(true);
    expect(isCurrent(news, new Date('2026-12-10T20:00:00Z'))).toBe(false);
    expect(changeNews(agreed('2026-11-30T19:00:00Z'), NOW).nextEdge).toEqual(news.at);
  });

  it('is news at once where it was agreed to later than that', () => {
    expect(only(changeNews(agreed('2026-12-09T00:00:00Z'), NOW)).at.toISOString()).toBe('2026-12-09T00:00:00.000Z');
  });

  it('is none once it has a result', () => {
    const result = { outcome: 'Succeeded', finishedAt: '2026-12-10T21:00:00Z', by: 'kim' };
    expect(changeNews(agreed('2026-11-30T19:00:00Z', { result }), NOW).news).toEqual([]);
  });
});

describe('MO-4, GE-4: a maintenance window', () => {
  const use = { usedBy: ['PatchPolicy nights'], systems: ['shop-db', 'shop-web'] };
  const ask = (window: MaintenanceWindow & KubeObject, used = use) => windowNews(window, used, NOW).news;

  it('is news 72 hours before it opens, with its hours, why and the systems', () => {
    const [first, ...more] = ask(assessWindow({ schedule: '0 2 * * 2' }, NOW));
    expect(more).toHaveLength(4);
    expect(first?.until.toISOString()).toBe('2026-12-01T01:00:00.000Z');
    expect(first?.at.toISOString()).toBe('2026-11-28T01:00:00.000Z');
    expect(first?.facts).toEqual([
      { name: 'window', value: 'nights' },
      { name: 'opensAt', value: '2026-12-01T01:00:00Z' },
      { name: 'closesAt', value: '2026-12-01T05:00:00Z' },
      { name: 'usedBy', value: 'PatchPolicy nights' },
      { name: 'systems', value: 'shop-db, shop-web' },
    ]);
  });

  it('that opens every night is told once a week, with its schedule', () => {
    const nightly = assessWindow({ schedule: '0 2 * * *' }, new Date('2026-12-02T20:00:00Z'));
    const news = windowNews(nightly, use, new Date('2026-12-02T20:00:00Z')).news;
    expect(news.map(({ occasion }) => occasion)).toEqual(['week 2969', 'week 2970']);
    expect(news.map(each => told(each, 'schedule'))).toEqual([
      '0 2 * * * (Europe/Berlin)',
      '0 2 * * * (Europe/Berlin)',
    ]);
    const nextNight = assessWindow({ schedule: '0 2 * * *' }, new Date('2026-12-03T20:00:00Z'));
    expect(windowNews(nextNight, use, NOW).news[0]).toMatchObject({
      topic: news[0]?.topic,
      occasion: news[0]?.occasion,
    });
  });

  it('in which nothing would be done is none', () => {
    expect(ask(assessWindow({ schedule: '0 2 * * 2' }, NOW), { usedBy: [], systems: [] })).toEqual([]);
  });

  it('names no more than 20 systems, and says how many more there are', () => {
    const systems = Array.from({ length: 300 }, (_, index) => `vm-${String(index).padStart(3, '0')}`);
    const [first] = ask(assessWindow({ schedule: '0 2 * * 2' }, NOW), { ...use, systems });
    expect(first && told(first, 'systems')).toMatch(/^vm-000, .*vm-019, … \(\+280\)$/);
  });
});

describe('GE-4: a promise', () => {
  const vm = (status: string, since: string, message = 'Not kept: PatchCompliant.'): KubeObject => ({
    ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'ManagedVM' },
    metadata: { namespace: 'acme', name: 'shop-db', uid: 'u-1' },
    status: { conditions: [{ type: 'SLACompliant', status, lastTransitionTime: since, message }] },
  });

  it('that is broken for 10 minutes is news to Technical, with the message of the condition', () => {
    const { news, nextEdge } = promiseNews(vm('False', '2026-11-30T19:55:00Z'), NOW);
    expect(news[0]).toMatchObject({
      kind: 'PromiseBroken',
      action: 'Opened',
      roles: ['Technical'],
      severity: 'Warning',
    });
    expect(nextEdge?.toISOString()).toBe('2026-11-30T20:05:00.000Z');
    expect(news.map(each => isCurrent(each, NOW))).toEqual([false]);
    expect(news.map(each => told(each, 'message'))).toEqual(['Not kept: PatchCompliant.']);
  });

  it('that is kept again ends the topic of its breach', () => {
    const [broken] = promiseNews(vm('False', '2026-11-30T18:00:00Z'), NOW).news;
    const [kept] = promiseNews(vm('True', '2026-11-30T19:00:00Z'), NOW).news;
    expect(kept).toMatchObject({ kind: 'PromiseKept', action: 'Ended', topic: broken?.topic });
  });

  it('that is not known is none, and neither is one of a VM that goes', () => {
    expect(promiseNews(vm('Unknown', '2026-11-30T18:00:00Z'), NOW).news).toEqual([]);
    const going = vm('False', '2026-11-30T18:00:00Z');
    const metadata = { ...going.metadata, deletionTimestamp: '2026-11-30T19:00:00Z' };
    expect(promiseNews({ ...going, metadata }, NOW).news).toEqual([]);
  });

  it('whose message carries what opens something is told without it, on one line', () => {
    const said = 'see https://user:pw@host/x?token=abc\r\nBcc: all@example.org\u202e password=hunter2';
    const [news] = promiseNews(vm('False', '2026-11-30T18:00:00Z', said), NOW).news;
    const message = (news && told(news, 'message')) ?? '';
    expect(message).not.toMatch(/pw@|abc|hunter2|[\r\n\u202e]/);
    expect(message).toContain('Bcc: all@example.org');
  });
});
