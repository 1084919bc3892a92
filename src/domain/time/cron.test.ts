import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidCron, isTimeZone, nextRun, parseCron, runs } from './cron.ts';

const iso = (date: Date): string => date.toISOString().replace('.000Z', 'Z');
const next = (schedule: string, zone: string, after: string): string =>
  iso(nextRun(parseCron(schedule), zone, new Date(after)));

describe('parseCron', () => {
  it.each([
    ['0 1 * *', 'has four fields', 'needs five fields'],
    ['', 'is empty', 'has 0'],
    ['0 1 * * * *', 'has six fields', 'has 6'],
    ['@daily', 'is a descriptor', 'needs five fields'],
    ['60 1 * * *', 'has minute 60', '"60" is not valid as minute (0 to 59)'],
    ['0 24 * * *', 'has hour 24', 'hour (0 to 23)'],
    ['0 0 0 * *', 'has day 0', 'day of month (1 to 31)'],
    ['0 0 * 13 *', 'has month 13', 'month (1 to 12)'],
    ['0 0 * * 7', 'has day of week 7, which Velero refuses up to 1.17', 'day of week (0 to 6)'],
    ['5-1 0 * * *', 'has a range that does not ascend', 'does not ascend'],
    ['*/0 0 * * *', 'has a step of zero', 'step of zero'],
    ['1,,2 0 * * *', 'has an empty list entry', '"" is not valid as minute'],
    ['0 0 L * *', 'has an extension of other crons', '"L" is not valid as day of month'],
    [
      '0 0 13 * 5',
      'restricts both day fields, which Velero reads differently by version (MO-1)',
      'leave one of them *',
    ],
    ['0 0 */10 * 1', 'restricts one by a step', 'leave one of them *'],
    ['0-1/2 0 * * *', 'has a step as long as its range, which Velero refuses', 'has a step as long as its range'],
    ['0 0 */31 * *', 'has such a step after a star', 'has a step as long as its range'],
    ['-5 0 * * *', 'has a negative number', 'is not valid as minute'],
  ])('refuses %j, which %s', (schedule, _, message) => {
    expect(() => parseCron(schedule)).toThrow(InvalidCron);
    expect(() => parseCron(schedule)).toThrow(message);
  });

  it.each(['0 0 30 2 *', '0 0 31 2,4,6,9,11 *', '0 0 30-31 feb *', '0 0 31 4 ?'])(
    'refuses %j because it never fires',
    schedule => {
      expect(() => parseCron(schedule)).toThrow('never fires');
    },
  );

  it.each(['0 0 29 2 *', '0 0 31 2,3 *', '0 0 ? 2 1', '0 0 13 * */1'])('takes %j, which fires', schedule => {
    expect(() => parseCron(schedule)).not.toThrow();
  });
});

/** Expected values: robfig/cron v3.0.1, `cron.ParseStandard("CRON_TZ=… …").Next(…)`. What Velero's cron of today says: test/integration/cron.test.ts. */
describe('nextRun is what Velero computes', () => {
  it.each([
    ['every day at 01:00', '0 1 * * *', 'Europe/Berlin', '2026-11-23T12:00:00Z', '2026-11-24T00:00:00Z'],
    [
      'a run that is due now is the one before the next',
      '0 1 * * *',
      'UTC',
      '2026-11-24T01:00:00Z',
      '2026-11-25T01:00:00Z',
    ],
    [
      'a skipped local time does not run that day',
      '30 2 * * *',
      'Europe/Berlin',
      '2027-03-27T12:00:00Z',
      '2027-03-29T00:30:00Z',
    ],
    [
      'a doubled local time runs first in summer time',
      '30 2 * * *',
      'Europe/Berlin',
      '2027-10-30T12:00:00Z',
      '2027-10-31T00:30:00Z',
    ],
    ['and then again in winter time', '30 2 * * *', 'Europe/Berlin', '2027-10-31T00:30:00Z', '2027-10-31T01:30:00Z'],
    [
      'hours go on across the change of clocks',
      '0 * * * *',
      'Europe/Berlin',
      '2027-03-28T00:30:00Z',
      '2027-03-28T01:00:00Z',
    ],
    ['New York skips 02:30 too', '30 2 * * *', 'America/New_York', '2027-03-13T12:00:00Z', '2027-03-15T06:30:00Z'],
    [
      'only the day of week where day of month is a star',
      '0 3 * * 5',
      'UTC',
      '2026-11-28T00:00:00Z',
      '2026-12-04T03:00:00Z',
    ],
    [
      'only the day of month where day of week is a question mark',
      '0 3 13 * ?',
      'UTC',
      '2026-11-23T00:00:00Z',
      '2026-12-13T03:00:00Z',
    ],
    ['n/step runs to the end of the range', '50/5 0 * * *', 'UTC', '2026-11-24T00:51:00Z', '2026-11-24T00:55:00Z'],
    ['names of months and days', '0 0 * mar,SEP sun', 'UTC', '2026-11-23T00:00:00Z', '2027-03-07T00:00:00Z'],
    [
      '29 February waits for a leap year',
      '0 0 29 2 *',
      'Europe/Berlin',
      '2026-11-23T00:00:00Z',
      '2028-02-28T23:00:00Z',
    ],
    ['half-hour zones', '0 9 * * *', 'Asia/Kolkata', '2026-11-23T12:00:00Z', '2026-11-24T03:30:00Z'],
  ])('%s', (_, schedule, zone, after, expected) => {
    expect(next(schedule, zone, after)).toBe(expected);
  });
});

