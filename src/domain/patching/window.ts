/**
 * Windows of time in which patches may be installed (MO-4, MO-10). A window opens by the clock on the wall of its zone, at most once on a local
 * day, and is open for so many real minutes; name and day are what an occurrence is known by. Velero's reading of a schedule (src/domain/time/cron.ts)
 * is another: there an hour that comes twice runs twice, and one that is skipped does not run. Pure; the instants asked about must exist.
 * @throws RangeError of an invalid Date and of a zone that the IANA database does not have; admission lets none in.
 */
import { type Cron, firesOn } from '../time/cron.ts';
import { dayIn } from '../time/day.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/** How far ahead an occurrence is looked for: 29 February recurs within eight years, also across 2100. */
const YEARS_AHEAD = 9;
/** How far ahead two occurrences are held against each other: each change of clocks that is decided, and a leap year. */
const OVERLAP_AHEAD = 5 * 366 * DAY;
/** Starts are a day apart by the clock on the wall, and nobody moves a clock by more than some hours: at a date line a day has none. */
const SHORTEST_GAP = 20 * 60 * MINUTE;

/** Local days on which a window stays closed, the first and the last included. */
export type Exclusion = { readonly from: string; readonly to: string; readonly reason: string };

export type Window = {
  readonly name: string;
  /** Fires at one minute of its days. */
  readonly cron: Cron;
  readonly timeZone: string;
  readonly durationMs: number;
  /** How long before the end nothing begins any more that changes a guest: the reserve for reboot, checks and rollback. */
  readonly cutoffMs: number;
  readonly exclusions: readonly Exclusion[];
  /** First and last local day on which it opens, YYYY-MM-DD. */
  readonly validFrom?: string | undefined;
  readonly validUntil?: string | undefined;
};

/** One opening: window and date are its identity. */
export type Occurrence = {
  readonly window: string;
  /** Local day of the schedule on which it opens, YYYY-MM-DD. */
  readonly date: string;
  readonly start: Date;
  readonly cutoff: Date;
  readonly end: Date;
};

/** What the clocks do at the minute at which a window opens. */
export type Clock = 'Once' | 'Skipped' | 'Repeated';

/** Every occurrence that starts in (after, until], in order. */
export function* occurrences(window: Window, after: Date, until: Date): Generator<Occurrence, void> {
  for (const { occurrence } of openings(window, after, until)) {
    if (!isExcluded(window, occurrence)) yield occurrence;
  }
}

/** The occurrence that is open at an instant; of several the one that closes last. */
export function occurrenceAt(windows: readonly Window[], now: Date): Occurrence | undefined {
  const open = windows.flatMap(window => {
    const from = new Date(now.getTime() - window.durationMs);
    return [...occurrences(window, from, now)].filter(({ end }) => end > now);
  });
  return open.reduce<Occurrence | undefined>((last, next) => (last && last.end >= next.end ? last : next), undefined);
}

/** The first occurrence that starts after an instant; undefined where there is none within nine years. */
export function nextOccurrence(windows: readonly Window[], now: Date): Occurrence | undefined {
  let first: Occurrence | undefined;
  for (const window of windows) {
    for (const found of occurrences(window, now, first?.start ?? horizon(now))) {
      if (first === undefined || found.start < first.start) first = found;
      break;
    }
  }
  return first;
}

/** The first so many occurrences of a window that start after an instant. */
export function nextOccurrences(window: Window, now: Date, count: number): readonly Occurrence[] {
  return [...occurrences(window, now, horizon(now)).take(count)];
}

/** Occurrences until an instant at whose start the clocks of the zone are changed, and how. */
export function* atClockChanges(
  window: Window,
  after: Date,
  until: Date,
): Generator<{ readonly occurrence: Occurrence; readonly clock: Exclude<Clock, 'Once'> }, void> {
  for (const { occurrence, clock } of openings(window, after, until)) {
    if (clock !== 'Once' && !isExcluded(window, occurrence)) yield { occurrence, clock };
  }
}

