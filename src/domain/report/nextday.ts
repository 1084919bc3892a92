/** Which day of a month is to be closed next, and when: pure. */
import type { ServiceReportSpec } from '../../api/servicereport.ts';
import { startOfDay } from '../time/day.ts';
import type { Span } from './course.ts';

/** After a day until it is closed: what was on its way is recorded by then. */
const SETTLED_MS = 30 * 60_000;
/** After a day until it is closed without what is missing still. */
export const GRACE_MS = 72 * 3_600_000;

export type NextStep =
  | {
      readonly step: 'CloseDay';
      readonly day: string;
      readonly span: Span;
      /** Hash of the day before, and the last record that belongs to it. */
      readonly previous: string;
      readonly after: number;
      readonly due: Date;
      /** From when on it is closed whatever is missing. */
      readonly atLast: Date;
    }
  | { readonly step: 'CloseMonth'; readonly days: readonly string[] }
  | { readonly step: 'None' };

/** `spec`: of a report as far as it is. */
export function nextStep(spec: ServiceReportSpec): NextStep {
  if (spec.closed !== undefined) return { step: 'None' };
  const days = (spec.days ?? []).toSorted((a, b) => (a.day < b.day ? -1 : 1));
  const last = days.at(-1);
  const day = last === undefined ? spec.since : dayAfter(last.day);
  if (!day.startsWith(spec.month)) return { step: 'CloseMonth', days: days.map(each => each.day) };
  const span = spanOf(day, spec.timeZone);
  return {
    ...{ step: 'CloseDay', day, span },
    ...{ previous: last?.sha256 ?? spec.before.sha256, after: last?.last ?? spec.before.last },
    due: new Date(span.to.getTime() + SETTLED_MS),
    atLast: new Date(span.to.getTime() + GRACE_MS),
  };
}

/** The report of the next month, once all days of this one are closed; undefined until then. */
export function nextMonth(spec: ServiceReportSpec): Pick<ServiceReportSpec, 'month' | 'since' | 'before'> | undefined {
  const last = (spec.days ?? []).toSorted((a, b) => (a.day < b.day ? -1 : 1)).at(-1);
  if (last === undefined) return undefined;
  const since = dayAfter(last.day);
  if (since.startsWith(spec.month)) return undefined;
  return { month: since.slice(0, 7), since, before: { sha256: last.sha256, last: last.last } };
}

export function spanOf(day: string, timeZone: string): Span {
  const [from, to] = [startOfDay(day, timeZone), startOfDay(dayAfter(day), timeZone)];
  return { from, to, minutes: Math.round((to.getTime() - from.getTime()) / 60_000) };
}

export function dayAfter(day: string): string {
  return Temporal.PlainDate.from(day).add({ days: 1 }).toString();
}

/** Days of the month from `since` on that are not among these. */
export function gapsIn(month: string, since: string, days: readonly string[]): string[] {
  const known = new Set(days);
  const gaps: string[] = [];
  for (let day = since; day.startsWith(month); day = dayAfter(day)) if (!known.has(day)) gaps.push(day);
  return gaps;
}
