import type { ServiceCalendarSpec } from '../../api/servicecalendar.ts';
import { type Child, DEFAULT_ROUTES_NAME } from '../contract/child.ts';
import { type TimeInterval, utcIntervals } from './utcintervals.ts';

/** What the provider sets for the routes of all namespaces; at least one of `machine` and `people` is there. */
export type RoutingSettings = {
  /** Labels by which the cluster's Alertmanager selects AlertmanagerConfigs. */
  readonly labels: Readonly<Record<string, string>>;
  /** Where `steward receive` listens, and how it is spoken to, as AlertmanagerConfig has it; undefined: Alertmanager's own configuration sends to it. */
  readonly machine: { readonly url: string; readonly httpConfig?: object | undefined } | undefined;
  /** How people are told: the integrations of a receiver, as AlertmanagerConfig has them; undefined: nobody is told by Alertmanager. */
  readonly people: Readonly<Record<string, unknown>> | undefined;
};

/** Alerts of the namespace that Steward renders; what else fires there is nobody's business. */
export const OUR_ALERTS = '(ManagedVM|ManagedApplication|BackupPolicy|PatchPolicy|PatchRing|AgreementOverdue).*';
/** Levels at which the provider acts in core hours (MO-6, AP-3), and not unasked at all; of a VM and of an application. */
const IN_CORE_HOURS = 'MonitoringAndPatching|Advanced';
const NEVER = 'Admin|Basic';

const CORE_HOURS = 'core-hours';
/** Where alerts go for whom no route is. */
const NOBODY = 'nobody';
const MACHINE = 'steward';
const PEOPLE = 'people';

/**
 * The routes of a namespace's alerts, for an Alertmanager that prometheus-operator configures (docs/adr/0201). The machine's comes first, is never
 * gated by time, and goes on to the people's: Alertmanager forgets what a closed route would have sent, and that an alert is over with it. `calendar`:
 * whose core hours gate what is told to people; undefined: they are told at any hour.
 */
export function renderRoutes(
  namespace: string,
  settings: RoutingSettings,
  calendar: ServiceCalendarSpec | undefined,
  now: Date,
): Child {
  const { labels, machine, people } = settings;
  const coreHours = people && calendar && hoursOf(calendar, now);
  const receivers = [
    { name: NOBODY },
    ...(machine ? [{ name: MACHINE, webhookConfigs: [webhook(machine)] }] : []),
    ...(people ? [{ ...people, name: PEOPLE }] : []),
  ];
  const routes = [...(machine ? [machineRoute()] : []), ...(people ? peopleRoutes(coreHours !== undefined) : [])];
  return {
    apiVersion: 'monitoring.coreos.com/v1alpha1',
    kind: 'AlertmanagerConfig',
    metadata: {
      ...{ name: DEFAULT_ROUTES_NAME, namespace },
      ...(Object.keys(labels).length > 0 ? { labels: { ...labels } } : {}),
    },
    spec: {
      ...(coreHours ? { muteTimeIntervals: [{ name: CORE_HOURS, timeIntervals: coreHours }] } : {}),
      receivers,
      route: { receiver: NOBODY, matchers: ofNamespace(namespace), routes },
    },
  };
}

/**
 * prometheus-operator puts the namespace there itself, in place of what is; with the matcher strategy None it does not, and each namespace's routes
 * would get the alerts of all.
 */
function ofNamespace(namespace: string) {
  return [matcher('namespace', '=', namespace), matcher('alertname', '=~', OUR_ALERTS)];
}

/** When other intervals must be rendered: this year and the next are, so a year may pass before anybody is told too little. */
export function nextYear(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear() + 1, 0, 1));
}

function hoursOf(calendar: ServiceCalendarSpec, now: Date): readonly TimeInterval[] {
  const year = now.getUTCFullYear();
  return [year, year + 1].flatMap(each => utcIntervals(calendar, each));
}

function webhook({ url, httpConfig }: NonNullable<RoutingSettings['machine']>) {
  return { url, sendResolved: true, ...(httpConfig && Object.keys(httpConfig).length > 0 ? { httpConfig } : {}) };
}

/** By machine, so that a storm of one VM is one message; repeated, in case one is lost. */
function machineRoute() {
  return {
    ...{ receiver: MACHINE, continue: true, groupBy: ['managed_vm', 'application'] },
    ...{ groupWait: '5s', groupInterval: '30s', repeatInterval: '1h' },
  };
}

function peopleRoutes(isGated: boolean) {
  const people = { receiver: PEOPLE, groupBy: ['managed_vm', 'application'] };
  const gate = isGated ? { activeTimeIntervals: [CORE_HOURS] } : {};
  return [
    { receiver: NOBODY, matchers: [matcher('service_level', '=~', NEVER)] },
    { ...people, matchers: [matcher('service_level', '=~', IN_CORE_HOURS)], ...gate },
    people,
  ];
}

function matcher(name: string, matchType: '=' | '=~', value: string) {
  return { name, matchType, value };
}
