/** Civil time in Berlin by arithmetic alone, for the invariants: not by the calendar of ECMAScript, by which Steward reckons. */
const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];

/** Seconds since 1970 of a date at midnight UTC. */
export function utc(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const days = ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear;
  return (era * 146_097 + days - 719_468) * DAY;
}

function yearOf(at: number): number {
  let year = 1970 + Math.floor(at / (365.2425 * DAY));
  while (utc(year + 1, 1, 1) <= at) year += 1;
  while (utc(year, 1, 1) > at) year -= 1;
  return year;
}

/** One o'clock UTC on the last Sunday of a month of 31 days. */
function lastSunday(year: number, month: number): number {
  const last = utc(year, month, 31);
  return last - ((((last / DAY + 4) % 7) + 7) % 7) * DAY + HOUR;
}

/** Summer time in the European Union, since 1996. */
export function offsetAt(at: number): number {
  const year = yearOf(at);
  return at >= lastSunday(year, 3) && at < lastSunday(year, 10) ? 2 * HOUR : HOUR;
}

/** Days since 1970 by the clock in Berlin, and seconds of that day by the clock on the wall. */
export function berlin(at: number): { readonly day: number; readonly seconds: number } {
  const local = at + offsetAt(at);
  const day = Math.floor(local / DAY);
  return { day, seconds: local - day * DAY };
}

/** The instant of a clock on the wall in Berlin: the first of two, and of none the end of the gap. */
export function instantOf(day: number, seconds: number): number {
  const local = day * DAY + seconds;
  const [summer, winter] = [local - 2 * HOUR, local - HOUR];
  if (offsetAt(summer) === 2 * HOUR) return summer;
  if (offsetAt(winter) === HOUR) return winter;
  return lastSunday(yearOf(local), 3);
}

export function dateOf(day: number): string {
  const year = yearOf(day * DAY);
  let month = 12;
  while (utc(year, month, 1) > day * DAY) month -= 1;
  const two = (number: number) => String(number).padStart(2, '0');
  return `${year}-${two(month)}-${two(Math.round((day * DAY - utc(year, month, 1)) / DAY) + 1)}`;
}

export function dayOf(date: string): number {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  return utc(year, month, day) / DAY;
}

/** 0: Sunday. */
export function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

/** Public holidays of Lower Saxony, as the law names them. */
function isHoliday(day: number): boolean {
  const date = dateOf(day);
  const easter = easterOf(Number(date.slice(0, 4)));
  const moving = [-2, 1, 39, 50].map(after => easter + after);
  return moving.includes(day) || ['01-01', '05-01', '10-03', '10-31', '12-25', '12-26'].includes(date.slice(5));
}

/** Day of Easter Sunday, by Butcher's rule. */
function easterOf(year: number): number {
  const [a, b, c] = [year % 19, Math.floor(year / 100), year % 100];
  const d = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const e = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - d - (c % 4)) % 7;
  const f = d + e - 7 * Math.floor((a + 11 * d + 22 * e) / 451) + 114;
  return utc(year, Math.floor(f / 31), (f % 31) + 1) / DAY;
}

/** Seconds between two instants that lie in core hours: Monday to Friday, nine to six, no holidays. */
export function coreSeconds(from: number, to: number): number {
  let sum = 0;
  for (let day = berlin(from).day; day <= berlin(to).day; day++) {
    const weekday = weekdayOf(day);
    if (weekday === 0 || weekday === 6 || isHoliday(day)) continue;
    const [opens, closes] = [instantOf(day, 9 * HOUR), instantOf(day, 18 * HOUR)];
    sum += Math.max(0, Math.min(to, closes) - Math.max(from, opens));
  }
  return sum;
}

export { DAY, HOUR, MINUTE };
