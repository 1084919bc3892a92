/**
 * PLAYED, not real: Velero v1.18 at a Restore of claims into another namespace (pkg/restore/restore.go, pkg/restore/actions/csi/pvc_action.go). The claims of the
 * ManagedVMs of the namespace come back as from snapshots; what is played of storage fills them with nothing.
 */
import type { KubeObject } from '../../../hack/testbed/client/client.ts';
import { pathOf } from '../../../hack/testbed/client/path.ts';
import { Store } from '../../../hack/testbed/client/store.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { PersistentVolumeClaim, VeleroRestore } from '../../../src/api/upstream.ts';
import type { Any, Api } from './api.ts';

/** How one Restore goes. */
export type PlayedRestore = {
  /** Its status in the end; `none`: it never ends. Default: Completed. */
  readonly status?: Readonly<Record<string, unknown>> | 'none';
  /** What becomes of the claim of a disk. Default: it comes back with its data. */
  readonly claim?: (disk: string) => PlayedClaim;
};
/** `empty`: without a source. `unbound`: storage never gives it a volume. */
export type PlayedClaim = 'filled' | 'empty' | 'unbound' | 'absent';

export const PARTIALLY_FAILED: PlayedRestore = {
  status: { phase: 'PartiallyFailed', errors: 1 },
  claim: () => 'absent',
};

/** Answers until `signal` aborts. `played`: by namespace how it goes, where it does not go well. */
export function playRestores(api: Api, signal: AbortSignal, played: ReadonlyMap<string, PlayedRestore>): void {
  const restores = new Store<KubeObject & Any>(api.client, pathOf(VeleroRestore, 'velero'));
  const begun = new Set<string>();
  restores.onChange(key => {
    const found = restores.get(key);
    if (found === undefined || found.status?.phase !== undefined || begun.has(found.metadata.uid)) return;
    begun.add(found.metadata.uid);
    const how = played.get(found.spec.includedNamespaces[0]) ?? {};
    void restored(api, found, how).catch(error => signal.aborted || console.error('played restore:', error));
  });
  void restores.follow(signal);
}

async function restored(api: Api, request: Any, how: PlayedRestore): Promise<void> {
  const { status = { phase: 'Completed' }, claim = () => 'filled' } = how;
  const [namespace] = request.spec.includedNamespaces;
  for (const vm of await api.list(managedVM, namespace)) {
    for (const { name: disk } of vm.spec.disks) {
      const what = claim(disk);
      if (what !== 'absent')
        await api.create(PersistentVolumeClaim, claimOf(request, `${vm.metadata.name}-${disk}`, what));
    }
  }
  const told = status === 'none' ? { phase: 'InProgress' } : status;
  await api.edit(VeleroRestore, 'velero', request.metadata.name, { status: told });
}

function claimOf({ metadata, spec }: Any, name: string, what: PlayedClaim): KubeObject {
  const [namespace] = spec.includedNamespaces;
  const dataSource = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: `of-${name}` };
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...{ name, namespace: spec.namespaceMapping[namespace] },
      labels: { 'velero.io/restore-name': metadata.name, 'velero.io/backup-name': spec.backupName },
    },
    spec: {
      ...{ accessModes: ['ReadWriteMany'], volumeMode: 'Block', resources: { requests: { storage: '20Gi' } } },
      ...(what !== 'empty' && { dataSource }),
      ...(what === 'unbound' && { storageClassName: 'out-of-order' }),
    },
  };
  return claim;
}
