import { BACKUP_POLICY_COLUMNS, BackupPolicySpec, BackupPolicyStatus } from './backuppolicy.ts';
import { GROUP, nameFitsLabel, VERSION } from './common.ts';
import type { KindDefinition, Resource } from './kind.ts';

/** Promises what a BackupPolicy promises, in the provider's words. */
export type ClusterBackupPolicy = Resource<BackupPolicySpec, BackupPolicyStatus>;

export const clusterBackupPolicy: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'ClusterBackupPolicy',
  plural: 'clusterbackuppolicies',
  singular: 'clusterbackuppolicy',
  shortNames: ['cbp'],
  namespaced: false,
  description:
    "The provider's standard of backups (AP-6): what is promised to every ManagedVM that names it, in whatever namespace.",
  spec: BackupPolicySpec,
  status: BackupPolicyStatus,
  validations: [nameFitsLabel],
  selectableFields: ['.spec.storageLocation', '.spec.consistency'],
  printerColumns: BACKUP_POLICY_COLUMNS,
};
