import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCron, runs } from './cron.ts';
import { laterStarts } from './laterstarts.ts';

describe('a schedule with later starts', () => {
  it.each([
    ['30 1 * * *', 3, ['30 1 * * *', '31 1 * * *', '32 1 * * *']],
    ['59 1 * * 0', 2, ['59 1 * * 0', '0 2 * * 0']],
    ['0,30 1 * * *', 32, [...Array.from({ length: 30 }, (_, minute) => `${minute},${minute + 30} 1 * * *`)]],
    ['*/20 * * * *', 2, ['*/20 * * * *', '1,21,41 * * * *']],
    ['58 23 1 * *', 9, ['58 23 1 * *', '59 23 1 * *']],
    ['0 1 * * *', 0, ['0 1 * * *']],
    ['* * * * *', 60, ['* * * * *']],
  ])('%s within %d minutes is %j', (expression, minutes, expected) => {
    expect(laterStarts(expression, minutes)).toEqual(expected);
  });

  it('runs as often on the same days, each time as much later', () => {
    const someMinutes = fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 4 });
    const someHours = fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 5 });
    const days = fc.constantFrom('* * *', '1,15 * *', '* 2 *', '* * 1-5');
    // Whole days: a run at midnight is no run after midnight.
    const [from, until] = [new Date('2028-01-31T23:59:59Z'), new Date('2028-03-19T23:59:59Z')];
    const timesOf = (expression: string) => [...runs(parseCron(expression), 'Etc/UTC', from, until)].map(Number);
    fc.assert(
      fc.property(someMinutes, someHours, days, fc.integer({ min: 1, max: 90 }), (minutes, hours, day, within) => {
        const sorted = (values: number[]) => [...values].sort((a, b) => a - b).join(',');
        const [first = '', ...later] = laterStarts(`${sorted(minutes)} ${sorted(hours)} ${day}`, within);
        const before = timesOf(first);
        const delays = later.map(expression => {
          const shifts = timesOf(expression).map((time, index) => time - (before[index] ?? 0));
          expect(shifts).toHaveLength(before.length);
          expect(new Set(shifts).size).toBe(1);
          return (shifts[0] ?? 0) / 60_000;
        });
        expect(delays).toEqual([...new Set(delays)].sort((a, b) => a - b));
        for (const delay of delays) expect(delay > 0 && delay < within).toBe(true);
      }),
      { numRuns: 20, examples: [[[0], [0], '* * *', 2]] },
    );
  });
});
