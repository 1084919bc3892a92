import type { ServiceLevel } from '../../api/common.ts';
import { contract } from '../../api/contract.ts';
import { ServiceCalendarSpec, serviceCalendar } from '../../api/servicecalendar.ts';
import { servicePlan } from '../../api/serviceplan.ts';
import type { Child } from '../../domain/contract/child.ts';
import { type Agreement, planInForce } from '../../domain/contract/planinforce.ts';
import { planAfter } from '../../domain/contract/plans.ts';
import { nextYear, type RoutingSettings, renderRoutes } from '../../domain/routing/alertmanagerconfig.ts';
import { dayIn, startOfDay } from '../../domain/time/day.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Reader, WatchedKind } from '../../runtime/pass/controller.ts';
import { namespacesOf, readOnce } from '../contracts.ts';
import { AGREEMENT_INDEXES, agreementOn, contractsWith } from '../managedvm/service.ts';
import { unreadableAt } from '../unreadable.ts';

const calendarOf = readOnce(ServiceCalendarSpec);

/** Levels whose plan says which hours are core hours, the first that is agreed. */
const LEVELS: readonly ServiceLevel[] = ['MonitoringAndPatching', 'AdvancedMonitoringAndPatching'];

/** What the core hours of a namespace follow from. */
export const ROUTE_WATCHES: readonly WatchedKind[] = [
  {
    kind: contract,
    indexes: AGREEMENT_INDEXES,
    part: ({ spec, status }) => [spec, Reflect.get(Object(status), 'plans')],
    toKeys: ofCustomer,
  },
  {
    kind: servicePlan,
    part: ({ spec }) => spec,
    toKeys: ({ metadata: { name } }, read) => contractsWith(name, read).flatMap(ofCustomer),
  },
  // Seldom changed, and named by plans that many have.
  { kind: serviceCalendar, part: ({ spec }) => spec, toKeys: (_, read) => read.list(contract).flatMap(ofCustomer) },
];

type Routes = {
  readonly children: readonly Child[];
  /** When they must be rendered anew. */
  readonly nextEdge?: Date;
};

/** The routes of a namespace; undefined: whose core hours hold cannot be known now, so what there is stays. */
export function routesOf(
  namespace: string,
  read: Reader,
  settings: RoutingSettings | undefined,
  now: Date,
): Routes | undefined {
  if (settings === undefined) return { children: [] };
  const places = [contract, servicePlan, serviceCalendar].map(kind => [kind, ''] as const);
  if (unreadableAt(read, places).length > 0) return undefined;
  const agreement = agreementOn(namespace, read);
  const child = renderRoutes(namespace, settings, calendarIn(agreement, read, now), now);
  return { children: [child], nextEdge: nextEdge(agreement, now) };
}

function calendarIn(agreement: Agreement, read: Reader, now: Date): ServiceCalendarSpec | undefined {
  const [plan] = LEVELS.flatMap(level => planInForce(level, agreement, zone => dayIn(zone, now)) ?? []);
  const calendar = plan && read.get(serviceCalendar, { namespace: '', name: plan.calendarRef });
  return calendar && calendarOf(calendar.spec).spec;
}

/** The next year, or the day on which another plan begins. */
function nextEdge({ contract: named }: Agreement, now: Date): Date {
  const spec = named?.agreement.spec;
  const days = LEVELS.flatMap(level => (spec && planAfter(spec.plans, level, dayIn(spec.timeZone, now))) ?? []);
  const begins = days.map(({ from }) => startOfDay(from, spec?.timeZone ?? 'UTC').getTime());
  return new Date(Math.min(nextYear(now).getTime(), ...begins));
}

function ofCustomer(object: KubeObject) {
  return namespacesOf(object).map(name => ({ namespace: '', name }));
}
