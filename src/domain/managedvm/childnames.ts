import { BACKUP_TIER_LABEL } from '../backup/schedules.ts';
import {
  DISK_LABEL,
  dataVolumeName,
  firstBootSecretName,
  keySecretName,
  metricsName,
  overrideRulesName,
  type RenderedFor,
  scheduleName,
  virtualMachineName,
} from '../contract/child.ts';

type Candidate = {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
};

/**
 * Whether an object has the name that a child of its kind gets for this ManagedVM (design 4). Which disk or tier it would be, its own labels
 * say. Of a ManagedVM that is gone its metadata is enough where the name does not hang on the spec.
 */
export function hasNameFor(managedVM: RenderedFor, { kind, metadata }: Candidate): boolean {
  return namesFor(managedVM, kind, metadata.labels ?? {}).includes(metadata.name);
}

function namesFor(managedVM: RenderedFor, kind: string, labels: Readonly<Record<string, string>>): readonly string[] {
  const { [DISK_LABEL]: disk, [BACKUP_TIER_LABEL]: tier } = labels;
  switch (kind) {
    case 'VirtualMachine':
      return [virtualMachineName(managedVM)];
    case 'DataVolume':
    case 'PersistentVolumeClaim':
      return disksOf(managedVM, disk).map(name => dataVolumeName(managedVM, name));
    case 'Service':
    case 'ServiceMonitor':
      return [metricsName(managedVM)];
    case 'PrometheusRule':
      return [overrideRulesName(managedVM)];
    case 'Secret':
      return [firstBootSecretName(managedVM), keySecretName(managedVM.metadata.uid ?? '')];
    case 'Schedule':
      return tier === undefined ? [] : [scheduleName(managedVM, tier)];
    default:
      return [];
  }
}

/** The one that its label names, or one that is ordered, where somebody's policy has rewritten the label. */
function disksOf({ spec }: RenderedFor, label: string | undefined): readonly string[] {
  return [...(label === undefined ? [] : [label]), ...(spec?.disks ?? []).map(({ name }) => name)];
}
