import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasAll, namedBy, readActive, readWebhook, sameLabels } from './pointer.ts';

const alert = {
  status: 'firing',
  labels: { alertname: 'ManagedVMDown', namespace: 'acme', managed_vm: 'shop-db' },
  annotations: { summary: 'anything' },
  startsAt: '2026-11-30T11:45:00.123Z',
  endsAt: '0001-01-01T00:00:00Z',
  fingerprint: '0123456789abcdef',
};
const message = (...alerts: unknown[]) => ({ version: '4', groupKey: '{}', status: 'resolved', alerts });

describe('MO-14: a message of Alertmanager', () => {
  it('is read alert by alert: each has a status of its own, whatever the group says', () => {
    const resolved = { ...alert, status: 'resolved', endsAt: '2026-11-30T11:50:00Z' };
    expect(readWebhook(message(alert, resolved))).toEqual({
      refused: 0,
      pointers: [
        {
          ...{ name: 'ManagedVMDown', firing: true, endsAt: undefined },
          ...{ labels: new Map(Object.entries(alert.labels)), startsAt: new Date(alert.startsAt) },
        },
        {
          ...{ name: 'ManagedVMDown', firing: false, endsAt: new Date('2026-11-30T11:50:00Z') },
          ...{ labels: new Map(Object.entries(alert.labels)), startsAt: new Date(alert.startsAt) },
        },
      ],
    });
  });

  it.each([
    ['of another version', { ...message(alert), version: '5' }],
    ['without alerts', { version: '4' }],
    ['that is no object', 'alerts'],
    ['that is nothing', undefined],
  ])('%s is none', (_, body) => {
    expect(readWebhook(body)).toBeUndefined();
  });

  it.each([
    ['has no name', { ...alert, labels: { namespace: 'acme' } }],
    ['has no beginning', { ...alert, startsAt: 'yesterday' }],
    ['has a label that is no text', { ...alert, labels: { ...alert.labels, a: 1 } }],
    ['has a label longer than any of ours', { ...alert, labels: { ...alert.labels, a: 'x'.repeat(1025) } }],
    ['has more labels than any of ours', { ...alert, labels: { ...alert.labels, ...many(64) } }],
    ['is no object', 7],
  ])('one that %s is left and counted, and the others are read', (_, bad) => {
    const read = readWebhook(message(bad, alert));
    expect([read?.refused, read?.pointers.length]).toEqual([1, 1]);
  });

  it('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.json(), text => {
        const value: unknown = JSON.parse(text);
        readWebhook(value);
        readWebhook({ version: '4', alerts: value });
        readWebhook({ version: '4', alerts: [value, { labels: value, startsAt: value }] });
        readActive(value);
      }),
    );
  });

  it('names labels as text, even those that objects have of their own', () => {
    const labels = JSON.parse('{"alertname":"A","__proto__":"x","constructor":"y"}');
    expect(readWebhook(message({ ...alert, labels }))?.pointers[0]?.labels.get('__proto__')).toBe('x');
  });
});

describe('what an alert is about', () => {
  it.each([
    [
      { namespace: 'acme', managed_vm: 'db' },
      { kind: 'ManagedVM', namespace: 'acme', name: 'db' },
    ],
    [
      { namespace: 'acme', managed_vm: 'db', application: 'orders' },
      { kind: 'ManagedApplication', namespace: 'acme', name: 'orders' },
    ],
    [{ namespace: 'acme' }, undefined],
    [{ managed_vm: 'db' }, undefined],
  ])('%j', (labels, about) => {
    expect(namedBy(new Map(Object.entries(labels)))).toEqual(about);
  });
});

it('labels are the same where each has all of the other', () => {
  const one = new Map([['a', '1']]);
  expect(hasAll(new Map([...one, ['b', '2']]), one)).toBe(true);
  expect(hasAll(one, new Map([['a', '2']]))).toBe(false);
  expect(sameLabels(new Map([...one, ['b', '2']]), one)).toBe(false);
});

function many(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`l${index}`, 'x']));
}
