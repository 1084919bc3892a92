const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** Longest search for a next run: 29 February recurs within eight years, also across 2100. */
const SEARCH = 9 * 366 * DAY;

/** A cron expression that cannot be used; the message says which part and why. */
export class InvalidCron extends Error {
  override name = 'InvalidCron';
}

/** A parsed cron expression. It has no zone: the same schedule can be asked for in any. */
export type Cron = {
  /** Minutes after local midnight at which it fires on a day that matches, ascending. */
  readonly minutesOfDay: readonly number[];
  readonly daysOfMonth: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly daysOfWeek: ReadonlySet<number>;
};

type Field = { readonly name: string; readonly min: number; readonly max: number; readonly names?: readonly string[] };

const MINUTES: Field = { name: 'minute', min: 0, max: 59 };
const HOURS: Field = { name: 'hour', min: 0, max: 23 };
const DAYS_OF_MONTH: Field = { name: 'day of month', min: 1, max: 31 };
const MONTHS: Field = {
  name: 'month',
  min: 1,
  max: 12,
  names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
};
const DAYS_OF_WEEK: Field = {
  name: 'day of week',
  min: 0,
  max: 6,
  names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
};

/**
 * Reads `minute hour day-of-month month day-of-week` as every Velero does: up to 1.17 with robfig/cron v3, from 1.18 with netresearch/go-cron.
 * @throws InvalidCron for anything else, for what the two read differently (both day fields restricted: either of them must match, or both),
 * and for a schedule that never fires, such as 30 February.
 */
export function parseCron(expression: string): Cron {
  const fields = expression.trim().split(/\s+/);
  const [minute, hour, dayOfMonth, month, dayOfWeek] = fields;
  if (fields.length !== 5 || !minute || !hour || !dayOfMonth || !month || !dayOfWeek) {
    throw new InvalidCron(
      `"${expression}" needs five fields (minute, hour, day of month, month, day of week) and has ${expression.trim() === '' ? 0 : fields.length}`,
    );
  }
  const minutes = parseField(minute, MINUTES);
  const hours = parseField(hour, HOURS);
  const days = parseField(dayOfMonth, DAYS_OF_MONTH);
  const weekdays = parseField(dayOfWeek, DAYS_OF_WEEK);
  const cron: Cron = {
    minutesOfDay: ascending(hours.values).flatMap(h => ascending(minutes.values).map(m => h * 60 + m)),
    daysOfMonth: days.values,
    months: parseField(month, MONTHS).values,
    daysOfWeek: weekdays.values,
  };
  if (!days.every && !weekdays.every) {
    throw new InvalidCron(
      `"${expression}" restricts day of month and day of week, which versions of Velero read differently: leave one of them *`,
    );
  }
  if (neverFires(cron)) throw new InvalidCron(`"${expression}" never fires: none of its months has such a day`);
  return cron;
}

/** First run after an instant, read in an IANA zone. */
export function nextRun(cron: Cron, timeZone: string, after: Date): Date {
  for (const run of runs(cron, timeZone, after, new Date(after.getTime() + SEARCH))) return run;
  throw new RangeError('a schedule that fires must fire within nine years');
}

/**
 * Every run in (after, until], in order. A local time that the zone skips when clocks go forward has no run: Velero starts one within the
 * hour after from 1.18 on, and none before (ADR 0049), so none is counted on. One that it has twice when they go back runs twice.
 */
export function* runs(cron: Cron, timeZone: string, after: Date, until: Date): Generator<Date, void> {
  for (const span of offsetSpans(timeZone, after, until)) {
    for (let day = startOfDay(span.from + span.offset); day - span.offset < span.to; day += DAY) {
      if (!firesOn(cron, day)) continue;
      for (const minute of cron.minutesOfDay) {
        const time = day + minute * MINUTE - span.offset;
        if (time >= span.from && time < span.to && time > after.getTime()) yield new Date(time);
      }
    }
  }
}

