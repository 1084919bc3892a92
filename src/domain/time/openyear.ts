import type { ServiceCalendarSpec } from '../../api/servicecalendar.ts';
import { offsetSpans, startOfDay } from './cron.ts';
import { holidaysIn } from './holidays.ts';
import { stretchesOn, type Week, weekOf } from './week.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/** The last instant that ECMAScript knows, milliseconds; the first is as far away on the other side. */
const LAST_INSTANT = 8.64e15;

/** When a calendar is open in a year of UTC: stretches of instants, milliseconds since 1970, in order; none touches the next. */
export type OpenYear = {
  readonly starts: readonly number[];
  /** The first instants that do not belong to them. */
  readonly ends: readonly number[];
  /** Milliseconds that it is open in the year before each of them. */
  readonly before: readonly number[];
  /** Milliseconds that it is open in the whole year. */
  readonly total: number;
  /** The first instant of the next year. */
  readonly until: number;
};

/** Years that are kept of each calendar: nobody asks about so many at once. */
const KEPT = 64;

/** What was worked out of each calendar, by the spec itself: objects of the cache, and never changed. */
const known = new WeakMap<ServiceCalendarSpec, { readonly week: Week; readonly years: Map<number, OpenYear> }>();

/** When a calendar is open in a year of UTC. */
export function openYear(calendar: ServiceCalendarSpec, year: number): OpenYear {
  const of = known.get(calendar) ?? { week: weekOf(calendar.coreHours), years: new Map<number, OpenYear>() };
  known.set(calendar, of);
  const before = of.years.get(year);
  if (before !== undefined) return before;
  if (of.years.size >= KEPT) of.years.clear();
  const worked = workOut(calendar, of.week, year);
  of.years.set(year, worked);
  return worked;
}

/** The first instant of a year of UTC, or the nearest that there is. */
function startOfYear(year: number): number {
  const start = new Date(0).setUTCFullYear(year);
  return Number.isNaN(start) ? Math.sign(year) * LAST_INSTANT : start;
}

/**
 * A stretch of core hours is what the clock on the wall says: of hours that a zone skips nothing is left, and hours that come twice are open
 * twice. So it is worked out for each span of one offset by itself, and what touches is joined.
 */
function workOut({ timeZone, holidays = {} }: ServiceCalendarSpec, week: Week, year: number): OpenYear {
  const from = startOfYear(year);
  const until = startOfYear(year + 1);
  const closed = new Set([year - 1, year, year + 1].flatMap(each => holidaysIn(each, holidays).map(({ day }) => day)));
  const starts: number[] = [];
  const ends: number[] = [];
  for (const span of offsetSpans(timeZone, new Date(from), new Date(until - 1))) {
    for (let midnight = startOfDay(span.from + span.offset); midnight - span.offset < span.to; midnight += DAY) {
      const day = midnight / DAY;
      if (closed.has(day)) continue;
      for (const stretch of stretchesOn(week, day)) {
        const start = Math.max(span.from, midnight + stretch.from * MINUTE - span.offset);
        const end = Math.min(span.to, midnight + stretch.to * MINUTE - span.offset);
        if (start >= end) continue;
        if (ends.at(-1) === start) ends[ends.length - 1] = end;
        else {
          starts.push(start);
          ends.push(end);
        }
      }
    }
  }
  return { starts, ends, ...summed(starts, ends), until };
}

function summed(starts: readonly number[], ends: readonly number[]): Pick<OpenYear, 'before' | 'total'> {
  let total = 0;
  const before = starts.map((start, index) => {
    const sum = total;
    total += (ends[index] ?? start) - start;
    return sum;
  });
  return { before, total };
}
