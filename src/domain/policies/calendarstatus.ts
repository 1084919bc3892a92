import { type ServiceCalendar, ServiceCalendarSpec, type ServiceCalendarStatus } from '../../api/servicecalendar.ts';
import { cut } from '../contract/excerpt.ts';
import { readable } from '../contract/readable.ts';
import { revisionOf } from '../time/calendarrevision.ts';
import { dateOf, type Holiday, holidaysIn, isPublicHoliday } from '../time/holidays.ts';
import { minutesAWeek, weekOf } from '../time/week.ts';
import { type Assessment, observed, stalled } from './policystatus.ts';

/**
 * What follows from a ServiceCalendar (GE-5). The holidays told are those of two years of its zone, this one and the next: the next twelve
 * months are always among them, and a calendar that nobody edits costs one write a year.
 */
export function assessServiceCalendar(calendar: ServiceCalendar, now: Date): Assessment<ServiceCalendarStatus> {
  const seen = observed(calendar.metadata.generation);
  const { spec, problem } = readable(ServiceCalendarSpec, calendar.spec);
  if (spec === undefined) return { status: seen, conditions: stalled('InvalidCalendar', cut(`${problem}.`, 300)) };
  const year = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(spec.timeZone).year;
  const [present, next] = [holidaysIn(year, spec.holidays ?? {}), holidaysIn(year + 1, spec.holidays ?? {})];
  const wrong = removedInVain(spec);
  return {
    status: { ...seen, revision: revisionOf(spec), holidays: [...present, ...next].map(dated) },
    conditions:
      wrong === undefined
        ? [
            {
              ...{ type: 'Ready', status: 'True', reason: 'Readable' },
              message: `Open ${hours(spec)} a week in ${spec.timeZone}, except on holidays: ${present.length} in ${year}, ${next.length} in ${year + 1}.`,
            },
          ]
        : stalled('NoSuchHoliday', wrong),
    nextEdge: startOfYear(year + 1, spec.timeZone),
  };
}

/** A day that is no holiday cannot be taken away: most likely another one was meant, on which it now is closed. */
function removedInVain({ holidays: { region, removed = [] } = {} }: ServiceCalendarSpec): string | undefined {
  const wrong = removed.find(({ date }) => !isPublicHoliday(region, date));
  return (
    wrong &&
    `spec.holidays.removed names ${wrong.date} (${wrong.name}), which is no holiday of ${region}: name one that is, or take it out.`
  );
}

function dated({ day, name }: Holiday): { date: string; name: string } {
  return { date: dateOf(day), name };
}

/** By the clock on the wall, e.g. 45h or 42h30m. */
function hours({ coreHours }: ServiceCalendarSpec): string {
  const minutes = minutesAWeek(weekOf(coreHours));
  const rest = minutes % 60;
  return `${(minutes - rest) / 60}h${rest === 0 ? '' : `${rest}m`}`;
}

function startOfYear(year: number, timeZone: string): Date {
  const start = Temporal.PlainDate.from({ year, month: 1, day: 1 }).toZonedDateTime(timeZone);
  return new Date(start.epochMilliseconds);
}
