import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCron, runs } from './cron.ts';
import { longestGap, shortestInterval } from './rungaps.ts';

const HOUR = 3_600_000;
const from = new Date('2026-11-23T00:00:00Z');

function hours(zone: string, ...schedules: readonly string[]): number | undefined {
  const gap = longestGap(schedules.map(parseCron), zone, from);
  return gap && (gap.to.getTime() - gap.from.getTime()) / HOUR;
}

describe('the longest gap between runs', () => {
  it.each([
    ['a daily run in UTC', 'UTC', ['0 1 * * *'], 24],
    ['a daily run where clocks go back once a year', 'Europe/Berlin', ['0 1 * * *'], 25],
    ['a daily run at a time that clocks skip in spring', 'Europe/Berlin', ['30 2 * * *'], 47],
    ['hourly runs, of which a changed clock skips none', 'Europe/Berlin', ['0 * * * *'], 1],
    ['every six hours across the long night', 'Europe/Berlin', ['0 */6 * * *'], 7],
    ['weekdays only', 'UTC', ['0 1 * * 1-5'], 72],
    ['weekdays, and Sundays by another tier', 'UTC', ['0 1 * * 1-5', '0 3 * * 0'], 50],
    ['monthly, the longest month deciding', 'UTC', ['0 0 1 * *'], 31 * 24],
    ['on the 31st, over months that have none', 'UTC', ['0 0 31 * *'], 61 * 24],
    ['yearly, the leap year deciding', 'UTC', ['0 0 1 3 *'], 366 * 24],
    ['every minute', 'Europe/Berlin', ['* * * * *'], 1 / 60],
    ['a gap within the day', 'UTC', ['0 1,4,20 * * *'], 16],
  ])('%s', (_, zone, schedules, expected) => {
    expect(hours(zone, ...schedules)).toBeCloseTo(expected, 9);
  });

  it('is unknown where fewer than two runs fall into five years', () => {
    expect(hours('UTC', '0 0 29 2 *')).toBeUndefined();
  });

  it('is where no run lies between its ends, and no other gap is longer', () => {
    const time = fc.tuple(
      fc.integer({ min: 0, max: 59 }),
      fc.integer({ min: 0, max: 23 }),
      fc.constantFrom('*', '1', '*/2', '1-5'),
    );
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC');
    fc.assert(
      fc.property(fc.array(time, { minLength: 1, maxLength: 3 }), zones, (times, zone) => {
        const crons = times.map(([minute, hour, days]) => parseCron(`${minute} ${hour} * * ${days}`));
        const end = new Date(from.getTime() + 5 * 366 * 24 * HOUR);
        // A run at the instant itself counts here, and is none after it.
        const since = new Date(from.getTime() - 1);
        const all = new Set(crons.flatMap(cron => [...runs(cron, zone, since, end)].map(run => run.getTime())));
        const sorted = [...all].sort((a, b) => a - b);
        const longest = sorted.slice(1).reduce((max, run, index) => Math.max(max, run - (sorted[index] ?? 0)), 0);
        const gap = longestGap(crons, zone, from);
        expect(gap && gap.to.getTime() - gap.from.getTime()).toBe(longest);
        expect(all.has(gap?.from.getTime() ?? 0) && all.has(gap?.to.getTime() ?? 0)).toBe(true);
      }),
      { numRuns: 20, examples: [[[[0, 0, '*']], 'UTC']] },
    );
  });
});

describe('the shortest interval between runs', () => {
  it.each([
    ['every minute', '* * * * *', 1],
    ['a burst once a day', '* 1 * * *', 1],
    ['every quarter of an hour', '*/15 * * * *', 15],
    ['hourly', '0 * * * *', 60],
    ['daily', '0 1 * * *', 1440],
    ['monthly', '0 0 1 * *', 1440],
    ['before and after midnight', '5,55 0,23 * * *', 10],
    ['the same on Mondays only, with no run before', '5,55 0,23 * * 1', 50],
    ['uneven', '0 1,4,20 * * *', 180],
  ])('%s', (_, schedule, minutes) => {
    expect(shortestInterval(parseCron(schedule), from)).toBe(minutes * 60_000);
  });

  it('is the shortest there is in a zone whose clocks never change, a day at most', () => {
    const minutes = fc.constantFrom('*/7', '0', '5,50', '1-3');
    const hours = fc.constantFrom('*', '0,23', '*/5', '3');
    const days = fc.constantFrom('*', '1', '1,2', '*/2');
    fc.assert(
      fc.property(minutes, hours, days, (minute, hour, day) => {
        const cron = parseCron(`${minute} ${hour} * * ${day}`);
        const all = [...runs(cron, 'UTC', from, new Date(from.getTime() + 21 * 24 * HOUR))];
        const gaps = all.slice(1).map((run, index) => run.getTime() - (all[index]?.getTime() ?? 0));
        expect(shortestInterval(cron, from)).toBe(Math.min(24 * HOUR, ...gaps));
      }),
    );
  });
});
