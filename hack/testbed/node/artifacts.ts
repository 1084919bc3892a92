/** What the profile `node` is made of besides the control plane. */
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Artifact, goArtifact } from '../build/artifact.ts';
import { kubernetesLinkerFlags } from '../build/artifacts.ts';
import { goBuild } from '../build/go.ts';
import type { Progress } from '../build/progress.ts';
import { versions } from '../build/versions.ts';
import { kubevirtPlugin, velero } from '../velero/parts.ts';
import { inBuildBox } from './box/buildbox.ts';
import { packages } from './box/packages.ts';
import { guestArtifacts } from './guests.ts';
import { kubevirtNode } from './kubevirt/kubevirtnode.ts';
import { launcherImage } from './kubevirt/launcherimage.ts';
import { tinyGuest } from './kubevirt/tinyguest.ts';
import { monitoringImages } from './monitoring/images.ts';
import { csiArtifacts } from './storage/csi.ts';
import { veleroImages } from './velero/images.ts';

export const nodeArtifacts = {
  packages,
  kubenode: {
    what: `kubelet, kube-scheduler and kube-proxy ${versions.kubernetes}`,
    minutes: 4,
    module: 'kube',
    recipe: [versions.kubernetes, 'node'],
    build: buildKubeNode,
  },
  containerd: goArtifact({
    what: `containerd ${versions.containerd}`,
    minutes: 1,
    ...{ module: 'containerd', packages: ['tool'], expectedPackages: 1000 },
  }),
  runc: {
    what: `runc ${versions.runc}`,
    minutes: 0.3,
    module: 'runc',
    recipe: ['seccomp', 'static'],
    build: buildRunc,
  },
  coredns: goArtifact({
    what: `CoreDNS ${versions.coredns}`,
    minutes: 1.5,
    ...{ module: 'coredns', packages: ['tool'], expectedPackages: 1500 },
  }),
  kubevirtNode,
  launcherImage,
  tinyGuest,
  monitoringImages,
  velero,
  kubevirtPlugin,
  veleroImages,
  ...csiArtifacts,
  ...guestArtifacts,
} satisfies Readonly<Record<string, Artifact>>;

/** One binary for all three, as for the control plane. */
async function buildKubeNode(output: string, tether: string | undefined, progress: Progress): Promise<void> {
  const build = { module: 'kube', packages: ['./node'], output, tether, linkerFlags: kubernetesLinkerFlags };
  await goBuild({ ...build, expectedPackages: 2500 }, progress);
  for (const program of ['kubelet', 'kube-scheduler', 'kube-proxy']) await symlink('node', join(output, program));
}

/** With seccomp, which Pods under PSA `restricted` ask for; that needs C. */
async function buildRunc(output: string, tether: string | undefined, progress: Progress): Promise<void> {
  const build = { module: 'runc', packages: ['github.com/opencontainers/runc'], output, tether, expectedPackages: 300 };
  const seccomp = { tags: ['seccomp', 'netgo', 'osusergo'], cFlags: '' };
  const linkerFlags = ['-linkmode external', '-extldflags -static', `-X main.version=${versions.runc.slice(1)}`];
  await goBuild({ ...build, ...seccomp, linkerFlags, within: await inBuildBox(progress) }, progress);
}
