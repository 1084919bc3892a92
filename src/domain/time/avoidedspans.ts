/**
 * Spans in which nothing may start, and schedules that leave them out (ADR 0171). A span begins at a minute of a local day and lasts by the clock on the
 * wall, as cron is read, so that a change of clocks moves neither against the other. Pure.
 */
import { type Cron, firesOn, type OffsetSpan, offsetSpans, parseCron, startOfDay } from './cron.ts';
import { timeFields } from './timefields.ts';

const MINUTE = 60_000;
const HOUR = 60;
const DAY = 1440;

export type AvoidedSpan = {
  readonly name: string;
  /** Fires at one minute of its days. */
  readonly cron: Cron;
  /** How long it lasts, minutes by the clock on the wall. */
  readonly minutes: number;
};

/** What is avoided of a day, in minutes after its midnight, `to` excluded. */
type Part = { readonly name: string; readonly from: number; readonly to: number };

/** A run that starts within a span. */
export type AvoidedRun = { readonly time: Date; readonly span: string };

/**
 * The schedule without the runs that lie in a span, in the same words where none does. Undefined where one cron cannot say it: other times
 * remain on some of its days than on others, or the days that remain are no list, or nothing remains.
 * @throws InvalidCron for what {@link parseCron} refuses.
 */
export function withoutAvoided(expression: string, spans: readonly AvoidedSpan[]): string | undefined {
  const cron = parseCron(expression);
  const all = daysOf(cron, spans);
  const left = all.filter(({ times }) => times.length > 0);
  const [first] = left;
  if (first === undefined || left.some(({ times }) => !isSame(times, first.times))) return undefined;
  const [minute, hour, ...days] = expression.trim().split(/\s+/);
  const isWhole = first.times.length === cron.minutesOfDay.length;
  const time = isWhole ? `${minute} ${hour}` : timeFields(first.times);
  const day = dayFields(days, all, left);
  return time === undefined || day === undefined ? undefined : `${time} ${day}`;
}

function isSame(times: readonly number[], others: readonly number[]): boolean {
  return times === others || `${times}` === `${others}`;
}

/** Whether another schedule for the days of `expression` has a start in a span on a day on which the run of `expression` in its place has none. */
export function movesIntoAvoided(expression: string, spans: readonly AvoidedSpan[]): (later: string) => boolean {
  const cron = parseCron(expression);
  const { minutesOfDay } = cron;
  const kinds = new Set(daysOf(cron, spans).map(({ parts }) => parts));
  return later =>
    parseCron(later).minutesOfDay.some((minute, index) =>
      [...kinds].some(parts => within(parts, minute) && !within(parts, minutesOfDay[index] ?? minute)),
    );
}

/** The runs in [from, until) that start within a span, in order; one at a time that clocks skip too, for Velero may start it within the hour after (ADR 0049). */
export function* avoidedRuns(
  cron: Cron,
  spans: readonly AvoidedSpan[],
  timeZone: string,
  from: Date,
  until: Date,
): Generator<AvoidedRun, void> {
  for (const stretch of offsetSpans(timeZone, from, until)) {
    yield* runsWithin(cron, spans, stretch);
    const { to, offset } = stretch;
    const hour = skippedHour(cron, timeZone, to, offset);
    const span = hour.map(time => spanAt(spans, time)).find(name => name !== undefined);
    if (span !== undefined) yield { time: new Date(to), span };
  }
}

function* runsWithin(
  cron: Cron,
  spans: readonly AvoidedSpan[],
  { from, to, offset }: OffsetSpan,
): Generator<AvoidedRun, void> {
  for (let day = startOfDay(from + offset); day - offset < to; day += DAY * MINUTE) {
    const parts = firesOn(cron, day) ? partsOf(spans, day) : [];
    const minutes = parts.length === 0 ? [] : cron.minutesOfDay;
    for (const minute of minutes) {
      const [time, part] = [day - offset + minute * MINUTE, within(parts, minute)];
      if (part !== undefined && time >= from && time < to) yield { time: new Date(time), span: part.name };
    }
  }
}

/** The local minutes after a change of clocks, at the end of a stretch with this offset, within which a run is started that the change skips. */
function skippedHour(cron: Cron, timeZone: string, change: number, offset: number): readonly number[] {
  const after = Temporal.Instant.fromEpochMilliseconds(change).toZonedDateTimeISO(timeZone).offsetNanoseconds / 1e6;
  const end = change + after;
  const isSkipped = minutesIn(change + offset, end).some(minute => firesAt(cron, minute));
  return isSkipped ? minutesIn(end, end + HOUR * MINUTE) : [];
}

