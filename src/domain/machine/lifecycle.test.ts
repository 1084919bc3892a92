import { describe, expect, it } from 'vitest';
import type { OperatingSystem } from '../../api/operatingsystem.ts';
import { operatingSystemOf } from '../managedvm/rendering.fixtures.ts';
import { supportOf } from './lifecycle.ts';

/** Not parsed: what a status says about a date that admission refuses is tested too. */
function debian(lifeCycle: OperatingSystem['spec']['lifeCycle']): OperatingSystem {
  const valid = operatingSystemOf({ version: '12' });
  return { ...valid, spec: { ...valid.spec, lifeCycle } };
}
const at = (endOfSupport: string, now: string, rest: Record<string, string> = {}) =>
  supportOf(debian({ endOfSupport, ...rest }), new Date(now));

describe('GE-12: vendor support', () => {
  it.each([
    ['long before its end', '2026-01-01T00:00:00Z', 'True', 'VendorSupported', '2027-12-13T00:00:00.000Z'],
    [
      'the instant before notice is given',
      '2027-12-12T23:59:59Z',
      'True',
      'VendorSupported',
      '2027-12-13T00:00:00.000Z',
    ],
    ['180 days before its end', '2027-12-13T00:00:00Z', 'True', 'SupportEndsSoon', '2028-06-10T00:00:00.000Z'],
    [
      'in the last second of the last supported day',
      '2028-06-09T23:59:59Z',
      'True',
      'SupportEndsSoon',
      '2028-06-10T00:00:00.000Z',
    ],
    ['at the midnight in UTC that ends that day', '2028-06-10T00:00:00Z', 'False', 'SupportEnded', undefined],
    ['years later', '2031-01-01T00:00:00Z', 'False', 'SupportEnded', undefined],
  ])('%s (%s) is %s, %s', (_, now, status, reason, nextEdge) => {
    const support = at('2028-06-09', now);
    expect(support).toMatchObject({ status, reason, until: new Date('2028-06-10T00:00:00Z') });
    expect(support.nextEdge?.toISOString()).toBe(nextEdge);
  });

  it('says what ends, when, and with which consequence', () => {
    expect(at('2026-06-30', '2026-11-23T00:00:00Z', { endOfExtendedSupport: '2028-06-30' }).message).toBe(
      'Vendor support for Debian 12 ended with 2026-06-30 (2026-07-01T00:00:00Z). Extended support until 2028-06-30 is not relied on. All managed services for it may be ceased (GE-12); they continue after a migration to a supported release (GE-11).',
    );
  });

  it('says the same all the time between two edges, so that a status is not written every day', () => {
    const messages = ['2027-12-13T00:00:00Z', '2028-01-01T12:00:00Z', '2028-06-09T23:59:59Z'].map(
      now => at('2028-06-09', now).message,
    );
    expect(new Set(messages).size).toBe(1);
  });

  it.each(['2026-02-30', '2027-02-29'])('is Unknown for %s, which is no day of the calendar', day => {
    expect(at(day, '2026-01-01T00:00:00Z')).toMatchObject({ status: 'Unknown', reason: 'InvalidLifeCycle' });
    expect(at(day, '2026-01-01T00:00:00Z').until).toBeUndefined();
  });
});
