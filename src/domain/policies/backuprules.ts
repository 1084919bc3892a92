import type { BackupPolicy } from '../../api/backuppolicy.ts';
import { backupAlerts } from '../backup/alerts.ts';
import type { BackupPlan } from '../backup/backupplan.ts';
import type { Child } from '../contract/child.ts';
import { type RuleSettings, rules } from '../monitoring/prometheusrules.ts';

/** Name of the PrometheusRule with the alerts of a policy, in its namespace. */
export function backupRulesName(policy: string): string {
  return `steward-backups-${policy}`;
}

/** The alerts on the backups under one policy, with its own targets (AP-13). They change with the policy alone. */
export function renderBackupRules(policy: BackupPolicy, plan: BackupPlan, settings: RuleSettings): Child {
  const { namespace = '', name } = policy.metadata;
  const { monitoringLabels: labels } = settings;
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: {
      ...{ name: backupRulesName(name), namespace },
      ...(Object.keys(labels).length > 0 ? { labels: { ...labels } } : {}),
    },
    spec: { groups: [{ name: 'managedvm-backups', rules: rules(backupAlerts(policy, plan), settings) }] },
  };
}
