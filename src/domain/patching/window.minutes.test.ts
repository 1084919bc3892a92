/**
 * Windows against an evaluation that asks the clock on the wall of each single minute. A sample: the days around each change of clocks and of
 * years, and days drawn at random; `STEWARD_TEST_MINUTES=all` asks of each minute of ten years in each zone, which takes some minutes.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { windowOfTest } from './window.fixtures.ts';
import { nextOccurrence, occurrenceAt, occurrences, type Window } from './window.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Clocks that change by an hour, on other days, by half an hour, never but beside the whole hour, and never. */
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'];
const FROM = Date.UTC(2024, 0, 1);
const TO = Date.UTC(2034, 0, 1);
const WHOLE = process.env.STEWARD_TEST_MINUTES === 'all' ? ZONES : [];

/** A schedule, as cron and as a question about a local day. */
type Schedule = { readonly at: string; readonly cron: string; readonly isDay: (day: Temporal.PlainDate) => boolean };

const EVERY_DAY: Omit<Schedule, 'at'> = { cron: '* * *', isDay: () => true };
const SUNDAYS: Omit<Schedule, 'at'> = { cron: '* * 0', isDay: ({ dayOfWeek }) => dayOfWeek === 7 };
const WEEKDAYS: Omit<Schedule, 'at'> = { cron: '* * 1-5', isDay: ({ dayOfWeek }) => dayOfWeek <= 5 };
const MONTHLY: Omit<Schedule, 'at'> = { cron: '31 * *', isDay: ({ day }) => day === 31 };
const TIMES = [
  '00:00',
  '00:30',
  '01:00',
  '01:30',
  '01:45',
  '02:00',
  '02:15',
  '02:30',
  '02:59',
  '03:00',
  '12:00',
  '23:30',
];

type Opening = { readonly date: string; readonly start: number };

/**
 * When each of some schedules opens by the clock on the wall: on one of its days, at the first minute that shows the time or a later one. Nothing
 * is said of the day on which the looking begins.
 */
function openingsOnTheWall(
  schedules: readonly Schedule[],
  timeZone: string,
  from: number,
  to: number,
): readonly (readonly Opening[])[] {
  const looks = schedules.map(schedule => ({ schedule, found: [] as Opening[], isDue: false }));
  let today = '';
  for (let time = from; time < to; time += MINUTE) {
    const local = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(timeZone).toPlainDateTime();
    const [day = '', clock = ''] = local.toString({ smallestUnit: 'minute' }).split('T');
    if (day !== today) {
      for (const look of looks) look.isDue = today !== '' && look.schedule.isDay(local.toPlainDate());
      today = day;
    }
    for (const look of looks) {
      if (!look.isDue || clock < look.schedule.at) continue;
      look.isDue = false;
      look.found.push({ date: day, start: time });
    }
  }
  return looks.map(({ found }) => found);
}

/** The first minute of which the domain says something else; whether it is open is asked at each `stride`-th minute and at each edge. */
function firstDifference(window: Window, expected: readonly Opening[], from: number, to: number, stride: number) {
  const found = [...occurrences(window, new Date(from - 1), new Date(to - MINUTE))];
  const said = found.map(({ date, start }) => ({ date, start: start.getTime() }));
  expect(said).toEqual(expected);
  const edges = expected.flatMap(({ start }) => [
    start - MINUTE,
    start,
    start + window.durationMs - MINUTE,
    start + window.durationMs,
  ]);
  const strides = Array.from({ length: Math.ceil((to - from) / stride) }, (_, index) => from + index * stride);
  let index = 0;
  for (const time of [...strides, ...edges].filter(at => at >= from && at < to).toSorted((a, b) => a - b)) {
    while (time >= (expected[index]?.start ?? Number.POSITIVE_INFINITY) + window.durationMs) index += 1;
    const candidate = expected[index];
    const open = candidate !== undefined && candidate.start <= time ? candidate : undefined;
    const next = open === undefined ? candidate : expected[index + 1];
    if (occurrenceAt([window], new Date(time))?.date !== open?.date) return `open at ${new Date(time).toISOString()}`;
    if (next !== undefined && nextOccurrence([window], new Date(time))?.start.getTime() !== next.start)
      return `next at ${new Date(time).toISOString()}`;
  }
  return undefined;
}

