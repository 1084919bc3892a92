import type { ManagedVM } from '../../api/managedvm.ts';
import { OWNER_UID_LABEL, scheduleName } from '../contract/child.ts';
import { BACKUP_TIER_LABEL, ownerLabels, SCHEDULE_NAME_LABEL } from './schedules.ts';
import type { VeleroBackup } from './velero.ts';

/** What no backup of a VM may leave out, by plural without group. */
const NEEDED = new Set([
  'virtualmachines',
  'virtualmachineinstances',
  'datavolumes',
  'persistentvolumeclaims',
  'persistentvolumes',
  'pods',
  'secrets',
]);

/**
 * Whether a Schedule of ours, of a tier as it is or was once called, has made a Backup for exactly this ManagedVM. Labels alone prove nothing:
 * others write Backups too, and Velero takes up whatever lies in a bucket. The backup must also select what our Schedules select, in
 * Velero's old kind of filters. Velero itself adds exclusions (backup_controller.go prepareBackupRequest): where a label of the Namespace excludes
 * that one too it refuses the Backup, which is ours all the same.
 */
export function isMadeFor(managedVM: ManagedVM, { metadata, spec }: VeleroBackup): boolean {
  const { labels = {} } = metadata;
  const isOurs = Object.entries(ownerLabels(managedVM)).every(([label, value]) => labels[label] === value);
  const schedule = scheduleName(managedVM, labels[BACKUP_TIER_LABEL] ?? '');
  return isOurs && labels[SCHEDULE_NAME_LABEL] === schedule && selects(managedVM, spec);
}

function selects({ metadata: { namespace = '', uid = '' } }: ManagedVM, spec: VeleroBackup['spec']): boolean {
  const { matchLabels = {}, matchExpressions = [] } = spec?.labelSelector ?? {};
  const labels = Object.entries(matchLabels);
  return (
    isOnly(spec?.includedNamespaces, namespace) &&
    (!spec?.includedResources?.length || isOnly(spec.includedResources, '*')) &&
    !spec?.excludedResources?.some(resource => resource === '*' || NEEDED.has(resource.split('.')[0] ?? '')) &&
    labels.length === 1 &&
    matchLabels[OWNER_UID_LABEL] === uid &&
    matchExpressions.length === 0 &&
    !spec?.orLabelSelectors?.length &&
    spec?.snapshotVolumes !== false
  );
}

function isOnly(list: readonly string[] | null | undefined, entry: string): boolean {
  return list?.length === 1 && list[0] === entry;
}
