/** What Steward computes against what somebody else has gathered. */
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { dateOf, publicHolidays } from '../../src/domain/time/holidays.ts';

type Known = { readonly date: string; readonly type: string };
type Calendar = { getHolidays(year: number): readonly Known[] };
const DateHolidays = createRequire(import.meta.url)('date-holidays') as new (
  country: string,
  state: string,
) => Calendar;

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
