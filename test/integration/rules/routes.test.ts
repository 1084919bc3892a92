/** MO-6, GE-5: the routes of a namespace, as prometheus-operator and Alertmanager read them by their own code. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type PrometheusAdmission,
  startPrometheusAdmission,
} from '../../../hack/testbed/upstream/prometheusadmission.ts';
import { askTimeIntervals } from '../../../hack/testbed/upstream/timeintervals.ts';
import type { ServiceCalendarSpec } from '../../../src/api/servicecalendar.ts';
import { type RoutingSettings, renderRoutes } from '../../../src/domain/routing/alertmanagerconfig.ts';
import { type TimeInterval, utcIntervals } from '../../../src/domain/routing/utcintervals.ts';
import { isOpen } from '../../../src/domain/time/businesstime.ts';
import { alwaysOpen, calendarOf } from '../../../src/domain/time/calendar.fixtures.ts';

const now = new Date('2026-11-30T12:00:00Z');
const settings: RoutingSettings = {
  labels: {},
  machine: {
    url: 'http://steward-receive.steward-system.svc:9095/alerts',
    httpConfig: { authorization: { credentials: { name: 'steward-receive', key: 'token' } } },
  },
  people: { webhookConfigs: [{ url: 'https://oncall.provider.example/alerts' }] },
};
const hannover = renderRoutes('acme', settings, calendarOf(), now);

describe('the admission webhook of prometheus-operator', () => {
  let webhook: PrometheusAdmission;
  beforeAll(async () => {
    webhook = await startPrometheusAdmission(console.log);
  });
  afterAll(() => webhook?.stop());

  it.each([
    ['with the core hours of Hannover', hannover],
    ['that are always open', renderRoutes('acme', settings, alwaysOpen, now)],
    ['without core hours', renderRoutes('acme', settings, undefined, now)],
    ['for the machine alone', renderRoutes('acme', { ...settings, people: undefined }, calendarOf(), now)],
    ['for people alone', renderRoutes('acme', { ...settings, machine: undefined }, calendarOf(), now)],
  ])('takes routes %s', async (_, routes) => {
    expect(await webhook.refusal(routes)).toBe('');
  });

  it('refuses core hours that are broken on purpose, so they are really read', async () => {
    const broken = JSON.parse(JSON.stringify(hannover).replaceAll('08:00', '18:00'));
    expect(await webhook.refusal(broken)).toContain('cannot be equal or greater than end time');
  });
});

describe("Alertmanager's own reading of core hours", () => {
  it.each([
    ['Europe/Berlin', [2026, 2027, 2028, 2029, 2030]],
    ['America/New_York', [2027]],
    ['Australia/Lord_Howe', [2027]],
    ['Asia/Kolkata', [2027]],
  ])('agrees with the clock of %s every five minutes', async (timeZone, years) => {
    const calendar = calendarOf({ timeZone });
    const from = new Date(Date.UTC(years[0] ?? 0, 0, 1));
    const until = new Date(Date.UTC((years.at(-1) ?? 0) + 1, 0, 1));
    const intervals = years.flatMap(year => utcIntervals(calendar, year)).map(plain);
    const answers = await askTimeIntervals({ intervals, from, until, minutes: 5 }, console.log);
    expect(answers).toHaveLength((until.getTime() - from.getTime()) / 300_000);
    expect(differences(answers, calendar, from)).toEqual([]);
  });

  it('is really asked: an hour too long differs', async () => {
    const [from, until] = [new Date('2027-01-01T00:00:00Z'), new Date('2027-02-01T00:00:00Z')];
    const intervals = utcIntervals(calendarOf(), 2027).map(plain);
    const late = JSON.parse(JSON.stringify(intervals).replaceAll('17:00', '18:00'));
    const answers = await askTimeIntervals({ intervals: late, from, until, minutes: 5 }, console.log);
    // Twenty days of work in that January of 2027.
    expect(differences(answers, calendarOf(), from)).toHaveLength(20 * 12);
  });
});

function differences(answers: string, calendar: ServiceCalendarSpec, from: Date): readonly string[] {
  return [...answers].flatMap((answer, index) => {
    const at = new Date(from.getTime() + index * 300_000);
    return (answer === '1') === isOpen(calendar, at) ? [] : [at.toISOString()];
  });
}

/** As prometheus-operator writes an interval into Alertmanager's configuration. */
function plain({ times, weekdays, daysOfMonth, months, years }: TimeInterval): object {
  return {
    times: times.map(({ startTime, endTime }) => ({ start_time: startTime, end_time: endTime })),
    ...(weekdays && { weekdays }),
    ...(daysOfMonth && { days_of_month: daysOfMonth.map(({ start, end }) => `${start}:${end}`) }),
    ...(months && { months }),
    years,
  };
}
