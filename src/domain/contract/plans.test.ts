import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServiceLevel } from '../../api/common.ts';
import type { PlanFromDay } from '../../api/contract.ts';
import { planAfter, planOn } from './plans.ts';

const level = 'AdvancedMonitoringAndPatching';
const entry = (from: string, plan = `from-${from}`, at: ServiceLevel = level): PlanFromDay => ({
  level: at,
  plan,
  from,
});

const plans = [entry('2027-01-01'), entry('2026-01-01'), entry('2026-07-01', 'other', 'Admin')];

describe('GE-1: the plan that applies at a level on a day', () => {
  it.each([
    ['2025-12-31', undefined, 'from-2026-01-01'],
    ['2026-01-01', 'from-2026-01-01', 'from-2027-01-01'],
    ['2026-07-01', 'from-2026-01-01', 'from-2027-01-01'],
    ['2026-12-31', 'from-2026-01-01', 'from-2027-01-01'],
    ['2027-01-01', 'from-2027-01-01', undefined],
    ['2099-12-31', 'from-2027-01-01', undefined],
  ])('on %s is %s, and %s follows', (day, now, next) => {
    expect(planOn(plans, level, day)?.plan).toBe(now);
    expect(planAfter(plans, level, day)?.plan).toBe(next);
  });

  it('is none at a level that no entry is of', () => {
    expect(planOn(plans, 'MonitoringAndPatching', '2030-01-01')).toBeUndefined();
    expect(planAfter(plans, 'MonitoringAndPatching', '2000-01-01')).toBeUndefined();
  });
});

const day = fc
  .integer({ min: 0, max: 4000 })
  .map(days => Temporal.PlainDate.from('2024-01-01').add({ days }).toString());
const agreement = fc.uniqueArray(
  fc.record({
    level: fc.constantFrom<ServiceLevel>('Admin', 'MonitoringAndPatching', level),
    plan: fc.constantFrom('a', 'b', 'c', 'd'),
    from: day,
  }),
  { selector: ({ level, from }) => `${level} ${from}`, maxLength: 12 },
);
const dayBefore = (date: string) => Temporal.PlainDate.from(date).subtract({ days: 1 }).toString();

describe('GE-1: of any agreement', () => {
  it('exactly one plan applies at a level on every day from its first on, and none before', () => {
    fc.assert(
      fc.property(agreement, day, (plans, date) => {
        const own = plans.filter(each => each.level === level);
        const begun = own.filter(({ from }) => from <= date);
        const applies = planOn(plans, level, date);
        // Written the other way round: those that no other one has taken over from by that day.
        const left = begun.filter(({ from }) => !begun.some(other => other.from > from));
        expect(left).toHaveLength(begun.length === 0 ? 0 : 1);
        expect(applies).toEqual(left[0]);
      }),
    );
  });

  it('the plan changes on the first day of an entry and on no other day', () => {
    fc.assert(
      fc.property(agreement, day, (plans, date) => {
        const begins = plans.some(each => each.level === level && each.from === date);
        expect(planOn(plans, level, date) !== planOn(plans, level, dayBefore(date))).toBe(begins);
        const next = planAfter(plans, level, dayBefore(date));
        expect(next?.from === date).toBe(begins);
      }),
    );
  });

  it('neither other levels nor the order of entries matter', () => {
    fc.assert(
      fc.property(agreement, day, (plans, date) => {
        const own = plans.filter(each => each.level === level);
        expect(planOn(own.toReversed(), level, date)).toEqual(planOn(plans, level, date));
      }),
    );
  });
});
