import type { ManagedApplication } from '../../api/managedapplication.ts';
import { adviceRules } from '../application/advicerules.ts';
import { type ApplicationAlert, applicationAlerts } from '../application/alerts.ts';
import { minuteRules, monthRules } from '../application/recorded.ts';
import { identityOf, type Watched } from '../application/watched.ts';
import { alertRule } from '../contract/alert.ts';
import type { Child } from '../contract/child.ts';
import type { RuleSettings } from '../monitoring/prometheusrules.ts';

/** Name of the PrometheusRule of an application. */
export function applicationRulesName({ metadata }: Pick<ManagedApplication, 'metadata'>): string {
  return `${metadata.name}-application`;
}

/** What is recorded and told of one application (AP-5, AP-11). It changes with order and Product alone. */
export function renderApplicationRules(
  watched: Watched,
  { monitoringLabels: labels, runbookBaseURL }: RuleSettings,
): Child {
  const { application, namespace } = watched;
  const rules = applicationAlerts(watched).map(alert => labelled(alert, watched, runbookBaseURL));
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: {
      ...{ name: applicationRulesName({ metadata: { name: application } }), namespace },
      ...(Object.keys(labels).length > 0 ? { labels: { ...labels } } : {}),
    },
    spec: {
      groups: [
        { name: 'managedapplication-minute', interval: '1m', rules: minuteRules(watched) },
        // Each reads a month of minutes; sooner than Prometheus forgets the value before, which is after five minutes.
        { name: 'managedapplication-month', interval: '3m', rules: monthRules(watched) },
        { name: 'managedapplication-alerts', rules },
        ...adviceRules(watched),
      ],
    },
  };
}

/** Whose alert it is does not come from what was found: silence has no labels. */
function labelled({ labels, ...alert }: ApplicationAlert, watched: Watched, runbookBaseURL: string) {
  const rule = alertRule(alert, runbookBaseURL);
  return { ...rule, labels: { ...identityOf(watched), service_level: watched.level, ...labels, ...rule.labels } };
}
