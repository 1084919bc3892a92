/**
 * Core hours as Alertmanager's time intervals in UTC: the kind AlertmanagerConfig of prometheus-operator has no field for a zone (its issue 5512).
 * How they are read: timeinterval/timeinterval.go of Alertmanager, with ends of times excluded, and of days, months and years included; an instant
 * belongs to an interval that has it in each list that the interval has.
 */
import type { ServiceCalendarSpec } from '../../api/servicecalendar.ts';
import { openYear } from '../time/openyear.ts';

const MINUTE = 60_000;
const DAY = 1440;
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
const MONTHS = [
  ...(['january', 'february', 'march', 'april', 'may', 'june', 'july'] as const),
  ...(['august', 'september', 'october', 'november', 'december'] as const),
];

/** As AlertmanagerConfig v1alpha1 has it, with the fields that are used. */
export type TimeInterval = {
  readonly times: readonly { readonly startTime: string; readonly endTime: string }[];
  readonly weekdays?: readonly string[];
  readonly daysOfMonth?: readonly { readonly start: number; readonly end: number }[];
  readonly months?: readonly string[];
  readonly years: readonly string[];
};

type Range = { readonly from: number; readonly to: number };
/** Days of a month that are open at the same minutes. */
type Pattern = Pick<TimeInterval, 'times' | 'weekdays' | 'daysOfMonth'>;

/** When a calendar is open in a year of UTC, to the minute. None: it never is. */
export function utcIntervals(calendar: ServiceCalendarSpec, year: number): readonly TimeInterval[] {
  const days = openMinutes(calendar, year);
  const months = new Map<string, { readonly pattern: Pattern; readonly of: number[] }>();
  for (let month = 0; month < 12; month += 1) {
    for (const pattern of patternsOf(days, year, month)) {
      const key = JSON.stringify(pattern);
      const known = months.get(key);
      if (known === undefined) months.set(key, { pattern, of: [month] });
      else known.of.push(month);
    }
  }
  return [...months.values()].map(({ pattern, of }) => ({
    ...pattern,
    ...(of.length < 12 ? { months: rangesOf(of).map(range => named(range, MONTHS)) } : {}),
    years: [String(year)],
  }));
}

/** The minutes of each day on which it is open, by the day's number since 1970-01-01: a stretch that goes on past midnight belongs to two. */
function openMinutes(calendar: ServiceCalendarSpec, year: number): ReadonlyMap<number, readonly Range[]> {
  const days = new Map<number, Range[]>();
  const { starts, ends } = openYear(calendar, year);
  starts.forEach((start, index) => {
    let from = Math.floor(start / MINUTE);
    const end = Math.floor((ends[index] ?? start) / MINUTE);
    while (from < end) {
      const day = Math.floor(from / DAY);
      const to = Math.min(end, (day + 1) * DAY);
      days.set(day, [...(days.get(day) ?? []), { from: from - day * DAY, to: to - day * DAY }]);
      from = to;
    }
  });
  return days;
}

/** The days of a month by the minutes at which they are open: one pattern for each. */
function patternsOf(days: ReadonlyMap<number, readonly Range[]>, year: number, month: number): readonly Pattern[] {
  const first = Date.UTC(year, month, 1) / (DAY * MINUTE);
  const length = Date.UTC(year, month + 1, 1) / (DAY * MINUTE) - first;
  const open = new Map<string, { readonly times: readonly Range[]; readonly days: Set<number> }>();
  for (let day = 1; day <= length; day += 1) {
    const times = days.get(first + day - 1);
    if (times === undefined) continue;
    const key = JSON.stringify(times);
    const known = open.get(key) ?? { times, days: new Set() };
    known.days.add(day);
    open.set(key, known);
  }
  const weekday = (day: number) => (first + day - 1 + 4) % 7;
  return [...open.values()].map(of => ({
    times: of.times.map(({ from, to }) => ({ startTime: clock(from), endTime: clock(to) })),
    ...daysOf(of.days, length, weekday),
  }));
}

/** Days of a month, by themselves or as days of the week among some days of the month, whichever is shorter. */
function daysOf(days: ReadonlySet<number>, length: number, weekday: (day: number) => number): Omit<Pattern, 'times'> {
  const weekdays = [...new Set([...days].map(weekday))].sort((a, b) => a - b);
  const all = Array.from({ length }, (_, index) => index + 1);
  const among = rangesOf(all.filter(day => days.has(day) || !weekdays.includes(weekday(day))));
  const themselves = rangesOf([...days]);
  if (themselves.length < among.length || weekdays.length === 7) return onDays(themselves, length);
  return { weekdays: rangesOf(weekdays).map(range => named(range, WEEKDAYS)), ...onDays(among, length) };
}

function onDays(ranges: readonly Range[], length: number): Pick<Pattern, 'daysOfMonth'> {
  const [first] = ranges;
  if (first?.from === 1 && first.to === length) return {};
  return { daysOfMonth: ranges.map(({ from, to }) => ({ start: from, end: to })) };
}

/** Ascending whole numbers as ranges, with their ends. */
function rangesOf(ascending: readonly number[]): readonly Range[] {
  const ranges: { from: number; to: number }[] = [];
  for (const each of ascending) {
    const last = ranges.at(-1);
    if (last !== undefined && each === last.to + 1) last.to = each;
    else ranges.push({ from: each, to: each });
  }
  return ranges;
}

function named({ from, to }: Range, names: readonly string[]): string {
  return from === to ? (names[from] ?? '') : `${names[from]}:${names[to]}`;
}

function clock(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}
