import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../runtime/api/object.ts';
import { countedAs } from './incidents.ts';

const rating = { incident: 'inc-uid', impact: 2, urgency: 2, priority: 'P3', reason: 'x', scope: 'OperatingSystem' };
const spec = {
  subject: { kind: 'ManagedVM', name: 'shop-db', uid: 'vm-1' },
  alert: { name: 'ManagedVMDown', fingerprint: 'a', startsAt: '2026-12-01T12:00:00Z' },
  detectedAt: '2026-12-01T12:00:00Z',
  proof: { verdict: 'Proven' },
  rating,
};
const incident = (more: object = {}, status?: object): KubeObject => ({
  ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'Incident' },
  metadata: { name: 'inc-1', namespace: 'acme', uid: 'inc-uid', creationTimestamp: '2026-12-01T12:00:07Z' },
  spec: { ...spec, ...more },
  ...(status && { status }),
});

describe('an incident makes a Problem', () => {
  it('MO-15: that Steward has rated: by its system, its alert and when it was detected', () => {
    expect(countedAs(incident())).toEqual({
      ...{ name: 'inc-1', uid: 'inc-uid', detectedAt: '2026-12-01T12:00:00Z', priority: 'P3' },
      ...{ subjectUid: 'vm-1', alert: 'ManagedVMDown', times: ['2026-12-01T12:00:00Z'] },
    });
  });

  it('MO-15: whose alert ended and fired anew before it was closed: each time counts', () => {
    const signals = [
      { at: '2026-12-01T13:00:00Z', firing: false },
      { at: '2026-12-01T14:00:00Z', firing: true },
      { at: '2026-12-01T15:00:00Z', firing: false },
    ];
    expect(countedAs(incident({ signals }))).toMatchObject({
      last: '2026-12-01T14:00:00Z',
      times: ['2026-12-01T12:00:00Z', '2026-12-01T14:00:00Z'],
    });
  });

  it('MO-15: that a person reported: of the system that Steward has found, since it was taken', () => {
    const { alert: _alert, detectedAt: _detectedAt, proof: _proof, ...reported } = spec;
    const subject = { kind: 'ManagedVM', name: 'shop-db' };
    const report = {
      ...incident({}, { subject: 'vm-7' }),
      spec: { ...reported, subject, report: { by: 'anna', text: 'x' } },
    };
    expect(countedAs(report)).toMatchObject({
      subjectUid: 'vm-7',
      detectedAt: '2026-12-01T12:00:07Z',
      alert: undefined,
    });
  });

  it.each([
    ['one that nobody has rated', { rating: undefined }],
    ['a copy, or one that was restored: its rating names another UID', { rating: { ...rating, incident: 'original' } }],
    ['one that is not proven', { proof: { verdict: 'Unproven' } }],
    ["one that is the customer's to mend", { rating: { ...rating, scope: 'Customer' } }],
    ['one of a priority that nobody knows', { rating: { ...rating, priority: '__proto__' } }],
    ['one that was stored under another schema', { rating: 'P1', subject: 7 }],
  ])('MO-15: not %s', (_, more) => {
    expect(countedAs(incident(more))).toBeUndefined();
  });
});
