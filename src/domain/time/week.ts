import { type CoreHours, WEEKDAYS } from '../../api/servicecalendar.ts';
import { minutesOf } from '../../api/timeofday.ts';

/** Minutes of a day by the clock on the wall, `to` excluded. */
export type Stretch = { readonly from: number; readonly to: number };

/** The core hours of each day of the week, Monday first; of each day in order, and none touches the next. */
export type Week = readonly (readonly Stretch[])[];

/** Core hours by day of the week, however their entries are ordered and cut. */
export function weekOf(coreHours: readonly CoreHours[]): Week {
  return WEEKDAYS.map(weekday => {
    const stretches = coreHours
      .filter(({ days }) => days.includes(weekday))
      .map(({ from, to }) => ({ from: minutesOf(from), to: minutesOf(to) }))
      .sort((a, b) => a.from - b.from);
    return joined(stretches);
  });
}

/** Minutes a week by the clock on the wall. */
export function minutesAWeek(week: Week): number {
  return week.flat().reduce((sum, { from, to }) => sum + to - from, 0);
}

/** The core hours of a day that is given in days since 1970-01-01, a Thursday. */
export function stretchesOn(week: Week, day: number): readonly Stretch[] {
  return week[(((day + 3) % 7) + 7) % 7] ?? [];
}

function joined(stretches: readonly Stretch[]): readonly Stretch[] {
  const result: Stretch[] = [];
  for (const { from, to } of stretches) {
    const last = result.at(-1);
    if (last === undefined || from > last.to) result.push({ from, to });
    else result[result.length - 1] = { from: last.from, to: Math.max(last.to, to) };
  }
  return result;
}
