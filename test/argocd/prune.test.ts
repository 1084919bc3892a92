import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backupPolicy } from '../../src/api/backuppolicy.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { PersistentVolumeClaim, VirtualMachine } from '../../src/api/upstream.ts';
import { childrenOf } from '../integration/support/children.ts';
import { eventually, gone } from '../integration/support/eventually.ts';
import { dailyPolicy, machine } from '../integration/support/orders.ts';
import { schedulesOf } from '../integration/support/playedbackup.ts';
import { annotated, GitOps, inOrder, resourceOf } from './support/gitops.ts';

const CASCADE = ['resources-finalizer.argocd.argoproj.io'];
const disks = [
  { name: 'root', size: '20Gi' },
  { name: 'scratch', size: '5Gi', reclaimPolicy: 'Delete' },
];

let gitops: GitOps;

beforeAll(async () => {
  gitops = await GitOps.join();
});

afterAll(() => gitops?.leave());

/** Policy and machine of a customer, in order. */
async function ordered(
  customer: string,
  spec: Readonly<Record<string, unknown>> = {},
  finalizers: readonly string[] = [],
) {
  const policy = dailyPolicy(customer, 'daily');
  const vm = machine(customer, 'vm', { disks, backupPolicyRef: { name: 'daily' }, ...spec });
  await gitops.commit(customer, [policy, vm]);
  await gitops.apply(customer, { syncOptions: ['CreateNamespace=true'], finalizers });
  await gitops.says(customer, inOrder);
  return { policy, vm };
}

/** Of the machine nothing is left but the disk that it was to leave. */
async function onlyRootDiskOf(customer: string): Promise<void> {
  const { api } = gitops;
  await gone(api, managedVM, customer, 'vm');
  await gone(api, VirtualMachine, customer, 'vm');
  await gone(api, PersistentVolumeClaim, customer, 'vm-scratch');
  expect((await api.get(PersistentVolumeClaim, customer, 'vm-root')).metadata.deletionTimestamp).toBeUndefined();
  expect((await childrenOf(api, customer)).filter(child => !child.startsWith('key Secret'))).toEqual([
    'DataVolume vm-root',
  ]);
}

describe('an order that is taken out of Git (AP-13)', () => {
  test('goes with its machine, and its retained disk stays, nobody’s and out of Argo CD’s sight', async () => {
    const { policy } = await ordered('pruned');
    const vm = await gitops.api.get(managedVM, 'pruned', 'vm');
    expect(await schedulesOf(gitops.api, vm)).toHaveLength(1);
    await gitops.commit('pruned', [policy]);
    const application = await gitops.says('pruned', inOrder);
    await onlyRootDiskOf('pruned');
    expect(await schedulesOf(gitops.api, vm)).toEqual([]);
    expect(application.status.resources).toHaveLength(1);
  });

  test('stays where it is protected: the sync fails with the reason, until Git lifts the protection', async () => {
    const { api } = gitops;
    const { policy, vm } = await ordered('protected', { deletionProtection: true });
    await gitops.commit('protected', [policy]);
    const refused = await gitops.says('protected', { sync: 'OutOfSync', operation: 'Failed' });
    expect(JSON.stringify(refused.status.operationState.syncResult)).toContain(
      'spec.deletionProtection of ManagedVM protected/vm is true: set it to false first, then delete',
    );
    expect((await api.get(managedVM, 'protected', 'vm')).metadata.deletionTimestamp).toBeUndefined();

    await gitops.commit('protected', [policy, { ...vm, spec: { ...vm.spec, deletionProtection: false } }]);
    await gitops.says('protected', inOrder);
    await gitops.commit('protected', [policy]);
    await gitops.says('protected', inOrder);
    await onlyRootDiskOf('protected');
  });

  test('stays where it says Prune=false: OutOfSync, and untouched', async () => {
    const { policy, vm } = await ordered('kept');
    const keep = annotated(vm, { 'argocd.argoproj.io/sync-options': 'Prune=false' });
    await gitops.commit('kept', [policy, keep]);
    await gitops.says('kept', inOrder);
    await gitops.commit('kept', [policy]);
    const application = await gitops.says('kept', { sync: 'OutOfSync', health: 'Healthy', operation: 'Succeeded' });
    expect(resourceOf(application, 'ManagedVM', 'vm')).toMatchObject({ status: 'OutOfSync', requiresPruning: true });
    expect((await gitops.api.get(managedVM, 'kept', 'vm')).metadata.deletionTimestamp).toBeUndefined();
  });
});

describe('an Application that is deleted with all it has', () => {
  test('waits for a protected machine, takes the others along, and leaves retained disks (AP-13)', async () => {
    const { api } = gitops;
    await ordered('closed', { deletionProtection: true }, CASCADE);
    await gitops.remove('closed');
    await eventually(async () => {
      const { status } = await gitops.get('closed');
      expect(JSON.stringify(status.conditions)).toContain('spec.deletionProtection of ManagedVM closed/vm is true');
    });
    expect((await api.get(managedVM, 'closed', 'vm')).metadata.deletionTimestamp).toBeUndefined();

    await api.edit(managedVM, 'closed', 'vm', { spec: { deletionProtection: false } });
    await onlyRootDiskOf('closed');
    await gone(api, backupPolicy, 'closed', 'daily');
    await gitops.gone('closed');
  });
});
