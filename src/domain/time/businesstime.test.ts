import { describe, expect, it } from 'vitest';
import { afterBusinessTime, businessTime, isOpen, nextClosed, nextOpen } from './businesstime.ts';
import { alwaysOpen, calendarOf, neverOpen } from './calendar.fixtures.ts';

const HOUR = 3_600_000;
const regular = calendarOf();
const sunday = (from: string, to: string, timeZone = 'Europe/Berlin') =>
  calendarOf({ timeZone, coreHours: [{ days: ['Sunday'], from, to }], holidays: undefined });

/** An instant by the clock on the wall of a zone. */
const at = (local: string, timeZone = 'Europe/Berlin') =>
  new Date(Temporal.PlainDateTime.from(local).toZonedDateTime(timeZone).epochMilliseconds);
const hours = (milliseconds: number) => milliseconds / HOUR;

describe('GE-5: business time goes on', () => {
  it.each([
    [
      'over a weekend and the hour that spring skips',
      '2026-03-27T17:30',
      2,
      '2026-03-30T10:30',
      '2026-03-30T08:30:00Z',
    ],
    ['over a weekend and the hour that comes twice', '2026-10-23T17:00', 2, '2026-10-26T10:00', '2026-10-26T09:00:00Z'],
    ['over Easter', '2026-04-02T17:30', 1, '2026-04-07T09:30', '2026-04-07T07:30:00Z'],
    ['on 24 December, which is a working day', '2026-12-24T17:00', 4, '2026-12-28T12:00', '2026-12-28T11:00:00Z'],
    ['from a time when it is closed', '2026-03-28T03:00', 1, '2026-03-30T10:00', '2026-03-30T08:00:00Z'],
    [
      'to the end of core hours, not to their next beginning',
      '2026-11-27T17:00',
      1,
      '2026-11-27T18:00',
      '2026-11-27T17:00:00Z',
    ],
    ['over New Year', '2026-12-31T17:00', 2, '2027-01-04T10:00', '2027-01-04T09:00:00Z'],
    [
      'for a day of 24 hours, which is two and two thirds of nine',
      '2026-11-23T09:00',
      24,
      '2026-11-25T15:00',
      '2026-11-25T14:00:00Z',
    ],
  ])('%s', (_, from, duration, until, instant) => {
    expect(afterBusinessTime(regular, at(from), duration * HOUR)).toEqual(at(until));
    expect(at(until)).toEqual(new Date(instant));
    expect(hours(businessTime(regular, at(from), at(until)))).toBe(duration);
  });

  it('not at all for no time, whenever that is', () => {
    const night = at('2026-11-28T03:00');
    expect([afterBusinessTime(regular, night, 0), afterBusinessTime(neverOpen, night, 0)]).toEqual([night, night]);
  });

  it('over years', () => {
    // Weekdays of 2026 to 2028, and the holidays that fall on one.
    const weekdays = 261 + 261 + 260;
    const holidays = 7 + 5 + 9;
    const time = businessTime(regular, at('2026-01-01T00:00'), at('2029-01-01T00:00'));
    expect(hours(time)).toBe((weekdays - holidays) * 9);
    expect(afterBusinessTime(regular, at('2026-01-01T00:00'), time)).toEqual(at('2028-12-29T18:00'));
  });

  it('not backwards', () => {
    expect(businessTime(regular, at('2026-11-27T12:00'), at('2026-11-27T10:00'))).toBe(0);
  });
});

describe('it is open', () => {
  it.each([
    ['before core hours', '2026-11-27T08:59:59.999', false],
    ['from their first instant', '2026-11-27T09:00', true],
    ['until their last', '2026-11-27T17:59:59.999', true],
    ['not at their end', '2026-11-27T18:00', false],
    ['not on a weekend', '2026-11-28T12:00', false],
    ['not on a holiday', '2026-12-25T12:00', false],
    ['on Easter Saturday no more than on another', '2026-04-04T12:00', false],
    ['on 31 December', '2026-12-31T12:00', true],
    ['not on Reformation Day, from 2018 on a holiday', '2029-10-31T12:00', false],
  ])('%s', (_, local, expected) => {
    expect(isOpen(regular, at(local))).toBe(expected);
  });

  it('in the zone of the calendar, not in that of the clock that asks', () => {
    const tokyo = calendarOf({ timeZone: 'Asia/Tokyo', holidays: undefined });
    expect([
      isOpen(tokyo, new Date('2026-11-27T00:00:00Z')),
      isOpen(regular, new Date('2026-11-27T00:00:00Z')),
    ]).toEqual([true, false]);
  });
});

describe('the next change', () => {
  const cut = calendarOf({
    coreHours: [
      { days: ['Friday'], from: '13:00', to: '24:00' },
      { days: ['Friday', 'Saturday'], from: '08:00', to: '12:00' },
      { days: ['Saturday'], from: '00:00', to: '06:00' },
    ],
  });

  it.each([
    ['while it is open: that is now', regular, '2026-11-27T10:00', '2026-11-27T10:00', '2026-11-27T18:00'],
    ['while it is closed', regular, '2026-11-27T18:00', '2026-11-30T09:00', '2026-11-27T18:00'],
    ['over Easter', regular, '2026-04-02T18:00', '2026-04-07T09:00', '2026-04-02T18:00'],
    ['over New Year', regular, '2026-12-31T18:00', '2027-01-04T09:00', '2026-12-31T18:00'],
    ['with a break at noon', cut, '2026-11-27T09:00', '2026-11-27T09:00', '2026-11-27T12:00'],
    [
      'past midnight, where 24:00 is followed by 00:00',
      cut,
      '2026-11-27T14:00',
      '2026-11-27T14:00',
      '2026-11-28T06:00',
    ],
    [
      'past New Year in one go',
      alwaysOpenUntil('2027-01-02'),
      '2026-12-31T12:00',
      '2026-12-31T12:00',
      '2027-01-02T00:00',
    ],
  ])('%s', (_, calendar, from, open, closed) => {
    expect([nextOpen(calendar, at(from)), nextClosed(calendar, at(from))]).toEqual([at(open), at(closed)]);
  });
});

