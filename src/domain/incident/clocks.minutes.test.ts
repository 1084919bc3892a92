/** The clocks against an evaluation that looks at each single minute: who had the turn in it, and whether the clock on the wall says that it counts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { millisecondsOf } from '../../api/duration.ts';
import type { IncidentTerms, TimelineEntry } from '../../api/incident.ts';
import { calendarOf } from '../time/calendar.fixtures.ts';
import { clocksOf } from './clocks.ts';
import { termsOf } from './incident.fixtures.ts';

const MINUTE = 60_000;
/** As the calendar of 2026 prints them for Lower Saxony, those on a weekend left out. */
const HOLIDAYS = new Set([
  ...['2026-01-01', '2026-04-03', '2026-04-06', '2026-05-01', '2026-05-14', '2026-05-25', '2026-12-25', '2027-01-01'],
]);
/** By the hour, for core hours begin and end with one. */
const CORE = new Map<number, boolean>();

/** Whether a minute counts, by the clock on the wall. */
function countsAt(terms: IncidentTerms, time: number): boolean {
  if (terms.calendar === undefined) return true;
  const hour = Math.floor(time / (60 * MINUTE));
  const known = CORE.get(hour) ?? isCore(time);
  CORE.set(hour, known);
  return known;
}

function isCore(time: number): boolean {
  const local = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO('Europe/Berlin');
  const day = local.toPlainDate().toString();
  return local.dayOfWeek <= 5 && local.hour >= 9 && local.hour < 18 && !HOLIDAYS.has(day);
}

/** Minutes that count of either clock until `now`, each looked at by itself. */
function minutes(timeline: readonly TimelineEntry[], terms: IncidentTerms, now: number) {
  let [responded, waiting, resolved] = [false, false, false];
  let [response, resolution] = [0, 0];
  const start = Date.parse(timeline[0]?.at ?? '');
  for (let time = start; time < now; time += MINUTE) {
    for (const { at, what } of timeline.filter(entry => Date.parse(entry.at) === time)) {
      responded ||= what === 'Responded' || what === 'Resolved';
      if (what === 'Waiting') waiting = true;
      if (what === 'Continued') waiting = false;
      if (what === 'Resolved') [resolved, waiting] = [true, false];
      if (what === 'Reopened') resolved = false;
      expect(at).not.toBe('');
    }
    if (!countsAt(terms, time)) continue;
    if (!responded) response += 1;
    if (!waiting && !resolved) resolution += 1;
  }
  return { response, resolution };
}

/** Days before clocks change, before holidays and the turn of the year, or any. */
const begins = fc.oneof(
  fc
    .constantFrom('2026-03-27', '2026-10-23', '2026-04-02', '2026-12-24', '2026-04-30', '2026-10-30')
    .chain(day => fc.integer({ min: 0, max: 1439 }).map(minute => Date.parse(`${day}T00:00:00Z`) + minute * MINUTE)),
  fc.integer({ min: 0, max: 250 * 1440 }).map(minute => Date.parse('2026-01-10T00:00:00Z') + minute * MINUTE),
);

/** What can happen, in an order in which it can. */
const histories = fc
  .tuple(
    begins,
    fc.array(fc.tuple(fc.integer({ min: 0, max: 1200 }), fc.constantFrom('Responded', 'Wait', 'Resolve')), {
      maxLength: 9,
    }),
  )
  .map(([start, acts]) => {
    const timeline: TimelineEntry[] = [{ at: iso(start), what: 'Detected' }];
    let [time, stands, responded] = [start, 'Open', false];
    for (const [later, act] of acts) {
      time += later * MINUTE;
      const at = iso(time);
      if (act === 'Responded') {
        if (!responded) timeline.push({ at, what: 'Responded' });
        responded = true;
      } else if (act === 'Wait' && stands !== 'Resolved') {
        timeline.push({ at, what: stands === 'Open' ? 'Waiting' : 'Continued' });
        stands = stands === 'Open' ? 'Waiting' : 'Open';
      } else if (act === 'Resolve') {
        timeline.push({ at, what: stands === 'Resolved' ? 'Reopened' : 'Resolved' });
        stands = stands === 'Resolved' ? 'Open' : 'Resolved';
      }
    }
    return { timeline, end: time };
  });

const targets = fc.constantFrom(['30m', '4h'], ['1h', '8h'], ['4h', '24h'], ['1m', '1m']);

const iso = (time: number) => `${new Date(time).toISOString().slice(0, 19)}Z`;

describe.each([
  ['in core hours', calendarOf()],
  ['at every hour', 'always' as const],
])('MO-6: %s, both clocks are what each minute by itself says', (_what, calendar) => {
  it('whatever pauses and reopenings there were, and at any time', () => {
    fc.assert(
      fc.property(
        histories,
        targets,
        fc.integer({ min: 0, max: 3 * 1440 }),
        ({ timeline, end }, [first, last], after) => {
          const terms = termsOf(first ?? '', last ?? '', calendar);
          const now = end + after * MINUTE;
          const { response, resolution } = clocksOf(timeline, terms, new Date(now));
          const counted = minutes(timeline, terms, now);
          expect(response.breached).toBe(counted.response * MINUTE > millisecondsOf(terms.response));
          expect(resolution.breached).toBe(counted.resolution * MINUTE > millisecondsOf(terms.resolution));
          for (const [clock, passed] of [
            [response, counted.response],
            [resolution, counted.resolution],
          ] as const) {
            if (clock.elapsed !== undefined) expect(millisecondsOf(clock.elapsed)).toBe(passed * MINUTE);
            if (clock.state === 'Paused')
              expect(millisecondsOf(clock.remaining ?? '')).toBe(
                Math.max(0, millisecondsOf(clock.target) - passed * MINUTE),
              );
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('and its deadline is the first instant by which its whole time has passed', () => {
    fc.assert(
      fc.property(histories, targets, ({ timeline, end }, [first, last]) => {
        const terms = termsOf(first ?? '', last ?? '', calendar);
        const { resolution } = clocksOf(timeline, terms, new Date(end));
        if (resolution.due === undefined || resolution.breached) return;
        const [due, target] = [Date.parse(resolution.due), millisecondsOf(terms.resolution)];
        expect(minutes(timeline, terms, due).resolution * MINUTE).toBe(target);
        // Where it was spent to the minute before a pause, it is due as soon as it goes on.
        if (due > end) expect(minutes(timeline, terms, due - MINUTE).resolution * MINUTE).toBeLessThan(target);
      }),
      { numRuns: 150 },
    );
  });
});
