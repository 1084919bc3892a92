import { describe, expect, it } from 'vitest';
import { calendarOf } from './calendar.fixtures.ts';
import { revisionOf } from './calendarrevision.ts';

const hours = (days: readonly string[], from: string, to: string) => ({ days, from, to });
const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'];
const day = (date: string, name = 'Day') => [{ date, name }];
const regular = revisionOf(calendarOf());

describe('GE-8: the revision of a calendar', () => {
  it('is a SHA-256, the same wherever and whenever it is asked', () => {
    // Pinned by what was decided under it: a change of this value makes every calendar another one.
    expect(regular).toBe('sha256:1d12a0e61b03a6cd17999cd7c762322ca5d105cdc5bfeffe3612f818317b9a12');
  });

  it.each([
    [
      'entries in another order',
      { coreHours: [hours(['Friday'], '09:00', '18:00'), hours(weekdays.slice(0, 4), '09:00', '18:00')] },
    ],
    ['entries that touch', { coreHours: [hours(weekdays, '12:00', '18:00'), hours(weekdays, '09:00', '12:00')] }],
    ['a day added that is a holiday already', { holidays: { region: 'DE-NI', additional: day('2026-12-25') } }],
    ['a day removed that is none', { holidays: { region: 'DE-NI', removed: day('2026-12-24') } }],
  ])('is the same with %s', (_, spec) => {
    expect(revisionOf(calendarOf(spec))).toBe(regular);
  });

  it('is the same whatever a day is called', () => {
    const [one, other] = ['Heiligabend', 'Bridge'].map(name =>
      revisionOf(calendarOf({ holidays: { region: 'DE-NI', additional: day('2026-12-24', name) } })),
    );
    expect(one).toBe(other);
  });

  it('is another one with each thing that counts', () => {
    const others = [
      { timeZone: 'Europe/Vienna' },
      { coreHours: [hours(weekdays, '09:00', '17:59')] },
      { coreHours: [hours([...weekdays, 'Saturday'], '09:00', '18:00')] },
      { holidays: undefined },
      { holidays: { region: 'DE-NI', additional: day('2026-12-24') } },
      { holidays: { region: 'DE-NI', additional: day('2027-12-24') } },
      { holidays: { region: 'DE-NI', removed: day('2026-12-25') } },
    ].map(spec => revisionOf(calendarOf(spec)));
    expect(new Set([regular, ...others]).size).toBe(others.length + 1);
  });
});
