/**
 * What the provider lets the tenants of a Namespace name of what all namespaces share: annotations on the Namespace, a comma-separated
 * list each. Where one is not set, the installation's default holds; an empty one permits nothing (ADR 0061).
 */
export const STORAGE_LOCATIONS_ANNOTATION = 'managed.systems/storage-locations';
export const INSTANCE_TYPES_ANNOTATION = 'managed.systems/instance-types';
export const HARDWARE_ANNOTATION = 'managed.systems/hardware';
export const IMAGE_SOURCES_ANNOTATION = 'managed.systems/image-sources';
export const METADATA_PREFIXES_ANNOTATION = 'managed.systems/metadata-prefixes';

/** Names; one that ends in `*` stands for all that begin so. */
export type Permitted = {
  /** BackupStorageLocations of Velero. */
  readonly storageLocations: readonly string[];
  /** VirtualMachineClusterInstancetypes of KubeVirt. */
  readonly instanceTypes: readonly string[];
  /** Devices of nodes, by the names under which KubeVirt hands them out, and `nested-virtualization`. */
  readonly hardware: readonly string[];
  /** Addresses of disk images. */
  readonly imageSources: readonly string[];
  /** Prefixes of labels and annotations that customers give their VMs, and so their Pods. */
  readonly metadataPrefixes: readonly string[];
};

/** What is permitted where a Namespace does not say; of the other lists nothing is. */
export type PermittedByDefault = Pick<Permitted, 'storageLocations' | 'instanceTypes' | 'metadataPrefixes'>;

type Namespace = { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> | undefined } };

/** What may be named in a Namespace; undefined where the Namespace has not been read, for then nobody knows. */
export function permittedIn(namespace: Namespace | undefined, defaults: PermittedByDefault): Permitted | undefined {
  if (namespace === undefined) return undefined;
  const { annotations = {} } = namespace.metadata;
  return {
    storageLocations: listOf(annotations[STORAGE_LOCATIONS_ANNOTATION]) ?? defaults.storageLocations,
    instanceTypes: listOf(annotations[INSTANCE_TYPES_ANNOTATION]) ?? defaults.instanceTypes,
    hardware: listOf(annotations[HARDWARE_ANNOTATION]) ?? [],
    imageSources: listOf(annotations[IMAGE_SOURCES_ANNOTATION]) ?? [],
    metadataPrefixes: listOf(annotations[METADATA_PREFIXES_ANNOTATION]) ?? defaults.metadataPrefixes,
  };
}

export function permits(list: readonly string[], name: string): boolean {
  return list.some(entry => (entry.endsWith('*') ? name.startsWith(entry.slice(0, -1)) : name === entry));
}

/** Why a name is refused, and what the provider does to permit it. */
export function refusal(what: string, namespace: string, annotation: string, list: readonly string[]): string {
  const permitted = list.length === 0 ? 'none is' : `permitted: ${list.slice(0, 10).join(', ')}`;
  return `${what} is not permitted in Namespace ${namespace} (${permitted}); the provider permits it by the annotation ${annotation} of the Namespace.`;
}

function listOf(text: string | undefined): readonly string[] | undefined {
  return text
    ?.split(',')
    .map(entry => entry.trim())
    .filter(entry => entry !== '');
}
