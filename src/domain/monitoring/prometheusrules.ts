import type { ManagedVM } from '../../api/managedvm.ts';
import { type Alert, type AlertRule, alertRule } from '../contract/alert.ts';
import { type Child, DEFAULT_RULES_NAME, MANAGED_VM_LABEL, overrideRulesName } from '../contract/child.ts';
import { entitlements } from '../contract/service-levels.ts';
import { stateAlerts } from './alerts.ts';
import { securityAlerts, systemEventAlerts } from './eventalerts.ts';
import { EVALUATED_SERIES } from './prometheuswatch.ts';
import { fillingAlert, OVERRIDDEN_SERIES, sensorAlerts } from './sensoralerts.ts';
import { DEFAULT_THRESHOLDS, overriddenThresholds } from './thresholds.ts';
import { RATING_GROUP, RATING_INTERVAL, ratingRules, unusualAlert } from './unusual.ts';

/** What the provider sets for all rules. */
export type RuleSettings = {
  /** Labels by which the cluster's Prometheus selects PrometheusRules. */
  readonly monitoringLabels: Readonly<Record<string, string>>;
  /** Address of the runbooks, with a trailing slash. */
  readonly runbookBaseURL: string;
};

/** The alerts of all monitored VMs of a namespace, and the series that proves them evaluated. Nothing about a single VM is in it, so no edit of a VM changes it (ADR 0045). */
export function renderDefaultRules(namespace: string, settings: RuleSettings): Child {
  const evaluated = { record: EVALUATED_SERIES, expr: 'vector(1)', labels: { namespace } };
  const sensors = [...sensorAlerts({ namespace }, DEFAULT_THRESHOLDS), fillingAlert(namespace)];
  return prometheusRule(
    { name: DEFAULT_RULES_NAME, namespace, labels: { ...settings.monitoringLabels } },
    { name: 'managedvm-state', rules: [evaluated, ...rules(stateAlerts(namespace), settings)] },
    { name: 'managedvm-sensors', rules: rules([...sensors, unusualAlert(namespace)], settings) },
    { name: RATING_GROUP, interval: RATING_INTERVAL, rules: ratingRules(namespace) },
    {
      name: 'managedvm-events',
      rules: rules([...securityAlerts(namespace), ...systemEventAlerts(namespace)], settings),
    },
  );
}

/**
 * The alerts of one VM at its own thresholds, and the series by which the namespace's rules leave it out.
 * None where the level does not include monitoring (MO-5) or no threshold differs from the defaults.
 */
export function renderOverrideRules(managedVM: ManagedVM, settings: RuleSettings): Child | undefined {
  const thresholds = overriddenThresholds(managedVM.spec);
  if (!thresholds || !entitlements(managedVM.spec.serviceLevel).monitoring) return undefined;
  const { namespace = '', name } = managedVM.metadata;
  const marker = { record: OVERRIDDEN_SERIES, expr: 'vector(1)', labels: { namespace, managed_vm: name } };
  const alerts = sensorAlerts({ namespace, managedVM: name }, thresholds);
  return prometheusRule(
    {
      name: overrideRulesName(managedVM),
      namespace,
      labels: { ...settings.monitoringLabels, [MANAGED_VM_LABEL]: name },
    },
    { name: 'managedvm-thresholds', rules: [marker, ...rules(alerts, settings)] },
  );
}

/** A group of rules, as a PrometheusRule has it. */
export type Group = { readonly name: string; readonly interval?: string; readonly rules: readonly unknown[] };

export function rules(alerts: readonly Alert[], settings: Pick<RuleSettings, 'runbookBaseURL'>): readonly AlertRule[] {
  return alerts.map(alert => alertRule(alert, settings.runbookBaseURL));
}

function prometheusRule({ labels, ...metadata }: Child['metadata'], ...groups: readonly Group[]): Child {
  const labelled = labels && Object.keys(labels).length > 0 ? { labels } : {};
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { ...metadata, ...labelled },
    spec: { groups },
  };
}
