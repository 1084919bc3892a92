/** What Steward computes against what somebody else has gathered. */
import DateHolidays from 'date-holidays';
import { expect, test } from 'vitest';
import { dateOf, publicHolidays } from './holidays.ts';

const lowerSaxony = new DateHolidays('DE', 'NI');
/** Its other types are days that people keep and the law does not: observances, and half days of banks. */
const known = (year: number) =>
  lowerSaxony
    .getHolidays(year)
    .filter(({ type }) => type === 'public')
    .map(({ date }) => date.slice(0, 10))
    .sort();

test.each(Array.from({ length: 11 }, (_, index) => 2024 + index))(
  'GE-5: the public holidays of Lower Saxony in %i are those that date-holidays knows',
  year => {
    const ours = publicHolidays('DE-NI', year).map(({ day }) => dateOf(day));
    expect(ours.sort()).toEqual(known(year));
  },
);
