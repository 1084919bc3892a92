import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IncidentSpec, MOST_SIGNALS } from '../../api/incident.ts';
import { incidentName } from './identity.ts';
import { incidentFor, withSignal } from './opened.ts';

const UID = '6c0b4b5c-0000-4000-8000-000000000001';
const alert = {
  ...{ name: 'ManagedVMDown', fingerprint: 'abcdef0123456789', startsAt: '2026-12-01T11:00:00Z' },
  severity: 'critical',
} as const;
const of = (more: object = {}, now = '2026-12-01T11:05:00Z') =>
  incidentFor(
    {
      namespace: 'acme',
      subject: { kind: 'ManagedVM', name: 'shop', uid: UID },
      alert: { ...alert, ...more },
      proof: { verdict: 'Proven', at: '2026-12-01T11:05:00Z' },
    },
    new Date(now),
  );

describe('MO-14: the incident of an alert', () => {
  it('has one name for one subject, fingerprint and beginning, and another for each other', () => {
    expect(of().metadata.name).toBe('inc-cbec646564fda6ea');
    const names = [
      incidentName(UID, alert),
      incidentName(`${UID}0`, alert),
      incidentName(UID, { ...alert, fingerprint: 'abcdef012345678a' }),
      incidentName(UID, { ...alert, startsAt: '2026-12-01T11:00:01Z' }),
    ];
    expect(new Set(names).size).toBe(4);
  });

  it('begins when the alert did, and never in the future', () => {
    expect(of().spec.detectedAt).toBe('2026-12-01T11:00:00Z');
    expect(of({ startsAt: '2099-01-01T00:00:00Z' }).spec.detectedAt).toBe('2026-12-01T11:05:00Z');
  });

  it('is taken by the schema, whatever text the alert carries, and shows none of its secrets', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), text => {
        const { spec } = of({ summary: text, labels: [{ name: 'service', value: text }] });
        expect(IncidentSpec.safeParse(spec).success).toBe(true);
      }),
      { numRuns: 40 },
    );
    expect(of({ summary: 'login with password=hunter2' }).spec.alert?.summary).toBe('login with password=***');
  });
});

describe('MO-14: what is heard of an alert again', () => {
  const ended = { at: '2026-12-01T12:00:00Z', firing: false };

  it('is kept where it is news, and not where it is told twice, late, or too often', () => {
    expect(withSignal(undefined, { ...ended, firing: true }, MOST_SIGNALS)).toBeUndefined();
    expect(withSignal(undefined, ended, MOST_SIGNALS)).toEqual([ended]);
    expect(withSignal([ended], ended, MOST_SIGNALS)).toBeUndefined();
    expect(withSignal([ended], { at: '2026-12-01T11:00:00Z', firing: true }, MOST_SIGNALS)).toBeUndefined();
    expect(withSignal([ended], { at: '2026-12-01T13:00:00Z', firing: true }, 1)).toBeUndefined();
  });
});
