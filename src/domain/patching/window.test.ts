import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayIn } from '../time/day.ts';
import { windowOfTest } from './window.fixtures.ts';
import {
  atClockChanges,
  type Exclusion,
  firstOverlap,
  nextOccurrence,
  nextOccurrences,
  type Occurrence,
  occurrenceAt,
  occurrences,
  type Window,
} from './window.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function starts(window: Window, from: string, to: string): readonly string[] {
  return [...occurrences(window, new Date(from), new Date(to))].map(told);
}

function told({ window, date, start, end }: Occurrence): string {
  return `${window} ${date} ${minute(start)}–${minute(end)}`;
}

function minute(at: Date): string {
  return at.toISOString().slice(0, 16);
}

describe('MO-4: a window opens by the clock on the wall and is open for real minutes', () => {
  it('once on 2026-03-29 at 02:30 Berlin, which clocks skip: when the gap ends', () => {
    expect(starts(windowOfTest(), '2026-03-28T12:00:00Z', '2026-03-29T22:00:00Z')).toEqual([
      'nightly 2026-03-29 2026-03-29T01:00–2026-03-29T03:00',
    ]);
  });

  it('once on 2026-10-25 at 02:30 Berlin, which comes twice: the first time', () => {
    expect(starts(windowOfTest(), '2026-10-24T12:00:00Z', '2026-10-25T22:00:00Z')).toEqual([
      'nightly 2026-10-25 2026-10-25T00:30–2026-10-25T02:30',
    ]);
  });

  it.each([
    ['by half an hour at Lord Howe', 'Australia/Lord_Howe', '15 2 * * *', '2026-10-03', '2026-10-03T15:30'],
    ['at midnight in Santiago', 'America/Santiago', '30 0 * * *', '2026-09-06', '2026-09-06T04:00'],
    ['by two hours at Troll', 'Antarctica/Troll', '30 2 * * *', '2026-03-29', '2026-03-29T01:00'],
  ])('where clocks are moved %s', (_, timeZone, schedule, date, start) => {
    const window = windowOfTest({ timeZone, schedule });
    const from = new Date(Date.parse(`${date}T00:00:00Z`) - DAY);
    const found = [...occurrences(window, from, new Date(from.getTime() + 3 * DAY))];
    expect(found.map(({ start }) => minute(start))).toContain(start);
    expect(new Set(found.map(each => each.date)).size).toBe(found.length);
  });

  it('never on a day that a zone has skipped', () => {
    const window = windowOfTest({ timeZone: 'Pacific/Apia' });
    expect(starts(window, '2011-12-29T00:00:00Z', '2011-12-31T00:00:00Z')).toEqual([
      'nightly 2011-12-29 2011-12-29T12:30–2011-12-29T14:30',
      'nightly 2011-12-31 2011-12-30T12:30–2011-12-30T14:30',
    ]);
  });

  it('on the days of its schedule', () => {
    const tuesdays = windowOfTest({ schedule: '0 2 * * 2' });
    expect(nextOccurrences(tuesdays, new Date('2026-11-23T12:00:00Z'), 3).map(({ date }) => date)).toEqual([
      ...['2026-11-24', '2026-12-01', '2026-12-08'],
    ]);
  });

  it('is found as the open one from its start to before its end', () => {
    const windows = [windowOfTest()];
    const at = (time: string) => occurrenceAt(windows, new Date(time))?.date;
    expect(
      ['2026-11-24T01:29:59Z', '2026-11-24T01:30:00Z', '2026-11-24T03:29:59Z', '2026-11-24T03:30:00Z'].map(at),
    ).toEqual([undefined, '2026-11-24', '2026-11-24', undefined]);
  });

  it('of several the open one is that which closes last, and the next that which opens first', () => {
    const windows = [
      windowOfTest(),
      windowOfTest({ name: 'long', durationMs: 6 * HOUR }),
      windowOfTest({ name: 'early', schedule: '0 1 * * *' }),
    ];
    expect(occurrenceAt(windows, new Date('2026-11-24T02:00:00Z'))?.window).toBe('long');
    expect(nextOccurrence(windows, new Date('2026-11-23T12:00:00Z'))?.window).toBe('early');
  });
});

describe('MO-4: when a window stays closed', () => {
  const christmas: Exclusion = { from: '2026-12-15', to: '2026-12-20', reason: 'Christmas trade' };

  it('on excluded days, the first and the last included', () => {
    const window = windowOfTest({ exclusions: [christmas] });
    expect(nextOccurrences(window, new Date('2026-12-13T12:00:00Z'), 2).map(({ date }) => date)).toEqual([
      ...['2026-12-14', '2026-12-21'],
    ]);
  });

  it('on the day before, if it would reach into an excluded one', () => {
    const window = windowOfTest({ schedule: '0 23 * * *', exclusions: [christmas] });
    expect(nextOccurrences(window, new Date('2026-12-12T23:00:00Z'), 2).map(({ date }) => date)).toEqual([
      ...['2026-12-13', '2026-12-21'],
    ]);
    const short = { ...window, durationMs: HOUR };
    expect(nextOccurrence([short], new Date('2026-12-14T12:00:00Z'))?.date).toBe('2026-12-14');
  });

  it('before its first and after its last day', () => {
    const window = windowOfTest({ validFrom: '2026-12-01', validUntil: '2026-12-02' });
    expect(nextOccurrences(window, new Date('2026-11-01T00:00:00Z'), 5).map(({ date }) => date)).toEqual([
      ...['2026-12-01', '2026-12-02'],
    ]);
    expect(nextOccurrence([window], new Date('2026-12-02T12:00:00Z'))).toBeUndefined();
  });
});