/** The first two occurrences of the next five years of which the second would start before the first has ended. */
export function firstOverlap(window: Window, now: Date): readonly [Occurrence, Occurrence] | undefined {
  if (window.durationMs <= SHORTEST_GAP) return undefined;
  const [from, to] = [now.getTime() - window.durationMs, now.getTime() + OVERLAP_AHEAD];
  let previous: Occurrence | undefined;
  for (const next of occurrences(window, new Date(from), new Date(to))) {
    if (previous !== undefined && next.start < previous.end) return [previous, next];
    previous = next;
  }
  return undefined;
}

/** Openings by schedule and validity, whatever is excluded. */
function* openings(
  window: Window,
  after: Date,
  until: Date,
): Generator<{ readonly occurrence: Occurrence; readonly clock: Clock }, void> {
  const { cron, timeZone, validFrom = '', validUntil = '9999-12-31' } = window;
  // A start may lie on the day after its own, where the clocks skip midnight.
  const first = Math.max(localDay(dayIn(timeZone, after)) - DAY, localDay(validFrom || '1900-01-01'));
  const last = Math.min(localDay(dayIn(timeZone, until)), localDay(validUntil));
  for (let day = first; day <= last; day += DAY) {
    if (!firesOn(cron, day)) continue;
    const opening = openingOn(window, new Date(day).toISOString().slice(0, 10));
    if (opening === undefined || opening.occurrence.start <= after) continue;
    if (opening.occurrence.start > until) return;
    yield opening;
  }
}

/**
 * The opening of a local day: the first instant at which the clock on the wall shows the minute of the schedule or a later one. Of an hour that
 * comes twice that is the first, of one that is skipped the end of the gap. A day that a zone has skipped has none.
 */
function openingOn(
  window: Window,
  date: string,
): { readonly occurrence: Occurrence; readonly clock: Clock } | undefined {
  const [minuteOfDay = 0] = window.cron.minutesOfDay;
  const day = Temporal.PlainDate.from(date);
  const wall = day.toPlainDateTime({ hour: Math.floor(minuteOfDay / 60), minute: minuteOfDay % 60 });
  const earlier = wall.toZonedDateTime(window.timeZone, { disambiguation: 'earlier' });
  const clock = clockAt(wall, earlier);
  if (clock !== 'Skipped') return { occurrence: occurrenceFrom(window, date, earlier.epochMilliseconds), clock };
  const gapEnd = earlier.getTimeZoneTransition('next');
  if (gapEnd === null || !day.toZonedDateTime(window.timeZone).toPlainDate().equals(day)) return undefined;
  return { occurrence: occurrenceFrom(window, date, gapEnd.epochMilliseconds), clock };
}

function clockAt(wall: Temporal.PlainDateTime, earlier: Temporal.ZonedDateTime): Clock {
  if (!earlier.toPlainDateTime().equals(wall)) return 'Skipped';
  const later = wall.toZonedDateTime(earlier.timeZoneId, { disambiguation: 'later' });
  return later.epochMilliseconds === earlier.epochMilliseconds ? 'Once' : 'Repeated';
}

function occurrenceFrom({ name, durationMs, cutoffMs }: Window, date: string, start: number): Occurrence {
  const end = start + durationMs;
  return { window: name, date, start: new Date(start), cutoff: new Date(end - cutoffMs), end: new Date(end) };
}

/** Whether any of it lies on an excluded day, its start or a part that reaches into one. */
function isExcluded({ exclusions, timeZone }: Window, { date, start, end }: Occurrence): boolean {
  if (exclusions.length === 0) return false;
  const first = [date, dayIn(timeZone, start)].toSorted()[0] ?? date;
  const last = dayIn(timeZone, new Date(end.getTime() - 1));
  return exclusions.some(({ from, to }) => from <= last && first <= to);
}

function localDay(date: string): number {
  return Date.parse(`${date}T00:00:00Z`);
}

function horizon(now: Date): Date {
  return new Date(now.getTime() + YEARS_AHEAD * 366 * DAY);
}
