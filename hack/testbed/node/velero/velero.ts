/**
 * The real Velero on the real node: its server and node agents as Pods, installed as its own installer does it, with the plug-ins for S3 and
 * KubeVirt; its data mover copies what the CSI driver has snapshotted into an object store beside the node.
 */
import { join } from 'node:path';
import { artifacts } from '../../build/artifacts.ts';
import { ensureArtifacts } from '../../build/build.ts';
import type { Binaries } from '../../build/installation.ts';
import type { Progress } from '../../build/progress.ts';
import { type ObjectStore, startObjectStore } from '../../objectstore/objectstore.ts';
import { run } from '../../process/command.ts';
import { until } from '../../process/until.ts';
import { BUCKET, NAMESPACE } from '../../velero/objects.ts';
import { velero } from '../../velero/parts.ts';
import { nodeNetwork } from '../addresses.ts';
import { archivesIn, veleroImages } from './images.ts';
import { installation } from './installation.ts';

export type NodeVelero = {
  readonly store: ObjectStore;
  /** Folder in which the objects of its bucket lie as files. */
  readonly bucket: string;
  /** Ends the store; the Pods end with the bed. */
  stop(): Promise<void>;
};

type Bed = {
  /** The bed's folder; the store is below it. */
  readonly dir: string;
  readonly adminKubeconfig: string;
  readonly binaries: Binaries;
  importImage(archive: string): Promise<void>;
};

/** Returns when backups have a place to go, and data somebody to move them: a Schedule that is made before fails for good. */
export async function startVeleroOnNode(bed: Bed, progress: Progress): Promise<NodeVelero> {
  const folders = await ensureArtifacts({ tools: artifacts.tools, velero, veleroImages }, progress);
  for (const archive of archivesIn(folders.veleroImages)) await bed.importImage(archive);
  // Not on loopback: node agents, data movers and whoever reads what a backup holds are Pods.
  const store = await startObjectStore(join(bed.dir, 'velero', 'store'), bed.binaries, nodeNetwork.address);
  try {
    const bucket = await store.createBucket(BUCKET);
    const items = await installation(join(folders.velero, 'velero'), bed.adminKubeconfig, store);
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    await kubectl(bed, ['apply', '--server-side', '--force-conflicts', '--filename', '-'], list);
    for (const workload of ['deployment/velero', 'daemonset/node-agent'])
      await kubectl(bed, ['rollout', 'status', workload, '--timeout=180s']);
    await until('the place for backups', () => requireAvailable(bed), store.died);
    return { store, bucket, stop: () => store.stop() };
  } catch (error) {
    await store.stop();
    throw error;
  }
}

async function requireAvailable(bed: Bed): Promise<void> {
  const get = ['get', 'backupstoragelocation', 'default', '--output=jsonpath={.status.phase}'];
  const phase = await kubectl(bed, get);
  if (phase !== 'Available') throw new Error(`BackupStorageLocation default is ${phase || 'not validated yet'}`);
}

function kubectl({ binaries, adminKubeconfig }: Bed, args: readonly string[], input = ''): Promise<string> {
  return run(binaries.kubectl, ['--kubeconfig', adminKubeconfig, '--namespace', NAMESPACE, ...args], { input });
}
