import { describe, expect, it } from 'vitest';
import { planSpec } from '../../domain/contract/plan.fixtures.ts';
import type { RoutingSettings } from '../../domain/routing/alertmanagerconfig.ts';
import { calendarOf } from '../../domain/time/calendar.fixtures.ts';
import { ApiError } from '../../runtime/api/errors.ts';
import type { KubeObject, ResourceKind } from '../../runtime/api/object.ts';
import type { Reader } from '../../runtime/pass/controller.ts';
import { routesOf } from './routes.ts';

const settings: RoutingSettings = { labels: {}, machine: undefined, people: { emailConfigs: [] } };
const now = new Date('2026-11-30T12:00:00Z');

const object = (kind: string, name: string, spec: object): KubeObject & { readonly spec: object } => ({
  ...{ apiVersion: 'managed.systems/v1alpha1', kind, metadata: { name }, spec },
});
const plan = (name: string, calendarRef: string) => object('ServicePlan', name, planSpec({ calendarRef }));
const hannover = object('ServiceCalendar', 'hannover', calendarOf());
const agreed = (plans: readonly object[]) =>
  object('Contract', 'acme', {
    ...{ customer: 'ACME GmbH', namespaces: ['acme'], language: 'de', timeZone: 'Europe/Berlin', billingId: '10042' },
    ...{ contacts: [{ name: 'anna', email: 'anna@acme.example', roles: ['Approver'] }], plans },
  });
const from = (day: string, name: string) => ({ level: 'AdvancedMonitoringAndPatching', plan: name, from: day });

/** A fake cache with these objects; of the kind `unreadable` the API server says nothing. */
function fakeReader(objects: readonly KubeObject[], unreadable = ''): Reader {
  const of = (kind: ResourceKind) => objects.filter(each => each.kind === kind.kind);
  return {
    get: (kind: ResourceKind, { name }: { name: string }) => of(kind).find(({ metadata }) => metadata.name === name),
    byIndex: (kind: ResourceKind) => of(kind),
    refusal: ({ kind }: ResourceKind) => (kind === unreadable ? new ApiError(403, 'Forbidden', 'no') : undefined),
  } as unknown as Reader;
}

const hoursIn = (routes: ReturnType<typeof routesOf>) => {
  const spec = routes?.children[0]?.spec as { muteTimeIntervals?: { timeIntervals: { times: object[] }[] }[] };
  return spec.muteTimeIntervals?.[0]?.timeIntervals[0]?.times;
};

describe('the core hours of the routes of a namespace (MO-6, GE-5)', () => {
  it('are those of the plan that is in force, and are looked at again when another begins or a year does', () => {
    const inForce = [agreed([from('2026-01-01', 'advanced')]), plan('advanced', 'hannover'), hannover];
    const routes = routesOf('acme', fakeReader(inForce), settings, now);
    expect(hoursIn(routes)).toEqual([{ startTime: '08:00', endTime: '17:00' }]);
    expect(routes?.nextEdge).toEqual(new Date('2027-01-01T00:00:00Z'));
    const changing = [agreed([from('2026-01-01', 'advanced'), from('2026-12-10', 'other')]), ...inForce.slice(1)];
    // Midnight in Berlin.
    expect(routesOf('acme', fakeReader(changing), settings, now)?.nextEdge).toEqual(new Date('2026-12-09T23:00:00Z'));
  });

  it.each([
    ['no contract', [plan('advanced', 'hannover'), hannover]],
    ['no plan', [agreed([from('2026-01-01', 'advanced')]), hannover]],
    ['no calendar', [agreed([from('2026-01-01', 'advanced')]), plan('advanced', 'hannover')]],
    ['a plan that begins tomorrow', [agreed([from('2026-12-01', 'advanced')]), plan('advanced', 'hannover'), hannover]],
  ])('are none where there is %s: people are told at any hour', (_, objects) => {
    const routes = routesOf('acme', fakeReader(objects), settings, now);
    expect(routes?.children).toHaveLength(1);
    expect(hoursIn(routes)).toBeUndefined();
  });

  it.each([['Contract'], ['ServicePlan'], ['ServiceCalendar']])('are not guessed while %s cannot be read', kind => {
    expect(routesOf('acme', fakeReader([], kind), settings, now)).toBeUndefined();
  });

  it('are of no matter where the provider wants no routes', () => {
    expect(routesOf('acme', fakeReader([], 'Contract'), undefined, now)).toEqual({ children: [] });
  });
});
