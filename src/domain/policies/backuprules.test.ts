import { describe, expect, it } from 'vitest';
import { backupPolicyOf, bounds, clusterBackupPolicyOf } from '../backup/backup.fixtures.ts';
import { backupPlan } from '../backup/backupplan.ts';
import { backupRulesName, renderBackupRules } from './backuprules.ts';

const settings = { monitoringLabels: {}, runbookBaseURL: 'https://runbooks.example/', namespace: 'steward-system' };
const plan = backupPlan(backupPolicyOf().spec, bounds, new Date('2026-11-29T00:00:00Z'));
const told = (policy: ReturnType<typeof backupPolicyOf>) =>
  JSON.stringify(renderBackupRules(policy, plan, settings).spec);

describe('GE-14, AP-13: the rules of a policy', () => {
  it('lie beside a BackupPolicy, and beside Steward for a policy of the provider', () => {
    const { metadata: customers } = renderBackupRules(backupPolicyOf(), plan, settings);
    expect(customers).toEqual({ name: 'steward-backups-daily', namespace: 'acme' });
    const { metadata: providers } = renderBackupRules(clusterBackupPolicyOf(), plan, settings);
    expect(providers).toEqual({ name: 'steward-cluster-backups-daily', namespace: 'steward-system' });
  });

  it('never have one name, whatever a BackupPolicy in the namespace of Steward is called', () => {
    const namespace = settings.namespace;
    expect(backupRulesName({ name: 'daily' })).not.toBe(backupRulesName({ name: 'daily', namespace }));
    expect(backupRulesName({ name: 'daily' })).not.toBe(backupRulesName({ name: 'cluster-backups-daily', namespace }));
  });

  it('look at the metrics of VMs under this policy alone', () => {
    expect(told(backupPolicyOf())).toContain('namespace=\\"acme\\",policy_kind=\\"BackupPolicy\\",policy=\\"daily\\"');
    expect(told(clusterBackupPolicyOf())).toContain('{policy_kind=\\"ClusterBackupPolicy\\",policy=\\"daily\\"}');
    expect(told(clusterBackupPolicyOf())).not.toContain('namespace=');
  });
});
