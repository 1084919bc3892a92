/** The real Velero on the node of these tests, for the file that asks for it. */
import { inject } from 'vitest';
import { ensureInstallation } from '../../../hack/testbed/build/installation.ts';
import { importImage } from '../../../hack/testbed/node/containerd.ts';
import { ensureNodeInstallation } from '../../../hack/testbed/node/installation.ts';
import { type NodeVelero, startVeleroOnNode } from '../../../hack/testbed/node/velero/velero.ts';

/** Returns when backups have a place to go. */
export async function startVelero(): Promise<NodeVelero> {
  const { dir, kubeconfig } = inject('service');
  const say = (line: string) => console.log(line);
  const { binaries } = await ensureInstallation(say);
  const { programs } = await ensureNodeInstallation(say);
  const bed = {
    dir,
    binaries,
    adminKubeconfig: kubeconfig,
    importImage: (file: string) => importImage(programs.ctr, file),
  };
  return startVeleroOnNode(bed, say);
}
