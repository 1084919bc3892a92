/**
 * Business time against an evaluation that asks the clock on the wall of each single minute. A sample of days, those on which clocks and years
 * change above all; `STEWARD_TEST_MINUTES=all` asks of each minute of ten years in each zone, which takes a quarter of an hour.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Holidays, type ServiceCalendarSpec, WEEKDAYS } from '../../api/servicecalendar.ts';
import { afterBusinessTime, businessTime, isOpen, nextClosed, nextOpen } from './businesstime.ts';
import { calendarOf } from './calendar.fixtures.ts';

const MINUTE = 60_000;
/** Clocks that change by an hour, by half an hour, at midnight, with Ramadan, and behind UTC by no whole hour. */
const ZONES = ['Europe/Berlin', 'Australia/Lord_Howe', 'America/Santiago', 'Africa/Casablanca', 'America/St_Johns'];
const FROM = Date.UTC(2024, 0, 1);
const TO = Date.UTC(2034, 0, 1);
const WHOLE = process.env.STEWARD_TEST_MINUTES === 'all' ? ZONES : [];

/** Easter Sundays as the calendars print them. */
const EASTER = [
  ...['2023-04-09', '2024-03-31', '2025-04-20', '2026-04-05', '2027-03-28', '2028-04-16'],
  ...['2029-04-01', '2030-04-21', '2031-04-13', '2032-03-28', '2033-04-17', '2034-04-09'],
].map(date => Temporal.PlainDate.from(date));
const PUBLIC = new Set(
  EASTER.flatMap(easter => [
    ...[-2, 1, 39, 50].map(days => easter.add({ days }).toString()),
    ...['01-01', '05-01', '10-03', '10-31', '12-25', '12-26'].map(date => `${easter.year}-${date}`),
  ]),
);

/** Which minutes are open: each looked at by itself. */
function openMinutes(
  { timeZone, coreHours, holidays = {} }: ServiceCalendarSpec,
  from: number,
  to: number,
): Uint8Array {
  const { region, additional = [], removed = [] } = holidays;
  const closed = new Set(region === undefined ? [] : PUBLIC);
  for (const { date } of removed) closed.delete(date);
  for (const { date } of additional) closed.add(date);
  return Uint8Array.from({ length: (to - from) / MINUTE }, (_, minute) => {
    const local = Temporal.Instant.fromEpochMilliseconds(from + minute * MINUTE).toZonedDateTimeISO(timeZone);
    const clock = local.toPlainTime().toString().slice(0, 5);
    const worked = coreHours.some(
      hours =>
        hours.days.includes(WEEKDAYS[local.dayOfWeek - 1] ?? 'Monday') && hours.from <= clock && clock < hours.to,
    );
    return worked && !closed.has(local.toPlainDate().toString()) ? 1 : 0;
  });
}

/**
 * What the five functions say differently, the first of it: whether it is open asked at each minute, the others at each `stride`-th and where
 * it opens and closes.
 */
function firstDifference(calendar: ServiceCalendarSpec, from: number, to: number, stride: number): string | undefined {
  const open = openMinutes(calendar, from, to);
  const end = open.length;
  const instant = (minute: number) => new Date(from + minute * MINUTE);
  let [opens, closes, passed] = [end, end, 0];
  for (let minute = end - 1; minute >= 0; minute -= 1) {
    if (open[minute]) {
      opens = minute;
      passed += 1;
    } else closes = minute;
    const at = instant(minute);
    if (isOpen(calendar, at) !== (open[minute] === 1)) return `isOpen at ${at.toISOString()}`;
    const edge = open[minute] !== open[minute - 1] || open[minute] !== open[minute + 1];
    if (minute % stride !== 0 && !edge) continue;
    const total = passed * MINUTE;
    const last = afterBusinessTime(calendar, at, total)?.getTime() ?? 0;
    const answers: readonly [string, boolean][] = [
      ['nextOpen', opens === end || nextOpen(calendar, at)?.getTime() === instant(opens).getTime()],
      ['nextClosed', closes === end || nextClosed(calendar, at)?.getTime() === instant(closes).getTime()],
      ['businessTime', businessTime(calendar, at, instant(end)) === total],
      ['afterBusinessTime', last <= instant(end).getTime() && businessTime(calendar, at, new Date(last)) === total],
      ['afterBusinessTime not before', total === 0 || businessTime(calendar, at, new Date(last - 1)) === total - 1],
    ];
    const wrong = answers.find(([, right]) => !right);
    if (wrong) return `${wrong[0]} at ${at.toISOString()}`;
  }
  return undefined;
}

