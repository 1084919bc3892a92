import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ServiceCalendarSpec, WEEKDAYS } from '../../api/servicecalendar.ts';
import { alwaysOpen, calendarOf, neverOpen } from '../time/calendar.fixtures.ts';
import { dayOf, publicHolidays } from '../time/holidays.ts';
import { openYear } from '../time/openyear.ts';
import { alertmanager } from './alertmanager.fixtures.ts';
import { type TimeInterval, utcIntervals } from './utcintervals.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const YEARS = [2026, 2027, 2028, 2029, 2030];

function intervalsOf(calendar: ServiceCalendarSpec, years: readonly number[] = YEARS) {
  return years.flatMap(year => utcIntervals(calendar, year));
}

describe('core hours as intervals of UTC (GE-5, MO-6)', () => {
  it('agree with the clock in Hannover every five minutes for five years', () => {
    const isActive = alertmanager(intervalsOf(calendarOf()));
    const holidays = new Set(YEARS.flatMap(year => publicHolidays('DE-NI', year).map(({ day }) => day)));
    const last = Date.UTC(2031, 0, 1);
    let [samples, open, different] = [0, 0, 0];
    for (let hour = Date.UTC(2026, 0, 1); hour < last; hour += 60 * MINUTE) {
      // Berlin changes its clock on the hour.
      const wall = Temporal.Instant.fromEpochMilliseconds(hour).toZonedDateTimeISO('Europe/Berlin');
      const isWorkday = wall.dayOfWeek <= 5 && !holidays.has(dayOf(wall.toPlainDate().toString()));
      const isOpen = isWorkday && wall.hour >= 9 && wall.hour < 18;
      for (let at = hour; at < hour + 60 * MINUTE; at += 5 * MINUTE) {
        samples += 1;
        if (isOpen) open += 1;
        if (isActive(at) !== isOpen) different += 1;
      }
    }
    expect({ samples, different }).toEqual({ samples: 525_888, different: 0 });
    expect(open).toBeGreaterThan(130_000);
  });

  it.each([
    ['Europe/Berlin', 'the north'],
    ['America/New_York', 'behind UTC'],
    ['Australia/Lord_Howe', 'half an hour of summer time, in the south'],
    ['Asia/Kolkata', 'half an hour off, and no summer time'],
    ['Pacific/Chatham', 'three quarters of an hour off, beyond the date line'],
    ['Pacific/Apia', 'a day ahead'],
    ['America/St_Johns', 'half an hour, behind UTC'],
    ['Africa/Casablanca', 'another time in Ramadan'],
  ])('agree with the clocks of %s to the minute: %s', timeZone => {
    for (const year of YEARS) {
      const calendar = calendarOf({ timeZone });
      expect(minutesOf(calendar, year)).toEqual(openMinutesOf(calendar, year));
    }
  });

  it('agree with any calendar to the minute', () => {
    const time = fc.integer({ min: 0, max: 1440 });
    const entry = fc
      .record({ days: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }), a: time, b: time })
      .filter(({ a, b }) => a !== b)
      .map(({ days, a, b }) => ({ days, from: clock(Math.min(a, b)), to: clock(Math.max(a, b)) }));
    const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Kiritimati');
    const region = fc.constantFrom({ region: 'DE-NI' as const }, {});
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1, maxLength: 4 }),
        zone,
        region,
        fc.constantFrom(...YEARS),
        (coreHours, timeZone, holidays, year) => {
          const calendar: ServiceCalendarSpec = { timeZone, coreHours, holidays };
          expect(minutesOf(calendar, year)).toEqual(openMinutesOf(calendar, year));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('are few and can be read: a year of Hannover', () => {
    expect(utcIntervals(calendarOf(), 2026).map(inALine)).toMatchInlineSnapshot(`
      [
        "08:00-17:00 monday:friday 2:31 january",
        "08:00-17:00 monday:friday * february,november",
        "08:00-17:00 monday:friday 1:29 march",
        "07:00-16:00 * 30:31 march",
        "07:00-16:00 monday:friday 1:2,4:5,7:30 april",
        "07:00-16:00 monday:friday 2:13,15:24,26:31 may",
        "07:00-16:00 monday:friday * june:september",
        "07:00-16:00 monday:friday 1:25,31:31 october",
        "08:00-17:00 * 26:30 october",
        "08:00-17:00 monday:friday 1:24,26:31 december",
      ]
    `);
  });

  it('are one interval a year where it is always open, and none where it never is', () => {
    expect(utcIntervals(alwaysOpen, 2028)).toEqual([
      { times: [{ startTime: '00:00', endTime: '24:00' }], years: ['2028'] },
    ]);
    expect(utcIntervals(neverOpen, 2028)).toEqual([]);
  });
});

/** The stretches of a year in minutes since 1970, as Alertmanager has them: on a day they begin and end at no other minutes than the intervals name. */
function minutesOf(calendar: ServiceCalendarSpec, year: number): readonly (readonly [number, number])[] {
  const intervals = utcIntervals(calendar, year);
  const isActive = alertmanager(intervals);
  const times = intervals.flatMap(interval => interval.times.flatMap(({ startTime, endTime }) => [startTime, endTime]));
  const marks = [...new Set(['00:00', ...times, '24:00'])].sort().map(minuteOf);
  const found: [number, number][] = [];
  for (let day = Date.UTC(year, 0, 1); day < Date.UTC(year + 1, 0, 1); day += DAY) {
    marks.slice(0, -1).forEach((mark, index) => {
      if (!isActive(day + mark * MINUTE)) return;
      const [from, to] = [day / MINUTE + mark, day / MINUTE + (marks[index + 1] ?? mark)];
      const before = found.at(-1);
      if (before?.[1] === from) before[1] = to;
      else found.push([from, to]);
    });
  }
  return found;
}

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function openMinutesOf(calendar: ServiceCalendarSpec, year: number): readonly (readonly [number, number])[] {
  const { starts, ends } = openYear(calendar, year);
  return starts.map((start, index) => [start / MINUTE, (ends[index] ?? 0) / MINUTE]);
}

function inALine({ times, weekdays, daysOfMonth, months }: TimeInterval): string {
  const hours = times.map(({ startTime, endTime }) => `${startTime}-${endTime}`);
  const days = daysOfMonth?.map(({ start, end }) => `${start}:${end}`);
  return [hours, weekdays, days, months].map(part => part?.join(',') ?? '*').join(' ');
}

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
