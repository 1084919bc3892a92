import type { BackupPolicy } from '../../api/backuppolicy.ts';
import { backupAlerts } from '../backup/alerts.ts';
import type { BackupPlan } from '../backup/backupplan.ts';
import { kindOfPolicy, type PolicyIdentity } from '../backup/policykind.ts';
import type { Child } from '../contract/child.ts';
import { type RuleSettings, rules } from '../monitoring/prometheusrules.ts';

/** Name of the PrometheusRule with the alerts of a policy: no BackupPolicy of the operator's namespace has that of the provider's policy. */
export function backupRulesName(policy: PolicyIdentity): string {
  const { name } = policy;
  return kindOfPolicy(policy) === 'ClusterBackupPolicy' ? `steward-cluster-backups-${name}` : `steward-backups-${name}`;
}

/** Where and how the alerts of a policy are rendered. */
export type BackupRuleSettings = RuleSettings & {
  /** Namespace of the operator, in which the rules of the provider's policies lie. */
  readonly namespace: string;
};

/** The alerts on the backups under one policy, with its own targets (AP-13). They change with the policy alone. */
export function renderBackupRules(policy: BackupPolicy, plan: BackupPlan, settings: BackupRuleSettings): Child {
  const { namespace = settings.namespace } = policy.metadata;
  const { monitoringLabels: labels } = settings;
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: {
      ...{ name: backupRulesName(policy.metadata), namespace },
      ...(Object.keys(labels).length > 0 ? { labels: { ...labels } } : {}),
    },
    spec: { groups: [{ name: 'managedvm-backups', rules: rules(backupAlerts(policy, plan), settings) }] },
  };
}
