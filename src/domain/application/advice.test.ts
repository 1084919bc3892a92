import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Advice } from '../../api/applicationadvice.ts';
import { ProductPerformance } from '../../api/productperformance.ts';
import { adviceOf, type Reading } from './advice.ts';
import { growthStep } from './disksize.ts';

const DAY_MS = 86_400_000;
const GIB = 1024 ** 3;
const START = new Date('2026-11-30T12:00:00Z');
const day = (days: number) => new Date(START.getTime() + days * DAY_MS);
const { advisors } = ProductPerformance.parse({
  advisors: [
    {
      ...{ name: 'disk', resource: 'Disk', path: '/var/lib/postgresql', atPercent: 90 },
      ...{ growth: { exhaustedWithinDays: 30 }, proposal: 'The disk fills up.' },
    },
  ],
});

/** What is advised of one reading, with what was advised before. */
function advised(reading: Reading | undefined, before: Advice = [], now = START, disks: readonly string[] = ['root']) {
  return adviceOf({
    ...{ advisors, before, now, queryOf: () => 'a / b', machine: { name: 'shop-db', disks } },
    readings: new Map(reading === undefined ? [] : [['disk', reading]]),
  });
}
const used = (percent: number, exhaustedIn?: number): Reading => ({
  ...{ percent, peak: percent },
  ...(exhaustedIn !== undefined && { exhausted: day(exhaustedIn) }),
});

describe('advice on what becomes scarce (AP-12)', () => {
  test('has its query, window, value, day, proposal with the exact size, and when it expires', () => {
    expect(advised({ ...used(84, 20), capacity: 19.6 * GIB }).advice).toEqual([
      {
        ...{ advisor: 'disk', resource: 'Disk', query: 'a / b', windowHours: 24, percent: 84, exhausted: '2026-12-20' },
        proposal:
          'The disk fills up. Its file system has 20Gi: order 25Gi for disk root of ManagedVM shop-db (spec.disks).',
        ...{ since: '2026-11-30T12:00:00Z', expires: '2026-12-07T12:00:00Z' },
      },
    ]);
  });

  test.each([
    ['below its percent', used(89), 0],
    ['at its percent', used(90), 1],
    ['used up within 30 days', used(40, 30), 1],
    ['used up after 31', used(40, 31), 0],
    ['without a reading', undefined, 0],
  ])('is given %s: %o, %d', (_, reading, given) => {
    expect(advised(reading).advice).toHaveLength(given);
  });

  test('names the disk only where there is one, and no size where none is known or believed', () => {
    const proposal = (capacity: number | undefined, disks: string[]) =>
      advised({ ...used(95), capacity }, [], START, disks).advice[0]?.proposal;
    expect(proposal(100 * GIB, ['root', 'data'])).toMatch(
      /order 110Gi for the disk that holds \/var\/lib\/postgresql of/,
    );
    for (const capacity of [undefined, 0, Number.NaN, 1e30])
      expect(proposal(capacity, ['root'])).toBe('The disk fills up.');
  });

  test.each([
    ['clearly well again', used(85, 62), 1, 0, 'Resolved'],
    ['a little better', used(86), 1, 1, undefined],
    ['better, and used up soon', used(50, 60), 1, 1, undefined],
    ['not read', undefined, 1, 1, undefined],
    ['a little better for a week', used(86), 7, 0, 'Expired'],
    ['not read for a week', undefined, 7, 0, 'Expired'],
  ])('what is %s (%o, after %d days) leaves %d', (_, reading, days, given, outcome) => {
    const { advice, ended } = advised(reading, advised(used(95)).advice, day(days));
    expect(advice).toHaveLength(given);
    expect(ended[0]?.outcome).toBe(outcome);
  });

  test('ends with its advisor', () => {
    const before = advised(used(95)).advice.map(each => ({ ...each, advisor: 'other' }));
    expect(advised(used(10), before)).toMatchObject({ advice: [], ended: [{ outcome: 'Expired' }] });
  });

  test('stands still while little happens, and is renewed before it expires', () => {
    const before = advised(used(91, 20)).advice;
    expect(advised(used(93, 21), before, day(2)).advice).toEqual(before);
    expect(advised(used(94, 30), before, day(2)).advice[0]).toMatchObject({ percent: 94, exhausted: '2026-12-30' });
    expect(advised(used(91), before, day(3)).advice[0]).toMatchObject({
      ...{ since: '2026-11-30T12:00:00Z', expires: '2026-12-10T12:00:00Z' },
    });
  });

  test.each(['rises', 'falls'])('comes and goes once at most where what is used %s', direction => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 1, max: 72 })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, drawn => {
        const percents = drawn.map(([percent]) => percent).toSorted((one, other) => one - other);
        if (direction === 'falls') percents.reverse();
        let [before, now, turns]: [Advice, number, number] = [[], START.getTime(), 0];
        for (const [index, [, hours]] of drawn.entries()) {
          now += hours * 3_600_000;
          const { advice } = advised(used(percents[index] ?? 0), before, new Date(now));
          if (advice.length !== before.length) turns += 1;
          before = advice;
        }
        expect(turns).toBeLessThanOrEqual(direction === 'rises' ? 1 : 2);
        if (direction === 'rises') expect(before).toHaveLength((percents.at(-1) ?? 0) >= 90 ? 1 : 0);
      }),
    );
  });
});

test.each([
  [20, 0, 5],
  [51, 0, 6],
  [20, 2, 14],
])('the step of a disk of %d GiB that grows by %d GiB an hour is %d GiB (AP-12)', (size, growth, step) => {
  expect(growthStep(size, growth)).toBe(step);
});
