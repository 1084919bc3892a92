import type { HolidayRegion, Holidays } from '../../api/servicecalendar.ts';

const DAY = 86_400_000;
/** The first whole year of the Gregorian calendar, and the last that has four digits. */
const FIRST_YEAR = 1583;
const LAST_YEAR = 9999;

/** A whole day on which there are no core hours. */
export type Holiday = {
  /** Days since 1970-01-01 of the calendar on the wall, whatever the zone. */
  readonly day: number;
  readonly name: string;
};

/** A holiday that comes every year: at a date `MM-DD`, or days after Easter Sunday. */
export type HolidayRule = {
  readonly name: string;
  readonly on: string | number;
  /** The first year in which it was one. */
  readonly since?: number;
};

/** Public holidays by law, ISO 3166-2. Days that most people have off and the law does not name are no holidays: 24 and 31 December, Easter Sunday. */
const RULES: Readonly<Record<HolidayRegion, readonly HolidayRule[]>> = {
  // Niedersächsisches Gesetz über die Feiertage § 2; the day of German unity by the treaty of 1990. In 2017 Reformation Day was one once.
  'DE-NI': [
    { on: '01-01', name: "New Year's Day" },
    { on: -2, name: 'Good Friday' },
    { on: 1, name: 'Easter Monday' },
    { on: '05-01', name: 'Labour Day' },
    { on: 39, name: 'Ascension Day' },
    { on: 50, name: 'Whit Monday' },
    { on: '10-03', name: 'German Unity Day', since: 1990 },
    { on: '10-31', name: 'Reformation Day', since: 2017 },
    { on: '12-25', name: 'Christmas Day' },
    { on: '12-26', name: 'Second Day of Christmas' },
  ],
};

/** The holidays that a region has every year. */
export function rulesOf(region: HolidayRegion | undefined): readonly HolidayRule[] {
  return region === undefined ? [] : RULES[region];
}

/** Public holidays of a region in a year, those that a calendar removes among them (GE-5). None before 1583 and after 9999. */
export function publicHolidays(region: HolidayRegion | undefined, year: number): Holiday[] {
  if (year < FIRST_YEAR || year > LAST_YEAR) return [];
  return rulesOf(region)
    .filter(({ since = year }) => since <= year)
    .map(({ on, name }) => ({ name, day: typeof on === 'number' ? easterSunday(year) + on : dayOf(`${year}-${on}`) }));
}

/** Whether a date `YYYY-MM-DD` is a public holiday of a region. */
export function isPublicHoliday(region: HolidayRegion | undefined, date: string): boolean {
  return publicHolidays(region, Number(date.slice(0, 4))).some(({ day }) => day === dayOf(date));
}

/** The holidays of a calendar in a year, in order, one a day: those of its region, without what it removes, and what it adds. */
export function holidaysIn(year: number, { region, additional = [], removed = [] }: Holidays): Holiday[] {
  const open = new Set(removed.map(({ date }) => dayOf(date)));
  const added = additional
    .filter(({ date }) => Number(date.slice(0, 4)) === year)
    .map(({ date, name }) => ({ name, day: dayOf(date) }));
  const found = [...publicHolidays(region, year).filter(({ day }) => !open.has(day)), ...added];
  return [...new Map(found.map(holiday => [holiday.day, holiday])).values()].sort((a, b) => a.day - b.day);
}

/** Days since 1970-01-01 of a date `YYYY-MM-DD`. */
export function dayOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY;
}

/** The date `YYYY-MM-DD` of days since 1970-01-01. */
export function dateOf(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}

/** Easter Sunday by the Gregorian calendar, in days since 1970-01-01: the anonymous algorithm of 1876 (Meeus, Astronomical Algorithms, chapter 8). */
export function easterSunday(year: number): number {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const inCentury = year % 100;
  const leapCenturies = Math.floor(century / 4);
  const moonCorrection = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - leapCenturies - moonCorrection + 15) % 30;
  const toSunday = (32 + 2 * (century % 4) + 2 * Math.floor(inCentury / 4) - epact - (inCentury % 4)) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * toSunday) / 451);
  const fromMarch = epact + toSunday - 7 * late + 114;
  return Date.UTC(year, Math.floor(fromMarch / 31) - 1, (fromMarch % 31) + 1) / DAY;
}
