import { describe, expect, test } from 'vitest';
import type { Advice } from '../../api/applicationadvice.ts';
import type { PerformanceReviews } from '../../api/applicationreview.ts';
import type { Reading } from './advice.ts';
import { reviewsOf, type Seen } from './review.ts';

const at = (time: string) => new Date(`${time}:00Z`);
const reading = (peak: number, unusual?: Reading['unusual']): Reading => ({ percent: 50, peak, unusual });
const seen = (time: string, more: Partial<Seen> = {}): Seen => ({
  ...{ readings: new Map([['cpu', reading(70)]]), firing: [], advice: [], ended: [], now: at(time) },
  ...more,
});
const given = (advisor: string): Advice[number] => ({
  ...{ advisor, resource: 'CPU', query: 'x', windowHours: 24, percent: 95, proposal: 'More.' },
  ...{ since: '2026-11-10T00:00:00Z', expires: '2026-11-17T00:00:00Z' },
});
const inNovember: PerformanceReviews = reviewsOf([], seen('2026-11-10T12:00'));

describe('the review of a month (AP-12)', () => {
  test('begins with the first reading', () => {
    expect(reviewsOf(undefined, seen('2026-11-10T12:00', { readings: new Map() }))).toEqual([]);
    expect(inNovember).toEqual([
      {
        ...{ month: '2026-11', since: '2026-11-10T12:00:00Z', bottlenecks: [], unusual: [], advice: [] },
        peaks: [{ advisor: 'cpu', percent: 70, at: '2026-11-10T12:00:00Z' }],
      },
    ]);
  });

  test('keeps the highest peak with its time, and stands still by a point', () => {
    const later = (peak: number) =>
      reviewsOf(inNovember, seen('2026-11-11T12:00', { readings: new Map([['cpu', reading(peak)]]) }));
    expect(later(71)).toEqual(inNovember);
    expect(later(20)).toEqual(inNovember);
    expect(later(72)[0]?.peaks).toEqual([{ advisor: 'cpu', percent: 72, at: '2026-11-11T12:00:00Z' }]);
  });

  test('keeps which indicators were told, the first time and the last day', () => {
    const first = reviewsOf(inNovember, seen('2026-11-11T12:00', { firing: ['deadlocks'] }));
    const same = reviewsOf(first, seen('2026-11-11T13:00', { firing: ['deadlocks'] }));
    expect(same).toEqual(first);
    expect(reviewsOf(same, seen('2026-11-13T09:00', { firing: ['deadlocks'] }))[0]?.bottlenecks).toEqual([
      { indicator: 'deadlocks', first: '2026-11-11T12:00:00Z', last: '2026-11-13' },
    ]);
  });

  test('keeps what was furthest from usual', () => {
    const unlike = (percent: number) => ({ readings: new Map([['cpu', reading(70, { percent, usualPercent: 20 })]]) });
    const first = reviewsOf(inNovember, seen('2026-11-11T12:00', unlike(60)));
    expect(reviewsOf(first, seen('2026-11-12T12:00', unlike(69)))).toEqual(first);
    expect(reviewsOf(first, seen('2026-11-12T12:00', unlike(70)))[0]?.unusual).toEqual([
      { advisor: 'cpu', percent: 70, usualPercent: 20, at: '2026-11-12T12:00:00Z' },
    ]);
  });

  test('tells what became of advice, the newest first', () => {
    const standing = reviewsOf(inNovember, seen('2026-11-11T12:00', { advice: [given('cpu')] }));
    expect(standing[0]?.advice).toEqual([{ advisor: 'cpu', since: '2026-11-10T00:00:00Z', outcome: 'Standing' }]);
    const ended = [{ given: given('cpu'), outcome: 'Resolved' as const }];
    expect(reviewsOf(standing, seen('2026-11-12T12:00', { ended }))[0]?.advice).toEqual([
      { advisor: 'cpu', since: '2026-11-10T00:00:00Z', outcome: 'Resolved', until: '2026-11-12T12:00:00Z' },
    ]);
  });

  test('is closed when the month is over (UTC), also where nothing is seen any more, and then stays as it is', () => {
    const silent = { readings: new Map() };
    const closed = [{ ...inNovember[0], closed: '2026-12-01T00:00:00Z' }];
    expect(reviewsOf(inNovember, seen('2026-11-30T23:59', silent))).toEqual(inNovember);
    expect(reviewsOf(inNovember, seen('2026-12-01T00:00', silent))).toEqual(closed);
    const [december, november] = reviewsOf(inNovember, seen('2026-12-01T00:00'));
    expect(december).toMatchObject({ month: '2026-12', since: '2026-12-01T00:00:00Z' });
    expect([november]).toEqual(closed);
  });

  test('stays for six months after that which runs', () => {
    const months = Array.from({ length: 9 }, (_, index) => `2026-0${index + 1}-05T00:00`);
    const reviews = months.reduce<PerformanceReviews>((before, month) => reviewsOf(before, seen(month)), []);
    expect(reviews.map(({ month }) => month.slice(5))).toEqual(['09', '08', '07', '06', '05', '04', '03']);
    expect(reviews.filter(({ closed }) => closed === undefined)).toHaveLength(1);
  });
});
