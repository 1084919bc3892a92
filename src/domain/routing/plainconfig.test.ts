import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { dateOf, publicHolidays } from '../time/holidays.ts';
import { alertmanager } from './alertmanager.fixtures.ts';
import { OUR_ALERTS } from './alertmanagerconfig.ts';
import type { TimeInterval } from './utcintervals.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/alertmanager.md'), 'utf8');
const [, sample = ''] = /## Plain configuration[\s\S]*?```yaml\n([\s\S]*?)```/.exec(page) ?? [];
const { route, time_intervals } = parseDocument(sample).toJS() as {
  readonly route: { readonly routes: readonly { readonly receiver: string; readonly matchers: readonly string[] }[] };
  readonly time_intervals: readonly { readonly name: string; readonly time_intervals: readonly Written[] }[];
};
type Written = {
  readonly times?: readonly { readonly start_time: string; readonly end_time: string }[];
  readonly weekdays?: readonly string[];
  readonly days_of_month?: readonly string[];
  readonly months?: readonly string[];
  readonly years?: readonly string[];
  readonly location: string;
};

/** Of the clock on the wall: all are of one zone. */
function isIn(name: string): (wall: number) => boolean {
  const written = time_intervals.find(each => each.name === name)?.time_intervals ?? [];
  expect(new Set(written.map(({ location }) => location))).toEqual(new Set(['Europe/Berlin']));
  return alertmanager(
    written.map(({ times, weekdays, days_of_month: days, months, years }): TimeInterval => {
      const bounds = days?.map(range => range.split(':').map(Number));
      return {
        times: times?.map(each => ({ startTime: each.start_time, endTime: each.end_time })) ?? [
          { startTime: '00:00', endTime: '24:00' },
        ],
        ...(weekdays && { weekdays }),
        ...(bounds && { daysOfMonth: bounds.map(([start = 0, end = start]) => ({ start, end })) }),
        ...(months && { months }),
        years: years ?? ['2026:2027'],
      };
    }),
  );
}

it('the plain configuration of Alertmanager has the holidays of Lower Saxony of 2026 and 2027, and regular hours (GE-5)', () => {
  const isHoliday = isIn('holidays');
  const isCoreHour = isIn('core-hours');
  const [holidays, open]: [string[], number[]] = [[], []];
  for (let wall = Date.UTC(2026, 0, 1); wall < Date.UTC(2028, 0, 1); wall += 3_600_000) {
    if (isHoliday(wall) && wall % 86_400_000 === 0) holidays.push(dateOf(wall / 86_400_000));
    if (isCoreHour(wall)) open.push(new Date(wall).getUTCHours());
  }
  const wanted = [2026, 2027].flatMap(year => publicHolidays('DE-NI', year).map(({ day }) => dateOf(day)));
  expect(holidays).toEqual(wanted.sort());
  expect([Math.min(...open), Math.max(...open), open.length]).toEqual([9, 17, 522 * 9]);
});

it('sends the machine the alerts that the rendered routes send it, and lets them go on (research: a muted route loses what is over)', () => {
  expect(route.routes[0]).toMatchObject({ receiver: 'steward', continue: true });
  expect(route.routes[0]?.matchers).toEqual([`alertname =~ "${OUR_ALERTS}"`]);
  expect(Object.keys(route.routes[0] ?? {}).filter(key => key.endsWith('_time_intervals'))).toEqual([]);
});
