import { describe, expect, it } from 'vitest';
import { calendarOf } from '../time/calendar.fixtures.ts';
import { clocksOf } from './clocks.ts';
import { termsOf, timelineOf } from './incident.fixtures.ts';

const at = (text: string) => new Date(text);

/** Of an incident that nobody has touched. */
const dueOf = (detected: string, resolution: string, terms = termsOf('1m', resolution)) =>
  clocksOf(timelineOf([detected, 'Detected']), terms, at(detected)).resolution.due;

describe('GE-5: in core hours the clock of an incident', () => {
  it.each([
    ['skips a weekend on which clocks go forward', '2026-03-27T16:30:00Z', '2h', '2026-03-30T08:30:00Z'],
    ['skips a weekend on which clocks go back', '2026-10-23T15:00:00Z', '2h', '2026-10-26T09:00:00Z'],
    ['skips Easter', '2026-04-02T15:30:00Z', '1h', '2026-04-07T07:30:00Z'],
    ['works on 24 December, and not on the days after', '2026-12-24T16:00:00Z', '4h', '2026-12-28T11:00:00Z'],
  ])('%s', (_what, detected, target, due) => {
    expect(dueOf(detected, target)).toBe(due);
  });

  it('begins with the next core hour where it is detected at night (MO-6)', () => {
    expect(dueOf('2026-12-01T22:00:00Z', '2h')).toBe('2026-12-02T10:00:00Z');
  });

  it('runs at every hour where the terms name no calendar (MO-6)', () => {
    expect(dueOf('2026-12-24T23:00:00Z', '4h', termsOf('1m', '4h', 'always'))).toBe('2026-12-25T03:00:00Z');
  });
});

describe('MO-6: the response clock', () => {
  const terms = termsOf('1h', '8h', 'always');

  it('never stands, whatever is waited for', () => {
    const timeline = timelineOf(['2026-12-01T11:00:00Z', 'Detected'], ['2026-12-01T11:10:00Z', 'Waiting']);
    const { response } = clocksOf(timeline, terms, at('2026-12-01T12:00:01Z'));
    expect(response).toEqual({ target: '1h', state: 'Running', due: '2026-12-01T12:00:00Z', breached: true });
  });

  it('stops when somebody has begun, kept to the last second', () => {
    const timeline = timelineOf(['2026-12-01T11:00:00Z', 'Detected'], ['2026-12-01T12:00:00Z', 'Responded']);
    const { response } = clocksOf(timeline, terms, at('2026-12-03T11:00:00Z'));
    expect(response).toEqual({
      ...{ target: '1h', state: 'Stopped', at: '2026-12-01T12:00:00Z', elapsed: '1h', breached: false },
    });
  });

  it('does not begin anew when it is opened again', () => {
    const timeline = timelineOf(
      ['2026-12-01T11:00:00Z', 'Detected'],
      ['2026-12-01T11:20:00Z', 'Responded'],
      ['2026-12-01T12:00:00Z', 'Resolved'],
      ['2026-12-02T12:00:00Z', 'Reopened'],
    );
    expect(clocksOf(timeline, terms, at('2026-12-04T00:00:00Z')).response).toMatchObject({
      ...{ state: 'Stopped', elapsed: '20m' },
    });
  });
});

describe('GE-4: the resolution clock', () => {
  const terms = termsOf('1h', '8h', 'always');
  const waiting = timelineOf(
    ['2026-12-01T08:00:00Z', 'Detected'],
    ['2026-12-01T08:30:00Z', 'Responded'],
    ['2026-12-01T10:00:00Z', 'Waiting'],
  );

  it('shows what is left and no deadline while the customer is waited for', () => {
    expect(clocksOf(waiting, terms, at('2026-12-05T00:00:00Z'))).toMatchObject({
      resolution: { target: '8h', state: 'Paused', remaining: '6h', elapsed: '2h', breached: false },
      nextEdge: undefined,
    });
  });

  it('goes on with what was left', () => {
    const { resolution, nextEdge } = clocksOf(
      [...waiting, ...timelineOf(['2026-12-03T10:00:00Z', 'Continued'])],
      terms,
      at('2026-12-03T10:00:00Z'),
    );
    expect(resolution).toMatchObject({ state: 'Running', due: '2026-12-03T16:00:00Z', breached: false });
    expect(nextEdge).toEqual(at('2026-12-03T16:00:01Z'));
  });

  it('does not count the time for which it was resolved, and goes on where it is opened again', () => {
    const timeline = timelineOf(
      ['2026-12-01T08:00:00Z', 'Detected'],
      ['2026-12-01T13:00:00Z', 'Resolved'],
      ['2026-12-02T08:00:00Z', 'Reopened'],
    );
    expect(clocksOf(timeline, terms, at('2026-12-02T08:00:00Z')).resolution.due).toBe('2026-12-02T11:00:00Z');
    const again = [...timeline, ...timelineOf(['2026-12-02T12:00:00Z', 'Resolved'])];
    expect(clocksOf(again, terms, at('2026-12-09T08:00:00Z')).resolution).toEqual({
      ...{ target: '8h', state: 'Stopped', at: '2026-12-02T12:00:00Z', elapsed: '9h', breached: true },
    });
  });

  it('is broken at the first second that counts after its time: not at closing time, but in the morning after', () => {
    const inHours = termsOf('1h', '1h');
    const timeline = timelineOf(['2026-12-01T16:00:00Z', 'Detected']);
    const { resolution, nextEdge } = clocksOf(timeline, inHours, at('2026-12-01T20:00:00Z'));
    expect(resolution).toMatchObject({ due: '2026-12-01T17:00:00Z', breached: false });
    expect(nextEdge).toEqual(at('2026-12-02T08:00:01Z'));
    expect(clocksOf(timeline, inHours, at('2026-12-02T08:00:01Z')).resolution.breached).toBe(true);
  });
});

describe('GE-8: the terms of an incident', () => {
  it('are those that were pinned: a calendar of other hours changes nothing', () => {
    const short = calendarOf({ coreHours: [{ days: ['Tuesday'], from: '09:00', to: '10:00' }] });
    expect(dueOf('2026-12-01T08:00:00Z', '2h', termsOf('1m', '2h', short))).toBe('2026-12-08T09:00:00Z');
    expect(dueOf('2026-12-01T08:00:00Z', '2h')).toBe('2026-12-01T10:00:00Z');
  });
});
