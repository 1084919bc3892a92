/** Whether Alertmanager takes an instant to be in one of some intervals, written after its source (v0.31.1, timeinterval/timeinterval.go, ContainsTime). */
import type { TimeInterval } from './utcintervals.ts';

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
];

type Bounds = readonly (readonly [begin: number, end: number])[] | undefined;
/** An interval as Alertmanager holds it once it is read. */
type Read = {
  readonly times: Bounds;
  readonly daysOfMonth: Bounds;
  readonly months: Bounds;
  readonly weekdays: Bounds;
  readonly years: Bounds;
};

/** Reads intervals, and answers for instants in milliseconds since 1970. */
export function alertmanager(intervals: readonly TimeInterval[]): (at: number) => boolean {
  const read = intervals.map(readInterval);
  return at => {
    const time = timeOf(at);
    return read.some(interval => contains(interval, time));
  };
}

type Time = { readonly [Field in 'minute' | 'day' | 'length' | 'month' | 'weekday' | 'year']: number };

function timeOf(at: number): Time {
  const time = new Date(at);
  const [year, month] = [time.getUTCFullYear(), time.getUTCMonth() + 1];
  const length = [31, year % 4 === 0 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 31;
  const minute = time.getUTCHours() * 60 + time.getUTCMinutes();
  return { minute, day: time.getUTCDate(), length, month, weekday: time.getUTCDay(), year };
}

function readInterval({ times, daysOfMonth, months, weekdays, years }: TimeInterval): Read {
  return {
    times: times.map(({ startTime, endTime }) => [minutes(startTime), minutes(endTime)] as const),
    daysOfMonth: daysOfMonth?.map(({ start, end }) => [start, end] as const),
    months: months?.map(range => ends(range, name => MONTHS.indexOf(name) + 1)),
    weekdays: weekdays?.map(range => ends(range, name => WEEKDAYS.indexOf(name))),
    years: years.map(range => ends(range, Number)),
  };
}

function contains({ times, daysOfMonth, months, weekdays, years }: Read, time: Time): boolean {
  const { minute, day, length } = time;
  if (times && !times.some(([start, end]) => minute >= start && minute < end)) return false;
  const fromEnd = (of: number) => (of < 0 ? length + of + 1 : of);
  const isDay = ([begin, end]: readonly [number, number]) =>
    fromEnd(begin) <= length &&
    day >= Math.max(fromEnd(begin), -length) &&
    day <= Math.min(Math.max(fromEnd(end), -length), length);
  if (daysOfMonth && !daysOfMonth.some(isDay)) return false;
  return within(months, time.month) && within(weekdays, time.weekday) && within(years, time.year);
}

function within(bounds: Bounds, value: number): boolean {
  return bounds === undefined || bounds.some(([begin, end]) => value >= begin && value <= end);
}

function minutes(clock: string): number {
  const [hours = '', rest = ''] = clock.split(':');
  return Number(hours) * 60 + Number(rest);
}

function ends(range: string, of: (name: string) => number): readonly [number, number] {
  const [begin = '', end = begin] = range.split(':');
  return [of(begin), of(end)];
}

type Matcher = { readonly name: string; readonly matchType: string; readonly value: string };
type Route = {
  readonly receiver: string;
  readonly continue?: boolean;
  readonly matchers?: readonly Matcher[];
  readonly activeTimeIntervals?: readonly string[];
  readonly routes?: readonly Route[];
};
/** An AlertmanagerConfig, as far as it is looked at here. */
export type Config = {
  readonly spec: {
    readonly route: Route;
    readonly receivers: readonly object[];
    readonly muteTimeIntervals?: readonly { readonly name: string; readonly timeIntervals: readonly TimeInterval[] }[];
  };
};

/**
 * Who is sent an alert at an instant, written after Alertmanager's source: dispatch/route.go, Match, and notify/mute.go, TimeActiveStage. The matchers
 * that prometheus-operator adds hold for every alert of the namespace.
 */
export function receiversAt({ spec }: Config, labels: Readonly<Record<string, string>>, at: number): readonly string[] {
  const isOpen = (name: string) =>
    alertmanager(spec.muteTimeIntervals?.find(interval => interval.name === name)?.timeIntervals ?? [])(at);
  return matching(spec.route, labels)
    .filter(({ activeTimeIntervals: names }) => names === undefined || names.some(isOpen))
    .map(({ receiver }) => receiver);
}

function matching(route: Route, labels: Readonly<Record<string, string>>): readonly Route[] {
  const matches = ({ name, value }: Matcher) => new RegExp(`^(?:${value})$`).test(labels[name] ?? '');
  if (!(route.matchers ?? []).every(matches)) return [];
  const found: Route[] = [];
  for (const child of route.routes ?? []) {
    const below = matching(child, labels);
    found.push(...below);
    if (below.length > 0 && !child.continue) break;
  }
  return found.length > 0 ? found : [route];
}