describe('runs', () => {
  it('gives every run after the start and up to the end, both runs of a doubled hour included', () => {
    const found = [
      ...runs(
        parseCron('30 2 * * *'),
        'Europe/Berlin',
        new Date('2027-10-30T00:30:00Z'),
        new Date('2027-11-01T01:30:00Z'),
      ),
    ];
    expect(found.map(iso)).toEqual(['2027-10-31T00:30:00Z', '2027-10-31T01:30:00Z', '2027-11-01T01:30:00Z']);
  });

  it('gives none where none falls', () => {
    expect([...runs(parseCron('0 0 1 1 *'), 'UTC', new Date('2026-02-01'), new Date('2026-12-31'))]).toEqual([]);
  });
});

describe('isTimeZone', () => {
  it.each([
    ['Europe/Berlin', true],
    ['UTC', true],
    ['Asia/Kolkata', true],
    ['Europe/Atlantis', false],
    ['europe/berlin', false],
    ['+01:00', false],
    ['Local', false],
    ['', false],
  ])('%j: %s', (name, valid) => {
    expect(isTimeZone(name)).toBe(valid);
  });
});

const zones = fc.constantFrom(
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Sydney',
  'Africa/Cairo',
  'UTC',
);
const instants = fc.date({ min: new Date('2026-01-01'), max: new Date('2036-01-01'), noInvalidDate: true });

function field(min: number, max: number): fc.Arbitrary<string> {
  const number = fc.integer({ min, max });
  const range = fc.tuple(number, number).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const part = fc.oneof(
    fc.constant('*'),
    number.map(String),
    range,
    fc.integer({ min: 1, max: max - min }).map(step => `*/${step}`),
  );
  return fc.array(part, { minLength: 1, maxLength: 3 }).map(parts => parts.join(','));
}

/** One of the two is a star. */
const days = fc.oneof(fc.tuple(field(1, 28), fc.constant('*')), fc.tuple(fc.constant('*'), field(0, 6)));
const schedules = fc
  .tuple(field(0, 59), field(0, 23), days, field(1, 12))
  .map(([minute, hour, [dayOfMonth, dayOfWeek], month]) => [minute, hour, dayOfMonth, month, dayOfWeek])
  .map(fields => parseCron(fields.join(' ')));

describe('properties of nextRun', () => {
  it('is after the given instant, and its local time matches the fields', () => {
    fc.assert(
      fc.property(schedules, zones, instants, (cron, zone, after) => {
        const run = nextRun(cron, zone, after);
        const local = Temporal.Instant.fromEpochMilliseconds(run.getTime()).toZonedDateTimeISO(zone);
        const byMonth = cron.daysOfMonth.has(local.day);
        const byWeek = cron.daysOfWeek.has(local.dayOfWeek % 7);
        expect(run.getTime()).toBeGreaterThan(after.getTime());
        expect(cron.minutesOfDay).toContain(local.hour * 60 + local.minute);
        expect([local.second, local.millisecond]).toEqual([0, 0]);
        expect(cron.months.has(local.month)).toBe(true);
        expect(byMonth && byWeek).toBe(true);
      }),
    );
  });

  it('never falls when the instant moves on, and stays the same until it is reached', () => {
    fc.assert(
      fc.property(
        schedules,
        zones,
        instants,
        fc.integer({ min: 0, max: 40 * 86_400_000 }),
        (cron, zone, after, step) => {
          const run = nextRun(cron, zone, after).getTime();
          const later = after.getTime() + step;
          const laterRun = nextRun(cron, zone, new Date(later)).getTime();
          expect(laterRun).toBeGreaterThanOrEqual(run);
          if (later < run) expect(laterRun).toBe(run);
        },
      ),
    );
  });

  it('misses no minute that matches', () => {
    fc.assert(
      fc.property(zones, instants, fc.integer({ min: 1, max: 5000 }), (zone, after, minutes) => {
        const start = new Date(Math.floor(after.getTime() / 60_000) * 60_000);
        const end = new Date(start.getTime() + minutes * 60_000);
        expect([...runs(parseCron('* * * * *'), zone, start, end)]).toHaveLength(minutes);
      }),
      { numRuns: 30 },
    );
  });
});