/** A stretch of time in which a zone's offset from UTC stays the same; milliseconds, `to` excluded. */
export type OffsetSpan = { readonly from: number; readonly to: number; readonly offset: number };

/** The stretches that cover [from, until]. */
export function* offsetSpans(timeZone: string, from: Date, until: Date): Generator<OffsetSpan, void> {
  const end = until.getTime() + 1;
  let at: Temporal.ZonedDateTime | null = Temporal.Instant.fromEpochMilliseconds(from.getTime()).toZonedDateTimeISO(
    timeZone,
  );
  while (at && at.epochMilliseconds < end) {
    const next: Temporal.ZonedDateTime | null = at.getTimeZoneTransition('next');
    yield {
      from: at.epochMilliseconds,
      to: Math.min(next?.epochMilliseconds ?? end, end),
      offset: at.offsetNanoseconds / 1e6,
    };
    at = next;
  }
}

/** Local midnight of a local time, both as milliseconds that read the local calendar as if it were UTC. */
export function startOfDay(localTime: number): number {
  return Math.floor(localTime / DAY) * DAY;
}

/** Whether the schedule fires on a local day, given as {@link startOfDay} gives it. */
export function firesOn(cron: Cron, localDay: number): boolean {
  const date = new Date(localDay);
  if (!cron.months.has(date.getUTCMonth() + 1)) return false;
  return cron.daysOfMonth.has(date.getUTCDate()) && cron.daysOfWeek.has(date.getUTCDay());
}

/** Whether the IANA database has a zone of exactly this spelling; Go, and so Velero, minds upper and lower case. */
export function isTimeZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    return new Temporal.ZonedDateTime(0n, name).timeZoneId === name;
  } catch {
    return false;
  }
}

function parseField(text: string, field: Field): { values: ReadonlySet<number>; every: boolean } {
  const parts = text.split(',').map(part => parsePart(part, field));
  return { values: new Set(parts.flatMap(part => part.values)), every: parts.some(part => part.every) };
}

/** `*`, `?`, `n`, `a-b`, each with an optional `/step`; `n/step` means `n-max/step`. */
function parsePart(part: string, field: Field): { values: readonly number[]; every: boolean } {
  const match = /^(?:(?<star>[*?])|(?<first>\w+)(?:-(?<last>\w+))?)(?:\/(?<step>[0-9]+))?$/.exec(part);
  if (!match) throw new InvalidCron(`"${part}" is not valid as ${field.name}`);
  const { star, first = '', last, step } = match.groups ?? {};
  const increment = step === undefined ? 1 : Number(step);
  const from = star ? field.min : parseValue(first, field);
  const to = star || (last === undefined && step !== undefined) ? field.max : parseValue(last ?? first, field);
  if (increment === 0) throw new InvalidCron(`"${part}" has a step of zero (${field.name})`);
  if (from > to) throw new InvalidCron(`"${part}" is a range that does not ascend (${field.name})`);
  if (step !== undefined && increment > to - from)
    throw new InvalidCron(
      `"${part}" has a step as long as its range (${field.name}), which Velero refuses from 1.18 on`,
    );
  const values = Array.from(
    { length: Math.floor((to - from) / increment) + 1 },
    (_, index) => from + index * increment,
  );
  return { values, every: star !== undefined && increment === 1 };
}

function parseValue(text: string, field: Field): number {
  const named = field.names?.indexOf(text.toLowerCase()) ?? -1;
  const value = named >= 0 ? named + field.min : /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= field.min && value <= field.max) return value;
  throw new InvalidCron(`"${text}" is not valid as ${field.name} (${field.min} to ${field.max})`);
}

/** Days per month, 29 for February: a schedule for 29 February fires in leap years. */
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function neverFires(cron: Cron): boolean {
  const firstDay = Math.min(...cron.daysOfMonth);
  return [...cron.months].every(month => firstDay > (DAYS_IN_MONTH[month - 1] ?? 0));
}

function ascending(values: ReadonlySet<number>): number[] {
  return [...values].sort((a, b) => a - b);
}
