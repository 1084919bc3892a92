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

/** What it does wrong with what it restores of a namespace. `empty`: its claims have no source. */
export type Wrong = 'fails' | 'empty' | 'waits';

/** Answers until `signal` aborts. */
export function playRestores(api: Api, signal: AbortSignal, wrong: ReadonlyMap<string, Wrong>): void {
  const restores = new Store<KubeObject & Any>(api.client, pathOf(VeleroRestore, 'velero'));
  restores.onChange(key => {
    const found = restores.get(key);
    const how = wrong.get(found?.spec.includedNamespaces[0]);
    if (found !== undefined && found.status?.phase === undefined && how !== 'waits')
      void restored(api, found, how).catch(error => signal.aborted || console.error('played restore:', error));
  });
  void restores.follow(signal);
}

async function restored(api: Api, { metadata, spec }: Any, how: Wrong | undefined): Promise<void> {
  const status = how === 'fails' ? { phase: 'PartiallyFailed', errors: 1 } : { phase: 'Completed' };
  const [namespace] = spec.includedNamespaces;
  const machines = how === 'fails' ? [] : await api.list(managedVM, namespace);
  for (const { name } of machines.flatMap(vm => vm.spec.disks.map((disk: Any) => ({ name: `vm-${disk.name}` })))) {
    const dataSource = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: `of-${name}` };
    await api.create(PersistentVolumeClaim, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        ...{ name, namespace: spec.namespaceMapping[namespace] },
        labels: { 'velero.io/restore-name': metadata.name, 'velero.io/backup-name': spec.backupName },
      },
      spec: {
        ...{ accessModes: ['ReadWriteMany'], volumeMode: 'Block', resources: { requests: { storage: '20Gi' } } },
        ...(how !== 'empty' && { dataSource }),
      },
    } as KubeObject);
  }
  await api.edit(VeleroRestore, 'velero', metadata.name, { status });
}
