import {
  type Candidate,
  DISK_LABEL,
  dataVolumeName,
  firstBootSecretName,
  keyGenerationOf,
  type RenderedFor,
  virtualMachineName,
} from '../contract/child.ts';

/** Whether an object has the name that a part of the machine gets for this ManagedVM. */
export function isNamedAsPart(managedVM: RenderedFor, { kind, metadata }: Candidate): boolean {
  if (kind === 'Secret' && keyGenerationOf(managedVM.metadata.uid ?? '', metadata.name) !== undefined) return true;
  return namesFor(managedVM, kind, metadata.labels?.[DISK_LABEL]).includes(metadata.name);
}

function namesFor(managedVM: RenderedFor, kind: string, disk: string | undefined): readonly string[] {
  switch (kind) {
    case 'VirtualMachine':
      return [virtualMachineName(managedVM)];
    case 'DataVolume':
    case 'PersistentVolumeClaim':
      return disksOf(managedVM, disk).map(name => dataVolumeName(managedVM, name));
    case 'Secret':
      return [firstBootSecretName(managedVM)];
    default:
      return [];
  }
}

/** The one that its label names, or one that is ordered, where somebody's policy has rewritten the label. */
function disksOf({ spec }: RenderedFor, label: string | undefined): readonly string[] {
  return [...(label === undefined ? [] : [label]), ...(spec?.disks ?? []).map(({ name }) => name)];
}
