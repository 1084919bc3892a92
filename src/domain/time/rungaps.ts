import { type Cron, firesOn, type OffsetSpan, offsetSpans, startOfDay } from './cron.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/** As far ahead as Velero's parser looks (spec.go Next of robfig/cron and of its fork go-cron): holds a leap year and every change of clocks. */
const HORIZON = 5 * 366 * DAY;

/** Two runs with none between them. */
export type Gap = { readonly from: Date; readonly to: Date };

/**
 * The longest time without a run of any of the schedules in the five years from an instant, the first one if several are
 * equal; undefined if there are fewer than two runs. Days when clocks change and leap years are counted as they fall.
 */
export function longestGap(crons: readonly Cron[], timeZone: string, from: Date): Gap | undefined {
  const longest = { from: 0, length: -1 };
  let previous: number | undefined;
  const step = (start: number, length: number): void => {
    if (length <= longest.length) return;
    longest.from = start;
    longest.length = length;
  };
  for (const day of runDays(crons, timeZone, from)) {
    if (previous !== undefined) step(previous, day.first - previous);
    step(day.first + day.gapStart, day.gapLength);
    previous = day.last;
  }
  if (longest.length < 0) return undefined;
  return { from: new Date(longest.from), to: new Date(longest.from + longest.length) };
}

/** The runs of one local day: the first, the last, and the longest gap between, relative to the first. */
type RunDay = { readonly first: number; readonly last: number; readonly gapStart: number; readonly gapLength: number };

function* runDays(crons: readonly Cron[], timeZone: string, from: Date): Generator<RunDay, void> {
  const patterns = new Map<string, RunDay>();
  for (const span of offsetSpans(timeZone, from, new Date(from.getTime() + HORIZON))) {
    for (let day = startOfDay(span.from + span.offset); day - span.offset < span.to; day += DAY) {
      const firing = crons.filter(cron => firesOn(cron, day));
      if (firing.length === 0) continue;
      const midnight = day - span.offset;
      if (midnight < span.from || midnight + DAY > span.to) {
        const part = summarise(runTimes(firing, midnight, span));
        if (part) yield part;
        continue;
      }
      const key = crons.map(cron => (firing.includes(cron) ? '1' : '0')).join('');
      const pattern = patterns.get(key) ?? summarise(runTimes(firing, 0, { from: 0, to: DAY, offset: 0 }));
      if (!pattern) continue;
      patterns.set(key, pattern);
      yield { ...pattern, first: midnight + pattern.first, last: midnight + pattern.last };
    }
  }
}

function runTimes(crons: readonly Cron[], midnight: number, { from, to }: OffsetSpan): number[] {
  const minutes = new Set(crons.flatMap(cron => cron.minutesOfDay));
  return [...minutes]
    .sort((a, b) => a - b)
    .map(minute => midnight + minute * MINUTE)
    .filter(time => time >= from && time < to);
}

function summarise(times: readonly number[]): RunDay | undefined {
  const [first] = times;
  if (first === undefined) return undefined;
  let last = first;
  let gap = { gapStart: 0, gapLength: -1 };
  for (const time of times.slice(1)) {
    if (time - last > gap.gapLength) gap = { gapStart: last - first, gapLength: time - last };
    last = time;
  }
  return { first, last, ...gap };
}

/**
 * The shortest time between two runs of one schedule by the clock on the wall, milliseconds; nights in which clocks change do not count.
 * A day for a schedule that runs once on its days.
 */
export function shortestInterval(cron: Cron, from: Date): number {
  const { minutesOfDay } = cron;
  const [first = 0, last = 0] = [minutesOfDay[0], minutesOfDay.at(-1)];
  const within = minutesOfDay.slice(1).map((minute, index) => minute - (minutesOfDay[index] ?? 0));
  const overnight = runsOnTwoDaysInARow(cron, from) ? [first + 1440 - last] : [];
  return Math.min(1440, ...within, ...overnight) * MINUTE;
}

function runsOnTwoDaysInARow(cron: Cron, from: Date): boolean {
  const start = startOfDay(from.getTime());
  for (let day = start; day < start + HORIZON; day += DAY) {
    if (firesOn(cron, day) && firesOn(cron, day + DAY)) return true;
  }
  return false;
}
