/** Where the programs of the real node lie. */
import { join } from 'node:path';
import { artifacts } from '../build/artifacts.ts';
import { ensureArtifacts } from '../build/build.ts';
import type { Progress } from '../build/progress.ts';
import { nodeArtifacts } from './artifacts.ts';
import { pauseArchive } from './containerd.ts';

export type NodeInstallation = {
  readonly programs: {
    readonly containerd: string;
    readonly ctr: string;
    readonly runc: string;
    readonly kubelet: string;
    readonly 'kube-scheduler': string;
    readonly 'kube-proxy': string;
    readonly coredns: string;
  };
  /** Archive of the image every Pod begins with. */
  readonly pause: string;
};

/** Builds what is missing. Not to be called first in the box: it has no way to the network. */
export async function ensureNodeInstallation(progress: Progress): Promise<NodeInstallation> {
  const folders = await ensureArtifacts({ tools: artifacts.tools, ...nodeArtifacts }, progress);
  const kube = (program: string) => join(folders.kubenode, program);
  return {
    programs: {
      containerd: join(folders.containerd, 'containerd'),
      ctr: join(folders.containerd, 'ctr'),
      runc: join(folders.runc, 'runc'),
      kubelet: kube('kubelet'),
      'kube-scheduler': kube('kube-scheduler'),
      'kube-proxy': kube('kube-proxy'),
      coredns: join(folders.coredns, 'coredns'),
    },
    pause: await pauseArchive(join(folders.tools, 'pause')),
  };
}
