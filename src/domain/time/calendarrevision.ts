import type { ServiceCalendarSpec } from '../../api/servicecalendar.ts';
import { digestOf } from '../contract/digest.ts';
import { isPublicHoliday, rulesOf } from './holidays.ts';
import { weekOf } from './week.ts';

type Dated = { readonly date: string };

/**
 * SHA-256 of everything that decides when a calendar is open, for those who work by it to pin (GE-8): zone, core hours, the rules by which
 * Steward computes the region's holidays, days that are added and were none, days that are removed and were one. How it is written (order,
 * entries that touch, names) does not count. What the zone's clocks do is the IANA database's, and no part of it.
 */
export function revisionOf({ timeZone, coreHours, holidays = {} }: ServiceCalendarSpec): string {
  const { region, additional = [], removed = [] } = holidays;
  const isPublic = ({ date }: Dated): boolean => isPublicHoliday(region, date);
  const dates = (days: readonly Dated[]): string[] => days.map(({ date }) => date).sort();
  const counts = {
    timeZone,
    week: weekOf(coreHours).map(stretches => stretches.map(({ from, to }) => [from, to])),
    rules: rulesOf(region).map(({ on, since }) => [on, since ?? null]),
    added: dates(additional.filter(each => !isPublic(each))),
    removed: dates(removed.filter(isPublic)),
  };
  return digestOf(JSON.stringify(counts));
}
