import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { availabilityVerdict, sharesOf } from './availability.ts';

describe('a promise of a percentage', () => {
  it.each([
    ['Kept', '99.9', { good: 999, bad: 1, noData: 0 }],
    ['Broken', '99.9', { good: 9989, bad: 11, noData: 0 }],
    ['Unproven', '99.9', { good: 998, bad: 0, noData: 2 }],
    ['Kept', '99.9', { good: 999, bad: 0, noData: 1 }],
    ['Broken', '99.9', { good: 990, bad: 5, noData: 5 }],
    ['Kept', '100', { good: 5, bad: 0, noData: 0 }],
    ['Broken', '100', { good: 99_999, bad: 1, noData: 0 }],
    ['NotMeasured', '99.9', { good: 0, bad: 0, noData: 0 }],
  ] as const)('MO-5: is %s at %s percent of %j', (verdict, target, minutes) => {
    expect(availabilityVerdict(target, minutes)).toBe(verdict);
  });

  it('MO-5: is never called kept by what nobody can say', () => {
    const minutes = fc.record({ good: fc.nat(50_000), bad: fc.nat(50_000), noData: fc.nat(50_000) });
    fc.assert(
      fc.property(minutes, fc.integer({ min: 10_000, max: 100_000 }), (m, thousandths) => {
        const target = `${Math.floor(thousandths / 1000)}.${String(thousandths % 1000).padStart(3, '0')}`;
        const verdict = availabilityVerdict(target, m);
        const worst = availabilityVerdict(target, { good: m.good, bad: m.bad + m.noData, noData: 0 });
        const best = availabilityVerdict(target, { good: m.good + m.noData, bad: m.bad, noData: 0 });
        expect(verdict === 'Kept').toBe(worst === 'Kept');
        expect(verdict === 'Broken').toBe(best === 'Broken');
      }),
    );
  });

  it('MO-5: is shown rounded down, so that what was nearly kept does not look kept', () => {
    expect(sharesOf({ good: 99_999, bad: 1, noData: 100_000 })).toEqual({
      percent: '99.999',
      least: '49.999',
      most: '99.999',
    });
    expect(sharesOf({ good: 0, bad: 0, noData: 7 })).toEqual({ least: '0.000', most: '100.000' });
    expect(sharesOf({ good: 0, bad: 0, noData: 0 })).toEqual({});
  });
});
