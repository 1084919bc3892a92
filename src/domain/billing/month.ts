import { startOfDay } from '../time/day.ts';

/** A calendar month in a zone, day by day: a day has 23, 24 or 25 hours and counts as one (actual/actual). */
export type Month = {
  /** `YYYY-MM`. */
  readonly name: string;
  readonly timeZone: string;
  readonly days: readonly Day[];
};

export type Day = {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** Its first instant, and that of the next day, in milliseconds. */
  readonly begins: number;
  readonly ends: number;
};

const NAME = /^(?:20|21)[0-9]{2}-(?:0[1-9]|1[0-2])$/;

export function isMonth(text: string): boolean {
  return NAME.test(text);
}

/** The month of that name. @throws RangeError for a text that is no month, or an unknown zone. */
export function monthIn(timeZone: string, name: string): Month {
  if (!isMonth(name)) throw new RangeError(`${name} is not a month such as 2026-11`);
  const first = Temporal.PlainDate.from(`${name}-01`);
  const dates = Array.from({ length: first.daysInMonth + 1 }, (_, day) => first.add({ days: day }).toString());
  const edges = dates.map(date => startOfDay(date, timeZone).getTime());
  const days = edges.slice(1).map((ends, day) => ({ date: dates[day] ?? '', begins: edges[day] ?? 0, ends }));
  return { name, timeZone, days };
}

/** When the month begins and ends, in milliseconds. */
export function spanOf({ days }: Month): { readonly begins: number; readonly ends: number } {
  return { begins: days[0]?.begins ?? 0, ends: days.at(-1)?.ends ?? 0 };
}

/** Dates in their order as spans with both ends, e.g. `2026-11-01/2026-11-30`. */
export function spansOf(dates: readonly string[]): string[] {
  const spans: { from: string; to: string }[] = [];
  for (const date of dates) {
    const last = spans.at(-1);
    if (last !== undefined && nextDay(last.to) === date) last.to = date;
    else spans.push({ from: date, to: date });
  }
  return spans.map(({ from, to }) => (from === to ? from : `${from}/${to}`));
}

function nextDay(date: string): string {
  return Temporal.PlainDate.from(date).add({ days: 1 }).toString();
}