/** What is said otherwise of a window, from the second day on: what opened on the day before the looking began may still be open. */
function checked(
  schedule: Schedule,
  onTheWall: readonly Opening[],
  window: Pick<Window, 'timeZone' | 'durationMs'>,
  { from, to, stride }: { readonly from: number; readonly to: number; readonly stride: number },
): string | undefined {
  const [hour, minute] = schedule.at.split(':').map(Number);
  const settled = onTheWall.filter(({ start }) => start >= from + 2 * DAY);
  const [first] = settled;
  const cron = `${minute} ${hour} ${schedule.cron}`;
  return (
    first && firstDifference(windowOfTest({ ...window, schedule: cron }), settled, first.start - MINUTE, to, stride)
  );
}

/** Instants at which clocks or years change. */
function changes(timeZone: string): readonly number[] {
  const found = Array.from({ length: 9 }, (_, index) => Date.UTC(2025 + index, 0, 1));
  let at = Temporal.Instant.fromEpochMilliseconds(FROM).toZonedDateTimeISO(timeZone).getTimeZoneTransition('next');
  for (; at && at.epochMilliseconds < TO; at = at.getTimeZoneTransition('next')) found.push(at.epochMilliseconds);
  return found;
}

const schedules = fc
  .tuple(fc.constantFrom(...TIMES), fc.constantFrom(EVERY_DAY, SUNDAYS, WEEKDAYS, MONTHLY))
  .map(([at, days]): Schedule => ({ at, ...days }));
const minutes = fc.integer({ min: FROM / MINUTE, max: TO / MINUTE - 7 * 1440 }).map(minute => minute * MINUTE);

describe.each(ZONES)('MO-4: in %s, a window opens when the clock on the wall says so', timeZone => {
  it('on the days around each change of clocks and years, and on days drawn', { timeout: 60_000 }, () => {
    const near = fc
      .constantFrom(...changes(timeZone))
      .map(change => Math.floor((change - 3.5 * DAY) / MINUTE) * MINUTE);
    fc.assert(
      fc.property(schedules, fc.integer({ min: 1, max: 22 }), fc.oneof(near, minutes), (schedule, hours, from) => {
        const to = from + 6 * DAY;
        const [expected = []] = openingsOnTheWall([schedule], timeZone, from, to);
        const window = { timeZone, durationMs: hours * HOUR };
        expect(checked(schedule, expected, window, { from, to, stride: 97 * MINUTE })).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });
});

/** In the hour in which clocks change, beside each whole hour, on the day on which they change, at midnight, and before it. */
const TEN_YEARS: readonly Schedule[] = [
  { at: '02:30', ...EVERY_DAY },
  { at: '01:45', ...EVERY_DAY },
  { at: '02:00', ...SUNDAYS },
  { at: '00:00', ...WEEKDAYS },
  { at: '23:30', ...MONTHLY },
];

describe.each(WHOLE)('MO-4: in %s, on each minute of ten years', timeZone => {
  it('a window opens when the clock on the wall says so', { timeout: 3_600_000 }, () => {
    const from = FROM - 3 * DAY;
    const openings = openingsOnTheWall(TEN_YEARS, timeZone, from, TO);
    for (const [index, schedule] of TEN_YEARS.entries()) {
      const window = { timeZone, durationMs: 4 * HOUR };
      expect(checked(schedule, openings[index] ?? [], window, { from, to: TO, stride: 61 * MINUTE })).toBeUndefined();
    }
  });
});