/** Round the clock but for one day. */
function alwaysOpenUntil(date: string) {
  return { ...alwaysOpen, holidays: { additional: [{ date, name: 'Closed' }] } };
}

describe('when clocks change', () => {
  it.each([
    ['of hours that spring skips nothing is left', sunday('02:00', '03:00'), '2026-03-29', 0],
    ['of hours that it cuts the rest is left', sunday('01:30', '03:30'), '2026-03-29', 1],
    ['a night that it shortens is an hour shorter', sunday('00:00', '24:00'), '2026-03-29', 23],
    ['hours that come twice count twice', sunday('02:00', '03:00'), '2026-10-25', 2],
    ['hours that come twice in part count in both parts', sunday('02:30', '03:30'), '2026-10-25', 1.5],
    ['a night that autumn lengthens is an hour longer', sunday('00:00', '24:00'), '2026-10-25', 25],
    ['by half an hour, half an hour counts', sunday('01:30', '02:00', 'Australia/Lord_Howe'), '2026-04-05', 1],
    ['at midnight, the day begins later', sunday('00:00', '02:00', 'America/Santiago'), '2026-09-06', 1],
  ])('%s', (_, calendar, date, expected) => {
    const start = Temporal.PlainDate.from(date).toZonedDateTime(calendar.timeZone);
    const end = start.add({ days: 1 });
    const [from, to] = [new Date(start.epochMilliseconds), new Date(end.epochMilliseconds)];
    expect(hours(businessTime(calendar, from, to))).toBe(expected);
  });

  it('and a zone leaves out a whole day, it is closed on that day', () => {
    // Samoa went from 29 to 31 December 2011.
    const friday = calendarOf({
      timeZone: 'Pacific/Apia',
      coreHours: [{ days: ['Friday'], from: '09:00', to: '18:00' }],
      holidays: undefined,
    });
    expect(nextOpen(friday, at('2011-12-29T12:00', 'Pacific/Apia'))).toEqual(at('2012-01-06T09:00', 'Pacific/Apia'));
  });
});

describe('a calendar that is never open', () => {
  const now = at('2026-11-27T12:00');

  it('says so at once', () => {
    expect(isOpen(neverOpen, now)).toBe(false);
    expect(nextOpen(neverOpen, now)).toBeUndefined();
    expect(nextClosed(neverOpen, now)).toEqual(now);
    expect(afterBusinessTime(neverOpen, now, 1)).toBeUndefined();
    expect(businessTime(neverOpen, now, at('2036-11-27T12:00'))).toBe(0);
  });

  it('is not one that is closed on each of its days for two years', () => {
    const start = Temporal.PlainDate.from('2026-11-30');
    const closed = Array.from({ length: 100 }, (_, week) => start.add({ weeks: week }).toString());
    const mondays = calendarOf({
      coreHours: [{ days: ['Monday'], from: '09:00', to: '10:00' }],
      holidays: { additional: closed.map(date => ({ date, name: 'Closed' })) },
    });
    expect(nextOpen(mondays, now)).toEqual(at(`${start.add({ weeks: 100 })}T09:00`));
  });
});

describe('a calendar that is always open', () => {
  const now = at('2026-10-25T01:30');

  it('never closes, and its time is time', () => {
    expect(nextOpen(alwaysOpen, now)).toEqual(now);
    expect(nextClosed(alwaysOpen, now)).toBeUndefined();
    expect(afterBusinessTime(alwaysOpen, now, 30 * HOUR)).toEqual(new Date(now.getTime() + 30 * HOUR));
    const later = at('2031-10-25T01:30');
    expect(businessTime(alwaysOpen, now, later)).toBe(later.getTime() - now.getTime());
  });

  it('looks ahead to the end of the tenth year and no further', () => {
    const until = new Date('2037-01-01T00:00:00Z').getTime() - now.getTime();
    expect(afterBusinessTime(alwaysOpen, now, until)).toEqual(new Date('2037-01-01T00:00:00Z'));
    expect(afterBusinessTime(alwaysOpen, now, until + 1)).toBeUndefined();
  });
});

it.each([
  ['the first', -8.64e15],
  ['the last', 8.64e15],
  ['one of the year 50', Date.parse('0050-06-01T12:00:00Z')],
  ['one of the year 12345', Date.parse('+012345-06-01T12:00:00Z')],
])('an instant may be any that there is: %s', (_, time) => {
  const instant = new Date(time);
  expect(typeof isOpen(regular, instant)).toBe('boolean');
  expect(businessTime(regular, instant, new Date(Math.min(8.64e15, time + HOUR)))).toBeLessThanOrEqual(HOUR);
  expect([nextOpen(regular, instant)?.getTime() ?? time, nextClosed(regular, instant)?.getTime() ?? time]).toSatisfy(
    ([open = 0, closed = 0]: number[]) => open >= time && closed >= time,
  );
});