const timeOfDay = fc.integer({ min: 0, max: 48 }).map(half => {
  return `${String(Math.floor(half / 2)).padStart(2, '0')}:${half % 2 === 0 ? '00' : '30'}`;
});
/** Up to three stretches a day, on some days of the week. */
const coreHours = fc
  .tuple(fc.uniqueArray(timeOfDay, { minLength: 2, maxLength: 6 }), fc.subarray([...WEEKDAYS], { minLength: 3 }))
  .map(([times, days]) => {
    const sorted = times.toSorted();
    return sorted.flatMap((from, index) => {
      const to = sorted[index + 1];
      return index % 2 === 0 && to !== undefined ? [{ days, from, to }] : [];
    });
  });

/** The day before one on which something changes, or any day. */
function days(timeZone: string): fc.Arbitrary<number> {
  const changes: number[] = [];
  let at = Temporal.Instant.fromEpochMilliseconds(FROM).toZonedDateTimeISO(timeZone).getTimeZoneTransition('next');
  while (at && at.epochMilliseconds < TO) {
    changes.push(at.epochMilliseconds);
    at = at.getTimeZoneTransition('next');
  }
  const years = Array.from({ length: 9 }, (_, index) => Date.UTC(2025 + index, 0, 1));
  const any = fc.integer({ min: FROM / MINUTE, max: TO / MINUTE - 4320 }).map(minute => minute * MINUTE);
  return fc.oneof(
    fc.constantFrom(...changes, ...years).map(change => Math.floor((change - 30 * 60 * MINUTE) / MINUTE) * MINUTE),
    any,
  );
}

function holidaysNear(day: number): fc.Arbitrary<Holidays | undefined> {
  const dates = [1, 2].map(days => new Date(day + days * 1440 * MINUTE).toISOString().slice(0, 10));
  const dated = (date: string) => [{ date, name: 'Day' }];
  return fc.constantFrom<(Holidays | undefined)[]>(
    undefined,
    { region: 'DE-NI' },
    { region: 'DE-NI', additional: dated(dates[0] ?? '') },
    { region: 'DE-NI', removed: dated(dates[1] ?? '') },
  );
}

describe.each(ZONES)('GE-5: in %s, business time is what the clock on the wall says minute by minute', timeZone => {
  it('on sampled days of ten years, with sampled hours and holidays', () => {
    const day = days(timeZone).chain(from => fc.tuple(fc.constant(from), holidaysNear(from)));
    fc.assert(
      fc.property(coreHours, day, (hours, [from, holidays]) => {
        const calendar = calendarOf({ timeZone, coreHours: hours, holidays });
        expect(firstDifference(calendar, from, from + 2880 * MINUTE, 7)).toBeUndefined();
      }),
      { numRuns: 25 },
    );
  });
});

describe.each(WHOLE)(
  'GE-5: in %s, business time is what the clock on the wall says on each minute of ten years',
  timeZone => {
    it.each([
      ['regular hours', calendarOf().coreHours],
      ['nights', [{ days: [...WEEKDAYS], from: '00:00', to: '02:30' }]],
    ])('of %s', { timeout: 3_600_000 }, (_, hours) => {
      const calendar = calendarOf({ timeZone, coreHours: hours });
      for (let year = 2024; year < 2034; year += 1)
        expect(firstDifference(calendar, Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1), 7)).toBeUndefined();
    });
  },
);
