/** PLAYED, not real: Velero, as far as what it writes. What it keeps of metadata is `resetMetadata` of velero v1.18.3 (pkg/restore). */

import { DataVolume, PersistentVolumeClaim, Secret } from '../../../src/api/upstream.ts';
import type { ResourceKind } from '../../../src/runtime/api/object.ts';
import type { Any, Api } from './api.ts';

type Backup = readonly { readonly kind: ResourceKind; readonly object: Any }[];

/** Every object of the kinds in the namespace, and Secrets by name, in the order in which Velero restores them. */
export async function backUp(
  api: Api,
  namespace: string,
  kinds: readonly ResourceKind[],
  secrets: readonly string[] = [],
): Promise<Backup> {
  const named = secrets.map(async name => ({ kind: Secret, object: await api.get(Secret, namespace, name) }));
  const listed = kinds.map(async kind => (await api.list(kind, namespace)).map(object => ({ kind, object })));
  return [...(await Promise.all(named)), ...(await Promise.all(listed)).flat()];
}

/** Creates what was backed up: labels, annotations and finalizers are kept; UID, owner references and status are not. */
export async function restore(
  api: Api,
  namespace: string,
  backup: Backup,
  which: (object: Any) => boolean = () => true,
): Promise<void> {
  for (const { kind, object } of backup.filter(each => which(each.object))) {
    const { metadata, status: _status, ...rest } = object;
    const { name, labels, annotations, finalizers } = metadata;
    const restored = { 'velero.io/backup-name': 'played', 'velero.io/restore-name': 'played' };
    await api.create(kind, {
      apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
      kind: kind.kind,
      ...rest,
      ...(kind === PersistentVolumeClaim && { spec: { ...rest.spec, volumeName: undefined } }),
      metadata: {
        ...{ name, namespace, finalizers, labels: { ...labels, ...restored } },
        annotations: { ...unbound(annotations), ...populated(kind, name) },
      },
    });
  }
}

/** Velero takes away what says that a claim is bound (resetVolumeBindingInfo): without its volume it would be Lost. */
function unbound(annotations: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => !name.startsWith('pv.kubernetes.io/')));
}

/** By these kubevirt-velero-plugin tells CDI that nothing is to be imported (its pkg/plugin, PVC and DataVolume backup actions). */
function populated(kind: ResourceKind, name: string): Record<string, string> {
  if (kind === PersistentVolumeClaim) return { 'cdi.kubevirt.io/storage.populatedFor': name };
  return kind === DataVolume ? { 'cdi.kubevirt.io/storage.prePopulated': name } : {};
}
