import { type Group, type RuleSettings, rules } from '../monitoring/prometheusrules.ts';
import { promiseAlerts } from './promisealerts.ts';

/** The alerts on conditions, for the whole cluster: content of one PrometheusRule in the operator's namespace (hack/generate/promiserules.ts). */
export function promiseRules(settings: Pick<RuleSettings, 'runbookBaseURL'>): { readonly groups: readonly Group[] } {
  return { groups: [{ name: 'steward-promises', rules: rules(promiseAlerts(), settings) }] };
}
