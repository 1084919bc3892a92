import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { managedVM } from '../../../src/api/managedvm.ts';
import { conditionOf } from './api.ts';
import type { Cluster } from './cluster.ts';
import { eventually } from './eventually.ts';

/** Does what the message of DiskNeedsConsent tells, word for word, in a shell, as a person would. */
export async function consent({ api, bed }: Cluster, namespace: string, name: string): Promise<void> {
  const command = await eventually(async () => {
    const vm = await api.get(managedVM, namespace, name);
    const [, found] = /(kubectl .+? -p '[^']+')/.exec(conditionOf(vm, 'Ready')?.message ?? '') ?? [];
    expect(found, conditionOf(vm, 'Ready')?.message).toBeDefined();
    return found ?? '';
  });
  const env = { ...process.env, KUBECONFIG: bed.adminKubeconfig };
  await promisify(execFile)('sh', ['-c', command.replace(/^kubectl/, bed.binaries.kubectl)], { env });
}
