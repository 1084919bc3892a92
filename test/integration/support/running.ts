/** What most tests begin with: a ManagedVM that runs, in a namespace of its own. */
import { backupPolicy } from '../../../src/api/backuppolicy.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import type { Any } from './api.ts';
import type { Cluster } from './cluster.ts';
import { reads } from './eventually.ts';
import { dailyPolicy, machine } from './orders.ts';

/** Of an order that is backed up; {@link runningVM} makes the policy. */
export const backupPolicyRef = { kind: 'BackupPolicy', name: 'daily' } as const;

/** Makes the namespace with a ManagedVM `vm`, and the policy that it refers to; returns it when it runs. */
export async function runningVM({ api }: Cluster, namespace: string, spec: Record<string, unknown> = {}): Promise<Any> {
  await api.namespace(namespace);
  if (spec.backupPolicyRef !== undefined) await api.create(backupPolicy, dailyPolicy(namespace, backupPolicyRef.name));
  await api.create(managedVM, machine(namespace, 'vm', spec));
  return reads(api, managedVM, namespace, 'vm', { Ready: 'True/Running' });
}
