import { describe, expect, it } from 'vitest';
import { dateOf, easterSunday, holidaysIn, isPublicHoliday, publicHolidays } from './holidays.ts';

const dates = (holidays: readonly { readonly day: number }[]) => holidays.map(({ day }) => dateOf(day));

describe('Easter Sunday', () => {
  it.each([
    ...['1583-04-10', '1818-03-22', '1943-04-25', '1954-04-18', '1981-04-19', '2000-04-23', '2024-03-31', '2025-04-20'],
    ...['2026-04-05', '2027-03-28', '2028-04-16', '2029-04-01', '2030-04-21', '2031-04-13', '2032-03-28', '2033-04-17'],
    ...['2034-04-09', '2038-04-25', '2049-04-18', '2076-04-19', '2285-03-22', '4099-04-19'],
  ])('is on %s', date => {
    expect(dateOf(easterSunday(Number(date.slice(0, 4))))).toBe(date);
  });

  it('is a Sunday from 22 March to 25 April in each year', () => {
    for (let year = 1583; year <= 9999; year += 1) {
      const date = dateOf(easterSunday(year));
      expect(date.slice(5) >= '03-22' && date.slice(5) <= '04-25', date).toBe(true);
      expect(Temporal.PlainDate.from(date).dayOfWeek, date).toBe(7);
    }
  });
});

describe('GE-5: the public holidays of Lower Saxony', () => {
  it('are ten in 2026, without Easter Sunday, Whit Sunday and the days before Christmas and New Year', () => {
    expect(publicHolidays('DE-NI', 2026).map(({ day, name }) => `${dateOf(day)} ${name}`)).toEqual([
      "2026-01-01 New Year's Day",
      '2026-04-03 Good Friday',
      '2026-04-06 Easter Monday',
      '2026-05-01 Labour Day',
      '2026-05-14 Ascension Day',
      '2026-05-25 Whit Monday',
      '2026-10-03 German Unity Day',
      '2026-10-31 Reformation Day',
      '2026-12-25 Christmas Day',
      '2026-12-26 Second Day of Christmas',
    ]);
  });

  it.each([
    [2016, false],
    [2017, true],
    [2018, true],
    [2026, true],
  ])('have Reformation Day in %i: %s', (year, expected) => {
    expect(isPublicHoliday('DE-NI', `${year}-10-31`)).toBe(expected);
  });

  it('are none without a region, and none in years that the Gregorian calendar or four digits do not have', () => {
    expect([publicHolidays(undefined, 2026), publicHolidays('DE-NI', 1582), publicHolidays('DE-NI', 10_000)]).toEqual([
      [],
      [],
      [],
    ]);
  });
});

describe('the holidays of a calendar', () => {
  it('are those of its region without what it removes and with what it adds, in order', () => {
    const found = holidaysIn(2026, {
      region: 'DE-NI',
      additional: [
        { date: '2026-12-24', name: 'Heiligabend' },
        { date: '2027-12-24', name: 'Heiligabend' },
      ],
      removed: [
        { date: '2026-10-31', name: 'Inventory' },
        { date: '2027-10-31', name: 'Inventory' },
      ],
    });
    expect(dates(found).slice(-4)).toEqual(['2026-10-03', '2026-12-24', '2026-12-25', '2026-12-26']);
  });

  it('have one name a day: that of the calendar before that of the region', () => {
    const found = holidaysIn(2026, { region: 'DE-NI', additional: [{ date: '2026-05-01', name: 'Bridge' }] });
    expect(found.filter(({ day }) => dateOf(day) === '2026-05-01').map(({ name }) => name)).toEqual(['Bridge']);
  });
});
