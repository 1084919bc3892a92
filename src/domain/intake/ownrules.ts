/** The alerting rules that Steward renders itself: whose alerts become incidents, and what each must look like in Prometheus. */
import type { ManagedApplication } from '../../api/managedapplication.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { Product } from '../../api/product.ts';
import type { Blackbox } from '../application/asked.ts';
import { watchedOf } from '../application/watched.ts';
import type { Child } from '../contract/child.ts';
import { entitlements } from '../contract/service-levels.ts';
import { LATE_ALERT } from '../incident/reasons.ts';
import { OPERATOR_NAMESPACE, promiseAlerts } from '../managedvm/promisealerts.ts';
import { promiseRules } from '../managedvm/promiserules.ts';
import { type Group, renderDefaultRules, renderOverrideRules } from '../monitoring/prometheusrules.ts';
import { renderApplicationRules } from '../policies/applicationrules.ts';
import type { Labels } from './pointer.ts';
import { msOf } from './promql.ts';

/** A PrometheusRule of ours. */
export type Place = { readonly namespace: string; readonly name: string };

/** One rule in it, as we render it. What it says to people is no part of it. */
export type OwnRule = {
  readonly place: Place;
  readonly group: string;
  readonly alert: string;
  readonly expression: string;
  /** Seconds of `for`. */
  readonly pendingFor: number;
  readonly labels: Labels;
  readonly summary: string;
};

/** What our rules are rendered from, beside the orders. */
export type OwnRuleSettings = {
  /** Namespace of the operator, and the PrometheusRule of the chart that is there. */
  readonly promises: Place;
  readonly blackbox: Blackbox | undefined;
};

/** What an alert is about, as it is ordered. */
export type Subject =
  | { readonly kind: 'ManagedVM'; readonly object: ManagedVM }
  | { readonly kind: 'ManagedApplication'; readonly object: ManagedApplication; readonly product: Product | undefined };

/** What is said to people, and who finds the rules, decides nothing here. */
const PLAIN = { monitoringLabels: {}, runbookBaseURL: '' };

/** Whether incidents are opened for it at all: at Admin nobody watches (MO-5), and nobody handles anything unasked (MO-6). */
export function isWatched(subject: Subject): boolean {
  return subject.kind === 'ManagedApplication' || entitlements(subject.object.spec.serviceLevel).monitoring;
}

/** All rules of ours that can tell of it; none where nobody watches it. */
export function ownRules(subject: Subject, settings: OwnRuleSettings): readonly OwnRule[] {
  return new OwnRules(settings).of(subject);
}

/** The same for many subjects: what is the same for a namespace, or for all, is rendered once. */
export class OwnRules {
  readonly #settings: OwnRuleSettings;
  readonly #promises: readonly OwnRule[];
  readonly #namespaces = new Map<string, readonly OwnRule[]>();

  constructor(settings: OwnRuleSettings) {
    this.#settings = settings;
    this.#promises = promisesAt(settings.promises);
  }

  of(subject: Subject): readonly OwnRule[] {
    if (!isWatched(subject)) return [];
    const its = subject.kind === 'ManagedVM' ? this.#ofVM(subject.object) : this.#ofApplication(subject);
    return [...its, ...this.#promises];
  }

  #ofVM(object: ManagedVM): readonly OwnRule[] {
    const { namespace = '' } = object.metadata;
    const defaults = this.#namespaces.get(namespace) ?? alertsIn(renderDefaultRules(namespace, PLAIN));
    this.#namespaces.set(namespace, defaults);
    const overrides = renderOverrideRules(object, PLAIN);
    return overrides === undefined ? defaults : [...defaults, ...alertsIn(overrides)];
  }

  #ofApplication({ object, product }: Subject & { readonly kind: 'ManagedApplication' }): readonly OwnRule[] {
    if (product === undefined) return [];
    return alertsIn(renderApplicationRules(watchedOf(object, product.spec, this.#settings.blackbox), PLAIN));
  }
}

/** By place: they hang on nothing else. */
const PROMISES = new Map<string, readonly OwnRule[]>();

function promisesAt(place: Place): readonly OwnRule[] {
  const key = `${place.namespace}/${place.name}`;
  const rules = PROMISES.get(key) ?? renderPromises(place);
  PROMISES.set(key, rules);
  return rules;
}

function renderPromises(place: Place): readonly OwnRule[] {
  const { groups } = promiseRules(PLAIN);
  const rules = alertsOf(place, groups).filter(({ alert }) => alert !== LATE_ALERT);
  return rules.map(rule => ({
    ...rule,
    expression: rule.expression.replaceAll(OPERATOR_NAMESPACE, place.namespace),
  }));
}

function alertsIn({ metadata, spec }: Child): readonly OwnRule[] {
  return alertsOf(metadata, (spec as { readonly groups: readonly Group[] }).groups);
}

/** As far as a group of ours is looked at: rules that record have no alert. */
type Rendered = {
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: { readonly summary?: string };
};

function alertsOf({ namespace, name }: Place, groups: readonly Group[]): readonly OwnRule[] {
  return groups.flatMap(group =>
    (group.rules as readonly Rendered[]).flatMap(({ alert, expr, labels = {}, annotations, ...rule }) => {
      if (alert === undefined) return [];
      const pendingFor = msOf(rule.for ?? '0s') / 1000;
      const summary = annotations?.summary ?? '';
      const place = { namespace, name };
      return [
        {
          place,
          group: group.name,
          alert,
          expression: expr,
          pendingFor,
          labels: new Map(Object.entries(labels)),
          summary,
        },
      ];
    }),
  );
}

/** Names of all alerts of ours that make incidents of a VM or an application. That incidents are late makes none. */
export function ownAlertNames(): readonly string[] {
  const ofNamespaces = alertsIn(renderDefaultRules('', PLAIN)).map(({ alert }) => alert);
  const ofPromises = promiseAlerts().map(({ alert }) => alert);
  const names = new Set([...ofNamespaces, ...ofPromises, ...APPLICATION_ALERTS]);
  names.delete(LATE_ALERT);
  return [...names];
}

/** Each of them at some level of some Product. */
const APPLICATION_ALERTS = [
  'ManagedApplicationProbeFailed',
  'ManagedApplicationProbesSilent',
  'ManagedApplicationClosed',
  'ManagedApplicationBudgetSpent',
  'ManagedApplicationBudgetBurning',
  'ManagedApplicationSlow',
  'ManagedApplicationExporterDown',
  'ManagedApplicationMetricMissing',
  'ManagedApplicationIndicator',
  'ManagedApplicationUnreachable',
  'ManagedApplicationOutsideSilent',
] as const;
