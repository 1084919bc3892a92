/**
 * The clocks of the service (MO-6, GE-5): when a calendar is open, and how much of its time has passed. Pure: the same answer for the same
 * calendar and instants. Open is what the clock on the wall of its zone says, so an hour that comes twice in autumn counts twice, and one that
 * is skipped in spring does not count. Whether it will ever be open is answered, never waited for: who asks ahead is told what happens until
 * the end of the tenth year after, and `undefined` where that holds no answer. The instants that they are asked about must exist.
 * @throws RangeError of an invalid Date and of a zone that the IANA database does not have; admission lets none in.
 */
import type { ServiceCalendarSpec } from '../../api/servicecalendar.ts';
import { type OpenYear, openYear } from './openyear.ts';

/**
 * Years of UTC that are looked at beyond the one that is asked about. A calendar that admission has let in has core hours on a day of the
 * week, and adds a hundred holidays at most: it is open in each three years.
 */
const YEARS_AHEAD = 10;

/** Whether it is open at an instant. */
export function isOpen(calendar: ServiceCalendarSpec, at: Date): boolean {
  const year = openYear(calendar, at.getUTCFullYear());
  const index = lastStart(year, at.getTime());
  return at.getTime() < (year.ends[index] ?? Number.NEGATIVE_INFINITY);
}

/** The first instant at which it is open, not before `from`: `from` itself while it is. Undefined: not within ten years. */
export function nextOpen(calendar: ServiceCalendarSpec, from: Date): Date | undefined {
  const time = from.getTime();
  for (const year of yearsAhead(calendar, from)) {
    const index = Math.max(0, lastStart(year, time));
    const found = time < (year.ends[index] ?? time) ? index : index + 1;
    const start = year.starts[found];
    if (start !== undefined) return new Date(Math.max(start, time));
  }
  return undefined;
}

/** The first instant at which it is closed, not before `from`: `from` itself while it is. Undefined: not within ten years. */
export function nextClosed(calendar: ServiceCalendarSpec, from: Date): Date | undefined {
  let time = from.getTime();
  for (const year of yearsAhead(calendar, from)) {
    const end = year.ends[lastStart(year, time)] ?? time;
    if (end > time) time = end;
    if (time < year.until) return new Date(time);
  }
  return undefined;
}

/** Milliseconds for which it is open from one instant to another; 0 where the other is not later. Takes as long as there are years between them. */
export function businessTime(calendar: ServiceCalendarSpec, from: Date, to: Date): number {
  if (to.getTime() <= from.getTime()) return 0;
  const [first, last] = [from.getUTCFullYear(), to.getUTCFullYear()];
  let sum = openBefore(openYear(calendar, last), to.getTime()) - openBefore(openYear(calendar, first), from.getTime());
  for (let year = first; year < last; year += 1) sum += openYear(calendar, year).total;
  return sum;
}

/**
 * The first instant by which it has been open for so many milliseconds since `from`: at the end of core hours rather than at the next
 * beginning, and `from` itself of none. Undefined: not within ten years.
 */
export function afterBusinessTime(calendar: ServiceCalendarSpec, from: Date, duration: number): Date | undefined {
  if (duration <= 0) return from;
  let left = duration + openBefore(openYear(calendar, from.getUTCFullYear()), from.getTime());
  for (const year of yearsAhead(calendar, from)) {
    if (left <= year.total) {
      const index = lastBelow(year.before, left);
      return new Date((year.starts[index] ?? 0) + left - (year.before[index] ?? 0));
    }
    left -= year.total;
  }
  return undefined;
}

function* yearsAhead(calendar: ServiceCalendarSpec, from: Date): Generator<OpenYear, void> {
  const first = from.getUTCFullYear();
  for (let year = first; year <= first + YEARS_AHEAD; year += 1) yield openYear(calendar, year);
}

/** Milliseconds for which it is open in the year before an instant. */
function openBefore(year: OpenYear, time: number): number {
  const index = lastStart(year, time);
  const start = year.starts[index];
  if (start === undefined) return 0;
  return (year.before[index] ?? 0) + Math.min(time, year.ends[index] ?? start) - start;
}

/** Index of the last stretch that begins at an instant or before it; -1: none does. */
function lastStart({ starts }: OpenYear, time: number): number {
  return lastBelow(starts, time + 1);
}

/** Index of the last of ascending numbers that is below a bound; -1: none is. */
function lastBelow(ascending: readonly number[], bound: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? bound) < bound) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
