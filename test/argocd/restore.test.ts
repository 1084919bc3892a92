import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { managedVM } from '../../src/api/managedvm.ts';
import { DataVolume, PersistentVolumeClaim } from '../../src/api/upstream.ts';
import { type Any, Namespace } from '../integration/support/api.ts';
import { eventually, gone, reads } from '../integration/support/eventually.ts';
import { machine } from '../integration/support/orders.ts';
import { backUp, restore } from '../integration/support/velero.ts';
import { GitOps, inOrder, resourceOf, type Settings } from './support/gitops.ts';

const disks = [{ name: 'root', size: '20Gi' }];

let gitops: GitOps;

beforeAll(async () => {
  gitops = await GitOps.join();
});

afterAll(() => gitops?.leave());

/** A running machine from Git, and a backup of it as Velero makes one. */
async function backedUp(customer: string, settings: Settings = {}) {
  const { api } = gitops;
  await gitops.commit(customer, [machine(customer, 'vm', { disks })]);
  await gitops.apply(customer, { syncOptions: ['CreateNamespace=true'], ...settings });
  await gitops.says(customer, inOrder);
  await eventually(async () => {
    const vm: Any = await api.get(managedVM, customer, 'vm');
    expect(vm.status.disks.map(({ claimUID }: Any) => typeof claimUID)).toEqual(['string']);
  });
  return backUp(api, customer, [PersistentVolumeClaim, DataVolume, managedVM]);
}

describe('a namespace that Velero restores under Argo CD (AP-13)', () => {
  test('shows the question, takes the answer from Git, and boots the restored disk', async () => {
    const { api } = gitops;
    const backup = await backedUp('lost');
    await gitops.automate('lost', undefined);
    await api.remove(Namespace, '', 'lost');
    await gone(api, Namespace, '', 'lost');
    await api.namespace('lost');
    await restore(api, 'lost', backup);
    const { uid } = (await api.get(PersistentVolumeClaim, 'lost', 'vm-root')).metadata;
    await reads(api, managedVM, 'lost', 'vm', { Ready: 'False/DiskNeedsConsent' });
    await gitops.automate('lost', { selfHeal: true, prune: true });
    const asked = await gitops.says('lost', { sync: 'Synced', health: 'Degraded' });
    expect(resourceOf(asked, 'ManagedVM', 'vm').health.message).toMatch(/^DiskNeedsConsent: .*vm-root/);

    const answered = disks.map(disk => ({ ...disk, adopt: { claim: 'vm-root' } }));
    await gitops.commit('lost', [machine('lost', 'vm', { disks: answered })]);
    await gitops.says('lost', inOrder);
    expect((await api.get(PersistentVolumeClaim, 'lost', 'vm-root')).metadata.uid).toBe(uid);
  });

  test('is made anew by nobody where the order in Git holds the answer from the start', async () => {
    const { api } = gitops;
    const backup = await backedUp('ready', { retry: { limit: 20, backoff: { duration: '3s', factor: 1 } } });
    const answered = disks.map(disk => ({ ...disk, adopt: { claim: 'vm-root' } }));
    await gitops.commit('ready', [machine('ready', 'vm', { disks: answered })]);
    await gitops.says('ready', inOrder);
    await api.remove(Namespace, '', 'ready');
    await eventually(async () => expect(await api.find(managedVM, 'ready', 'vm')).toBeUndefined());
    // Argo CD is first: the order is there again before its disk is.
    await gitops.says('ready', { sync: 'Synced' });
    const ordered = await reads(api, managedVM, 'ready', 'vm', { Provisioned: 'False/DiskMissing' });
    expect(await api.find(DataVolume, 'ready', 'vm-root')).toBeUndefined();
    await restore(api, 'ready', backup, ({ spec }) => spec.serviceLevel === undefined);
    await gitops.says('ready', inOrder);
    expect((await api.get(managedVM, 'ready', 'vm')).metadata.uid).toBe(ordered.metadata.uid);
  });

  test('into another namespace is a copy, which is never pruned, and out of sight once it is not marked', async () => {
    const { api } = gitops;
    const backup = await backedUp('origin');
    await api.namespace('copy');
    await restore(
      api,
      'copy',
      backup.map(({ kind, object }) => ({ kind, object: moved(object, 'copy') })),
    );
    const application = await gitops.says('origin', { sync: 'Synced', operation: 'Succeeded' });
    // Argo CD looks at its health, as it still bears the mark, but knows by the namespace in the mark that it is another object.
    const copies = application.status.resources.filter(({ namespace }: Any) => namespace === 'copy');
    expect(copies.map(({ status, requiresPruning }: Any) => ({ status, requiresPruning }))).toEqual([{}]);
    expect((await api.get(managedVM, 'copy', 'vm')).metadata.deletionTimestamp).toBeUndefined();

    const unmarked = { metadata: { annotations: { 'argocd.argoproj.io/tracking-id': null } } };
    await api.edit(managedVM, 'copy', 'vm', unmarked);
    const alone = await gitops.says('origin', inOrder);
    expect(alone.status.resources).toHaveLength(1);
  });
});

function moved(object: Any, namespace: string): Any {
  return { ...object, metadata: { ...object.metadata, namespace } };
}