describe('what is said of a window', () => {
  const year = [new Date('2026-01-01T00:00:00Z'), new Date('2027-01-01T00:00:00Z')] as const;

  it('that it opens at a minute that clocks skip or have twice', () => {
    const changes = [...atClockChanges(windowOfTest(), ...year)];
    expect(changes.map(({ occurrence, clock }) => `${occurrence.date} ${clock}`)).toEqual([
      ...['2026-03-29 Skipped', '2026-10-25 Repeated'],
    ]);
    expect([...atClockChanges(windowOfTest({ schedule: '30 3 * * *' }), ...year)]).toEqual([]);
  });

  it('that it would open before it has closed, also when that is so on one night of the year only', () => {
    const daily = (durationMs: number) => firstOverlap(windowOfTest({ durationMs }), year[0])?.map(({ date }) => date);
    expect(daily(24 * HOUR)).toEqual(['2026-03-28', '2026-03-29']);
    expect(daily(23.5 * HOUR)).toBeUndefined();
    expect(daily(25 * HOUR)).toEqual(['2025-12-31', '2026-01-01']);
    expect(firstOverlap(windowOfTest({ schedule: '0 2 * * 2', durationMs: 72 * HOUR }), year[0])).toBeUndefined();
  });
});

const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
const time = fc.tuple(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 23 })).map(([m, h]) => `${m} ${h}`);
const days = fc.constantFrom('* * *', '* * 0', '* * 1-5', '1 * *', '29 2 *', '*/3 * *', '* 3,10 *');
const date = fc
  .date({ min: new Date('2024-01-01'), max: new Date('2033-12-31'), noInvalidDate: true })
  .map(day => day.toISOString().slice(0, 10));
const span = fc.tuple(date, date).map(([a, b]) => (a < b ? { from: a, to: b } : { from: b, to: a }));
const exclusions = fc.array(
  span.map(({ from, to }) => ({ from, to, reason: 'trade' })),
  { maxLength: 3 },
);
const windows = fc
  .record({
    ...{ timeZone: zone, schedule: fc.tuple(time, days).map(parts => parts.join(' ')), exclusions },
    hours: fc.integer({ min: 1, max: 22 }),
    validity: fc.option(span, { nil: undefined }),
  })
  .map(({ hours, validity, ...rest }) =>
    windowOfTest({
      ...rest,
      ...{ durationMs: hours * HOUR, cutoffMs: (hours * HOUR) / 2 },
      ...{ validFrom: validity?.from, validUntil: validity?.to },
    }),
  );
const instants = fc.date({ min: new Date('2024-01-01'), max: new Date('2033-01-01'), noInvalidDate: true });

describe('whatever the window', () => {
  it('its occurrences ascend, do not overlap, differ in their identity and lie where they may', () => {
    fc.assert(
      fc.property(windows, instants, (window, from) => {
        const found = [...occurrences(window, from, new Date(from.getTime() + 400 * DAY))];
        for (const [index, each] of found.entries()) {
          const { start, cutoff, end, date } = each;
          const next = found[index + 1];
          expect(start > from && start < cutoff && cutoff < end).toBe(true);
          expect(end.getTime() - start.getTime()).toBe(window.durationMs);
          expect(next === undefined || (end <= next.start && date < next.date)).toBe(true);
          expect(date >= (window.validFrom ?? date) && date <= (window.validUntil ?? date)).toBe(true);
          const touched = [start, end].map(at =>
            dayIn(window.timeZone, new Date(Math.min(at.getTime(), end.getTime() - 1))),
          );
          const excluded = window.exclusions.some(({ from, to }) => touched.some(day => from <= day && day <= to));
          expect(excluded).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('the open one and the next are those of the list, whatever instant is asked about', () => {
    fc.assert(
      fc.property(windows, instants, (window, now) => {
        const from = new Date(now.getTime() - 2 * DAY);
        const found = [...occurrences(window, from, new Date(now.getTime() + 40 * DAY))];
        expect(occurrenceAt([window], now)).toEqual(found.find(({ start, end }) => start <= now && now < end));
        const next = found.find(({ start }) => start > now);
        if (next !== undefined) expect(nextOccurrence([window], now)).toEqual(next);
      }),
      { numRuns: 60 },
    );
  });

  it('the same occurrence has the same identity, from wherever it is looked for', () => {
    fc.assert(
      fc.property(windows, instants, fc.integer({ min: 1, max: 30 * DAY }), (window, from, later) => {
        const until = new Date(from.getTime() + 60 * DAY);
        const shifted = new Date(from.getTime() + later);
        const expected = [...occurrences(window, from, until)].filter(({ start }) => start > shifted);
        expect([...occurrences(window, shifted, until)]).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});
