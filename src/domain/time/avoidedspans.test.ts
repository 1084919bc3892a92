import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AvoidedSpan, avoidedRuns, movesIntoAvoided, withoutAvoided } from './avoidedspans.ts';
import { offsetSpans, parseCron, runs } from './cron.ts';
import { laterStarts } from './laterstarts.ts';

const span = (schedule: string, hours: number): AvoidedSpan => {
  return { name: 'busy', cron: parseCron(schedule), minutes: hours * 60 };
};

describe('a schedule without its runs in avoided spans', () => {
  it.each([
    ['every four hours, by day', '0 */4 * * *', [span('0 8 * * *', 10)], '0 0,4,20 * * *'],
    ['a span over midnight', '0 */4 * * *', [span('0 20 * * *', 10)], '0 8,12,16 * * *'],
    ['none in a span', '0 */4 * * *', [span('1 8 * * *', 3)], '0 */4 * * *'],
    ['a run at the very begin', '0 8 * * *', [span('0 8 * * 1', 1)], '0 8 * * 0,2-6'],
    ['a run at the very end', '0 9 * * *', [span('0 8 * * *', 1)], '0 9 * * *'],
    ['some weekdays', '30 1 * * *', [span('0 22 * * 5', 52)], '30 1 * * 2-5'],
    ['a day of the month', '30 1 * * *', [span('0 0 1 * *', 24)], '30 1 2-31 * *'],
    ['a month', '30 1 * * 0', [span('0 0 * 12 *', 24)], '30 1 * 1-11 0'],
    ['two spans', '0 * * * *', [span('0 7 * * *', 6), span('0 12 * * *', 12)], '0 0,1,2,3,4,5,6 * * *'],
    ['part of an hour', '0,30 1 * * *', [span('15 1 * * *', 1)], '0 1 * * *'],
  ])('AP-13: leaves out %s', (_, schedule, spans, expected) => {
    expect(withoutAvoided(schedule, spans)).toBe(expected);
  });

  it.each([
    ['all that there is', '0 9 * * *', [span('0 8 * * *', 2)]],
    ['other hours on other days', '0 */4 * * *', [span('0 8 * * 1', 10)]],
    ['the day after the 31st', '30 1 * * *', [span('0 20 31 * *', 10)]],
    ['a date of a weekly run', '30 1 * * 0', [span('0 0 1 * *', 24)]],
    ['times that two fields cannot say', '0,30 1,2 * * *', [span('30 2 * * *', 1)]],
  ])('AP-13: cannot say %s in one cron', (_, schedule, spans) => {
    expect(withoutAvoided(schedule, spans)).toBeUndefined();
  });

  const minutes = fc.uniqueArray(fc.constantFrom(0, 15, 30, 59), { minLength: 1, maxLength: 2 });
  const hours = fc.uniqueArray(fc.nat(23), { minLength: 1, maxLength: 6 });
  const days = fc.constantFrom('* * *', '* * *', '* * 1-5', '* * 0', '1,15 * *', '* 3,10 *', '31 * *');
  const sorted = (values: number[]) => [...values].sort((a, b) => a - b).join(',');
  const schedules = fc.tuple(minutes, hours, days).map(([m, h, d]) => `${sorted(m)} ${sorted(h)} ${d}`);
  /** More than a third of all schedules are rewritten so: that none of thirty is happens less than once in a million runs. */
  const oftenDaily = fc.oneof({ weight: 2, arbitrary: fc.constant('* * *') }, days);
  const spans = fc.array(
    fc
      .tuple(fc.constantFrom(0, 30), fc.nat(23), oftenDaily, fc.integer({ min: 1, max: 40 }))
      .map(([minute, hour, day, halves]) => ({ cron: `${minute} ${hour} ${day}`, minutes: halves * 30 })),
    { minLength: 1, maxLength: 2 },
  );
  const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Sydney', 'UTC');
  const [from, until] = [new Date('2026-12-31T12:00:00Z'), new Date('2027-12-31T12:00:00Z')];
  const timesOf = (schedule: string, zone: string) => [...runs(parseCron(schedule), zone, from, until)].map(Number);

  /** By calendar arithmetic on the clock of the wall, day by day. */
  function spoken(avoid: readonly { readonly cron: string; readonly minutes: number }[], zone: string) {
    const all = avoid.flatMap(({ cron, minutes }) =>
      [...runs(parseCron(cron), 'UTC', new Date('2026-12-28T00:00:00Z'), new Date('2028-01-01T00:00:00Z'))].map(
        start => {
          const begin = Temporal.PlainDateTime.from(start.toISOString().slice(0, 19));
          return { begin, end: begin.add({ minutes }) };
        },
      ),
    );
    const ofDay = Map.groupBy(
      all.flatMap(({ begin, end }) =>
        [0, 1, 2].map(days => ({ day: `${begin.toPlainDate().add({ days })}`, begin: `${begin}`, end: `${end}` })),
      ),
      ({ day }) => day,
    );
    return (time: number) => {
      const wall = `${Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(zone).toPlainDateTime()}`;
      return ofDay.get(wall.slice(0, 10))?.some(({ begin, end }) => begin <= wall && wall < end) ?? false;
    };
  }

  it('AP-13: has no start in a span over a year with both changes of clocks, and each that lay outside', () => {
    let rewritten = 0;
    fc.assert(
      fc.property(schedules, spans, zones, (schedule, avoid, zone) => {
        const read = avoid.map(({ cron, minutes }) => ({ name: 'busy', cron: parseCron(cron), minutes }));
        const isAvoided = spoken(avoid, zone);
        const before = timesOf(schedule, zone);
        const left = withoutAvoided(schedule, read);
        const fallIn = [...avoidedRuns(parseCron(left ?? schedule), read, zone, from, until)].map(({ time }) => +time);
        if (left === undefined) {
          expect(fallIn).toEqual(expect.arrayContaining(before.filter(isAvoided)));
          return;
        }
        rewritten += left === schedule ? 0 : 1;
        expect(timesOf(left, zone)).toEqual(before.filter(time => !isAvoided(time)));
        // At a change of clocks a run is told that it skips: whatever else starts at that instant is another.
        const changes = [...offsetSpans(zone, from, until)].map(({ to }) => to);
        const told = fallIn.filter(time => !changes.includes(time));
        expect(timesOf(left, zone).filter(time => told.includes(time))).toEqual([]);
      }),
      {
        numRuns: 30,
        examples: [
          [
            '0 0,2,3 * * *',
            [
              { cron: '30 3 * * *', minutes: 30 },
              { cron: '0 4 * * *', minutes: 30 },
            ],
            'Europe/Berlin',
          ],
        ],
      },
    );
    expect(rewritten).toBeGreaterThan(0);
  });

  it('AP-13: is spread into no span', () => {
    fc.assert(
      fc.property(schedules, spans, zones, fc.integer({ min: 2, max: 200 }), (schedule, avoid, zone, within) => {
        const read = avoid.map(({ cron, minutes }) => ({ name: 'busy', cron: parseCron(cron), minutes }));
        const base = withoutAvoided(schedule, read);
        if (base === undefined) return;
        const isAvoided = spoken(avoid, zone);
        const isWrong = movesIntoAvoided(base, read);
        const some = laterStarts(base, within).filter((_, index) => index % 23 === 0);
        for (const later of some) expect(timesOf(later, zone).some(isAvoided)).toBe(isWrong(later));
      }),
      { numRuns: 15 },
    );
  });
});

