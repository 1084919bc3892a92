/** One cluster with Steward and the real Argo CD, told what `config/argocd` says, for all files of the run. */
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { playStorageLocation } from '../../../hack/steward/playedvelero.ts';
import { installChart, startSteward } from '../../../hack/steward/steward.ts';
import { NAMESPACE, startArgoCD } from '../../../hack/testbed/argocd/argocd.ts';
import type { Addresses } from '../../../hack/testbed/argocd/processes.ts';
import { run } from '../../../hack/testbed/process/command.ts';
import { startTestBed } from '../../../hack/testbed/testbed.ts';
import { linuxSystem } from '../../integration/support/orders.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly gitops: {
      readonly server: string;
      readonly dir: string;
      readonly auditLog: string;
      readonly argocd: Addresses;
    };
  }
}

const fragment = join(import.meta.dirname, '../../../config/argocd/argocd-cm.yaml');

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const say = (line: string) => console.log(`   ${line}`);
  const bed = await startTestBed({ onProgress: say });
  const stops = [() => bed.stop()];
  const stop = async () => {
    for (const each of stops.reverse()) await each();
  };
  try {
    const kubectl = (args: readonly string[], input = '') =>
      run(bed.binaries.kubectl, ['--kubeconfig', bed.adminKubeconfig, ...args], { input });
    await installChart(bed);
    const steward = await startSteward(bed);
    stops.push(() => steward.stop('SIGKILL'));
    await Promise.all([steward.ready(), playStorageLocation(bed)]);
    const argocd = await startArgoCD(bed, say);
    stops.push(() => argocd.stop());
    // As docs/argocd.md tells people to.
    await kubectl(['patch', 'configmap', 'argocd-cm', '--namespace', NAMESPACE, '--patch-file', fragment]);
    await kubectl(['create', '--filename', '-'], JSON.stringify(linuxSystem('debian-13')));
    const { server, dir, auditLog } = bed;
    project.provide('gitops', { server, dir, auditLog, argocd: argocd.addresses });
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
