/** A month from the pages of its days: pure. */
import type { ReportPageSpec } from '../../api/reportpage.ts';
import type { DayEntry, ServiceReportSpec } from '../../api/servicereport.ts';
import { instant } from '../contract/condition.ts';
import { readDay } from './format.ts';
import { closeMonth } from './month.ts';
import { gapsIn } from './nextday.ts';
import { linesOf, pagesOf } from './pages.ts';

/** Pages to be written, and then what the report says of them. */
export type ClosedPages = {
  readonly pages: readonly ReportPageSpec[];
  readonly day?: DayEntry;
  readonly month?: NonNullable<ServiceReportSpec['closed']>;
};

/** A day whose pages are not as they were closed stops it: a person decides then, for nothing else could say what the day was. */
export function monthOfPages(
  { contract, month, since, days = [] }: ServiceReportSpec,
  pages: readonly ReportPageSpec[],
  now: Date,
): { readonly closes?: ClosedPages; readonly waits: readonly string[] } {
  const inOrder = days.toSorted((a, b) => (a.day < b.day ? -1 : 1));
  const read = inOrder.map(({ day, sha256 }) => ({
    ...{ day, sha256 },
    lines: linesOf(
      pages.filter(each => each.day === day),
      sha256,
    ),
  }));
  const waits = read.flatMap(({ day, lines }) =>
    lines === undefined ? [`The pages of ${day} are not there, or not as they were closed.`] : [],
  );
  if (waits.length > 0) return { waits };
  const gaps = gapsIn(
    month,
    since,
    inOrder.map(({ day }) => day),
  );
  const lines = closeMonth({
    ...{ month, since, gaps },
    days: read.map(({ sha256, lines: of = [] }) => ({ day: readDay(of), sha256 })),
  });
  const written = pagesOf({ contract: contract.name, month }, lines, now);
  const closed = { at: instant(now), sha256: written[0]?.sha256 ?? '', pages: written.length };
  return { closes: { pages: written, month: { ...closed, ...(gaps.length > 0 && { gaps }) } }, waits: [] };
}