describe('runs in avoided spans', () => {
  const until = new Date('2028-01-01T00:00:00Z');
  const told = (schedule: string, spans: readonly AvoidedSpan[], zone = 'Europe/Berlin') =>
    [...avoidedRuns(parseCron(schedule), spans, zone, new Date('2027-01-01T00:00:00Z'), until)].map(({ time }) =>
      time.toISOString(),
    );

  it('AP-13: are told by date where one cron cannot leave them out', () => {
    expect(told('30 1 * * *', [span('0 20 31 * *', 10)]).slice(0, 3)).toEqual([
      '2027-01-01T00:30:00.000Z',
      '2027-02-01T00:30:00.000Z',
      '2027-03-31T23:30:00.000Z',
    ]);
  });

  it('AP-13: are told of the night in which clocks skip them and Velero starts them within the hour after', () => {
    expect(told('30 2 * * *', [span('0 3 * * *', 1)])).toEqual(['2027-03-28T01:00:00.000Z']);
    expect(told('30 2 * * *', [span('0 4 * * *', 1)])).toEqual([]);
    expect(told('30 2 * * *', [span('0 3 * * *', 1)], 'UTC')).toEqual([]);
  });

  it('AP-13: are both runs of an hour that comes twice', () => {
    expect(told('30 2 * * *', [span('0 2 31 10 *', 1)])).toEqual([
      '2027-10-31T00:30:00.000Z',
      '2027-10-31T01:30:00.000Z',
    ]);
  });
});
