import { describe, expect, it } from 'vitest';
import { watched } from '../application/watched.fixtures.ts';
import type { AlertRule } from '../contract/alert.ts';
import type { Child } from '../contract/child.ts';
import { managedVMOf } from '../managedvm/rendering.fixtures.ts';
import { renderDefaultRules, renderOverrideRules } from '../monitoring/prometheusrules.ts';
import { renderApplicationRules } from '../policies/applicationrules.ts';
import { alwaysOpen, calendarOf } from '../time/calendar.fixtures.ts';
import { type Config, receiversAt } from './alertmanager.fixtures.ts';
import { nextYear, OUR_ALERTS, type RoutingSettings, renderRoutes } from './alertmanagerconfig.ts';

const settings: RoutingSettings = {
  labels: { release: 'prometheus' },
  machine: {
    url: 'http://steward-receive.steward-system.svc:9095/alerts',
    httpConfig: { authorization: { credentials: { name: 'steward-receive', key: 'token' } } },
  },
  people: { emailConfigs: [{ to: 'oncall@provider.example' }] },
};
type Groups = { readonly groups: readonly { readonly rules: readonly Partial<AlertRule>[] }[] };

const now = new Date('2026-12-31T23:59:59Z');
const rendered = renderRoutes('acme', settings, calendarOf(), now);
const told = (level: string | undefined, at: string, config: Child = rendered) =>
  receiversAt(
    config as unknown as Config,
    { alertname: 'ManagedVMDown', namespace: 'acme', ...(level === undefined ? {} : { service_level: level }) },
    Date.parse(at),
  );

/** A Friday of winter and of summer, and what is closed: a night, a Saturday, and Whit Monday. */
const OPEN = ['2027-01-08T08:00:00Z', '2027-07-09T15:59:59Z'];
const CLOSED = ['2027-01-08T07:59:59Z', '2027-01-08T17:00:00Z', '2027-01-09T10:00:00Z', '2027-05-17T10:00:00Z'];

describe('the routes of a namespace (MO-6, GE-5)', () => {
  it.each([
    ['MonitoringAndPatching', 'of a VM'],
    ['Advanced', 'of an application'],
  ])('tell people of %s %s in core hours only', level => {
    for (const at of OPEN) expect(told(level, at)).toEqual(['steward', 'people']);
    for (const at of CLOSED) expect(told(level, at)).toEqual(['steward']);
  });

  it.each([['AdvancedMonitoringAndPatching'], ['Expert'], [undefined]])('tell people of %s at any hour', level => {
    for (const at of [...OPEN, ...CLOSED]) expect(told(level, at)).toEqual(['steward', 'people']);
  });

  it.each([['Admin'], ['Basic']])('tell nobody of %s, where the provider does nothing unasked', level => {
    for (const at of [...OPEN, ...CLOSED]) expect(told(level, at)).toEqual(['steward', 'nobody']);
  });

  it('are gated by nothing where no core hours are agreed: too much is told rather than too little', () => {
    const ungated = renderRoutes('acme', settings, undefined, now);
    expect(ungated.spec).not.toHaveProperty('muteTimeIntervals');
    for (const at of CLOSED) expect(told('MonitoringAndPatching', at, ungated)).toEqual(['steward', 'people']);
  });

  it('know the hours of this year and the next, whose beginning renders them anew', () => {
    const { spec } = renderRoutes('acme', settings, alwaysOpen, now);
    const { muteTimeIntervals } = spec as Config['spec'];
    expect(muteTimeIntervals?.[0]?.timeIntervals.flatMap(({ years }) => years)).toEqual(['2026', '2027']);
    expect(nextYear(now)).toEqual(new Date('2027-01-01T00:00:00Z'));
    expect(nextYear(new Date('2027-01-01T00:00:00Z'))).toEqual(new Date('2028-01-01T00:00:00Z'));
  });
});

it('are those of their namespace, whatever the matcher strategy of prometheus-operator', () => {
  const labels = { alertname: 'ManagedVMDown', namespace: 'globex', service_level: 'Expert' };
  expect(receiversAt(rendered as unknown as Config, labels, now.getTime())).toEqual([]);
});

describe("the machine's route", () => {
  const { route } = rendered.spec as Config['spec'];

  it('comes first, goes on to the others, and is never gated by time: what a closed route drops is lost, resolves too', () => {
    expect(route.routes?.[0]).toMatchObject({ receiver: 'steward', continue: true });
    expect(route.routes?.[0]).not.toHaveProperty('matchers');
    for (const gated of [route, route.routes?.[0]]) {
      expect(gated).not.toHaveProperty('activeTimeIntervals');
      expect(gated).not.toHaveProperty('muteTimeIntervals');
    }
  });

  it('tells what is over, with the credentials that the provider names', () => {
    expect((rendered.spec as Config['spec']).receivers[1]).toEqual({
      name: 'steward',
      webhookConfigs: [{ ...settings.machine, sendResolved: true }],
    });
  });

  it('is left out where the provider sends to it by himself, and so are people where nobody is told', () => {
    const withoutMachine = renderRoutes('acme', { ...settings, machine: undefined }, calendarOf(), now);
    expect(told('Expert', OPEN[0] ?? '', withoutMachine)).toEqual(['people']);
    const withoutPeople = renderRoutes('acme', { ...settings, people: undefined }, calendarOf(), now);
    expect(told('MonitoringAndPatching', CLOSED[0] ?? '', withoutPeople)).toEqual(['steward']);
    expect(withoutPeople.spec).not.toHaveProperty('muteTimeIntervals');
  });
});

it('every alert that is rendered for a namespace has a route, and what others raise there has none', () => {
  const bases = { monitoringLabels: {}, runbookBaseURL: 'https://runbooks.example/' };
  const spec = { serviceLevel: 'AdvancedMonitoringAndPatching', operatingSystem: 'debian-13' };
  const own = renderOverrideRules(managedVMOf({ ...spec, alertThresholds: { cpuPercent: 50 } }), bases);
  const rules = [renderDefaultRules('acme', bases), own, renderApplicationRules(watched('Expert'), bases)];
  const alerts = rules.flatMap(each =>
    ((each ?? { spec: { groups: [] } }).spec as Groups).groups.flatMap(group =>
      group.rules.flatMap(({ alert }) => alert ?? []),
    ),
  );
  expect(alerts.length).toBeGreaterThan(20);
  const ours = new RegExp(`^(?:${OUR_ALERTS})$`);
  expect(alerts.filter(alert => !ours.test(alert))).toEqual([]);
  for (const foreign of ['KubePodCrashLooping', 'MyManagedVMDown', 'Watchdog']) expect(ours.test(foreign)).toBe(false);
});
