/** A Restore in place, as a person orders it and both parties agree to it. */
import { expect } from 'vitest';
import { restore } from '../../../src/api/restore.ts';
import { agreeToChange } from './agreement.ts';
import type { Any } from './api.ts';
import type { Cluster } from './cluster.ts';
import { eventually } from './eventually.ts';
import type { Order } from './orders.ts';
import { PATIENCE_MS } from './realvelero.ts';

/** By which the API server knows the tester. */
const ME = 'testbed-admin';

/** Of all disks of the VM `vm`, from its newest good backup. */
export function orderRestore({ api }: Cluster, namespace: string, name = 'again'): Promise<Any> {
  return api.create(restore, {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'Restore',
    metadata: { name, namespace },
    spec: {
      ...{ managedVMRef: 'vm', point: { latest: 'Good' }, target: { inPlace: true } },
      ...{ reason: 'corrupted orders table', requestedBy: ME },
    },
  } as Order);
}

/** A person of each party agrees to the change that the order has made. */
export async function agreeTo(cluster: Cluster, namespace: string, restoreName = 'again'): Promise<void> {
  const name = await eventually(async () => {
    const { status } = await cluster.api.get(restore, namespace, restoreName);
    expect(status?.change?.name).toBeDefined();
    return status.change.name as string;
  }, PATIENCE_MS);
  await agreeToChange(cluster, namespace, name, PATIENCE_MS);
}

/** Waits until the order stands in one of the phases. */
export function standsIn({ api }: Cluster, phases: RegExp, namespace: string, name = 'again'): Promise<Any> {
  return eventually(
    async () => {
      const found = await api.get(restore, namespace, name);
      expect(found.status?.phase, found.status?.message).toMatch(phases);
      return found;
    },
    PATIENCE_MS,
    20,
  );
}