function minutesIn(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, (to - from) / MINUTE) }, (_, index) => from + index * MINUTE);
}

function firesAt(cron: Cron, localTime: number): boolean {
  const day = startOfDay(localTime);
  return firesOn(cron, day) && cron.minutesOfDay.includes((localTime - day) / MINUTE);
}

/** The span in which a local time lies. */
function spanAt(spans: readonly AvoidedSpan[], localTime: number): string | undefined {
  const day = startOfDay(localTime);
  return within(partsOf(spans, day), (localTime - day) / MINUTE)?.name;
}

function within(parts: readonly Part[], minute: number): Part | undefined {
  return parts.find(({ from, to }) => minute >= from && minute < to);
}

function partsOf(spans: readonly AvoidedSpan[], day: number): readonly Part[] {
  return spans.flatMap(({ name, cron, minutes }) => {
    const [start = 0] = cron.minutesOfDay;
    // A span reaches into the days after its own.
    const before = Array.from({ length: Math.ceil((start + minutes) / DAY) }, (_, index) => index);
    return before
      .filter(days => firesOn(cron, day - days * DAY * MINUTE))
      .map(days => ({ name, from: start - days * DAY, to: start - days * DAY + minutes }));
  });
}

/** A day of a schedule; `times`: the minutes after midnight at which it still starts. The same days have the same objects. */
type DayLeft = { readonly date: Date; readonly parts: readonly Part[]; readonly times: readonly number[] };

/** The days on which a schedule fires, of all that there can be. */
function daysOf(cron: Cron, spans: readonly AvoidedSpan[]): readonly DayLeft[] {
  const times = new Map<readonly Part[], readonly number[]>();
  return calendarOf(spans).flatMap(({ date, parts }) => {
    if (!firesOn(cron, date.getTime())) return [];
    const left = times.get(parts) ?? cron.minutesOfDay.filter(minute => !within(parts, minute));
    times.set(parts, left);
    return [{ date, parts, times: left }];
  });
}

type CalendarDay = Pick<DayLeft, 'date' | 'parts'>;

/** By the spans as they were read: all tiers and delays of a policy ask for the same. */
const calendars = new WeakMap<readonly AvoidedSpan[], readonly CalendarDay[]>();

/** 28 years, after which dates, weekdays and leap years come again until 2100: what holds on them holds always. */
function calendarOf(spans: readonly AvoidedSpan[]): readonly CalendarDay[] {
  const known = calendars.get(spans);
  if (known !== undefined) return known;
  const kinds = new Map<string, readonly Part[]>();
  const first = Date.UTC(2024, 0, 1);
  const days = Array.from({ length: 28 * 365 + 7 }, (_, index) => {
    const date = new Date(first + index * DAY * MINUTE);
    const parts = partsOf(spans, date.getTime());
    const key = parts.map(({ from, to }) => `${from} ${to}`).join();
    const same = kinds.get(key) ?? parts;
    kinds.set(key, same);
    return { date, parts: same };
  });
  calendars.set(spans, days);
  return days;
}

/** Day of month, month and day of week of the days that are left; undefined where three fields cannot say them. */
function dayFields(fields: readonly string[], all: readonly DayLeft[], left: readonly DayLeft[]): string | undefined {
  const kept = PARTS_OF_DATE.map(part => new Set(left.map(({ date }) => part(date))));
  const said = fields.map((field, index) => {
    const [part, values] = [PARTS_OF_DATE[index], kept[index]];
    if (part === undefined || values === undefined) return field;
    return values.size === new Set(all.map(({ date }) => part(date))).size ? field : ranges(values);
  });
  const matching = all.filter(({ date }) => PARTS_OF_DATE.every((part, index) => kept[index]?.has(part(date))));
  // Versions of Velero read it differently where day of month and day of week are both restricted (ADR 0021).
  const isAlike = said[0] === '*' || said[2] === '*';
  return isAlike && matching.length === left.length ? said.join(' ') : undefined;
}

/** In the order of cron's fields. */
const PARTS_OF_DATE: readonly ((date: Date) => number)[] = [
  date => date.getUTCDate(),
  date => date.getUTCMonth() + 1,
  date => date.getUTCDay(),
];

/** A field of cron with these numbers: `1,3-31`. */
function ranges(values: ReadonlySet<number>): string {
  const sorted = [...values].sort((a, b) => a - b);
  const firsts = sorted.filter(value => !values.has(value - 1));
  const lasts = sorted.filter(value => !values.has(value + 1));
  return firsts.map((first, index) => (first === lasts[index] ? `${first}` : `${first}-${lasts[index]}`)).join(',');
}
