/**
 * Storage as a part of a bed with a real node: a CSI driver of the test bed's own, whose volumes are folders of this machine, and the
 * programs of Kubernetes that provision, grow and snapshot volumes by it.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Artifact, goArtifact } from '../../build/artifact.ts';
import { artifacts } from '../../build/artifacts.ts';
import { ensureArtifacts } from '../../build/build.ts';
import type { Progress } from '../../build/progress.ts';
import { versions } from '../../build/versions.ts';
import { applyAll } from '../../client/apply.ts';
import type { Client, KubeObject } from '../../client/client.ts';
import type { ControlPlane } from '../../controlplane/controlplane.ts';
import { until } from '../../process/until.ts';
import { kubeletRoot } from '../kubelet.ts';
import { snapshotsFolder, volumesFolder } from './folders.ts';
import { driverName, storageObjects } from './objects.ts';

/** Artifacts by the names under which the profile's catalogue has them. Of the modules, two want versions that do not go together. */
export const csiArtifacts = {
  csi: goArtifact({
    what: `external-snapshotter ${versions.externalSnapshotter} and external-resizer ${versions.externalResizer}`,
    minutes: 2,
    ...{ module: 'csi', packages: ['tool'], expectedPackages: 900 },
  }),
  csiProvisioner: goArtifact({
    what: `external-provisioner ${versions.externalProvisioner}`,
    minutes: 1.5,
    ...{ module: 'csiprovisioner', packages: ['tool'], expectedPackages: 900 },
  }),
  csiDriver: goArtifact({
    what: 'the CSI driver of the test bed itself',
    minutes: 0.3,
    ...{ module: 'csidriver', packages: ['.'], expectedPackages: 315 },
  }),
} as const satisfies Readonly<Record<string, Artifact>>;

type Bed = {
  readonly plane: ControlPlane;
  readonly client: Client;
  readonly node: { readonly name: string };
  /** The bed's folder; volumes and snapshots are below it. */
  readonly dir: string;
  readonly progress: Progress;
};

const socket = join(kubeletRoot, 'plugins', driverName, 'csi.sock');

/** Starts it all; returns when kubelet knows the driver: a claim of the default class may be made. */
export async function startStorage({ plane, client, node, dir, progress }: Bed): Promise<void> {
  const folders = await ensureArtifacts({ tools: artifacts.tools, ...csiArtifacts }, progress);
  const [volumes, snapshots] = [volumesFolder(dir), snapshotsFolder(dir)];
  await Promise.all([volumes, snapshots].map(folder => mkdir(folder, { recursive: true, mode: 0o700 })));
  const places = [`-volumes=${volumes}`, `-snapshots=${snapshots}`, `-kubelet=${kubeletRoot}`];
  const driver = join(folders.csiDriver, 'csidriver');
  plane.supervise('csidriver', driver, [`-name=${driverName}`, `-node=${node.name}`, ...places]);
  await applyAll(client, storageObjects);
  const { csi, csiProvisioner } = folders;
  const calls = [`--csi-address=${socket}`];
  // Nobody who copies a guest's disk is done within the seconds that are the default.
  const copies = [...calls, '--timeout=300s'];
  const programs = [
    ['snapshot-controller', csi, 'snapshotController', []],
    ['csi-snapshotter', csi, 'snapshotter', copies],
    ['csi-provisioner', csiProvisioner, 'provisioner', copies],
    ['csi-resizer', csi, 'resizer', calls],
  ] as const;
  for (const [program, folder, identity, args] of programs) {
    const kubeconfig = await plane.kubeconfig(identity);
    plane.supervise(program, join(folder, program), [`--kubeconfig=${kubeconfig}`, ...hasty, ...args]);
  }
  await until('the CSI driver', () => requireRegistered(client, node.name), plane.died);
}

/** What failed is tried again soon: somebody waits for it. */
const hasty = ['--retry-interval-max=5s', '--kube-api-qps=50', '--kube-api-burst=100'];

type CSINode = KubeObject & { readonly spec: { readonly drivers?: readonly { readonly name: string }[] | null } };

async function requireRegistered(client: Client, node: string): Promise<void> {
  const { spec } = await client.get<CSINode>(`/apis/storage.k8s.io/v1/csinodes/${node}`);
  if (!spec.drivers?.some(({ name }) => name === driverName)) throw new Error(`kubelet does not know ${driverName}`);
}
