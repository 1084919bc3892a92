/** The real node as part of a test bed: started with what runs on it, reached from outside the box, and cleaned up after. */
import { ensureArtifacts } from '../build/build.ts';
import { ensureInstallation } from '../build/installation.ts';
import { type Progress, spoken } from '../build/progress.ts';
import { ensureSeed } from '../controlplane/seed.ts';
import { packageRoots } from '../guest/packageroots.ts';
import { boxApiPort, boxFolder } from './box/box.ts';
import { forwardFrom } from './box/forward.ts';
import { ensureNodeInstallation } from './installation.ts';
import { removeLeftovers } from './leftovers.ts';
import { type Part, type PartContext, type PartName, parts } from './parts.ts';
import { type RealNode, startRealNode } from './realnode.ts';

export type BedNode = {
  readonly real: RealNode;
  /** Takes away what the node left in the box; its programs must have ended. */
  clean(): Promise<void>;
};

type Bed = Omit<PartContext, 'node' | 'nodeInstallation'>;

/** Starts the node and the named parts. */
export async function startNode(bed: Bed, names: readonly PartName[]): Promise<BedNode> {
  const { plane, client, dir, progress, signal } = bed;
  await openWay(signal);
  const nodeInstallation = await ensureNodeInstallation(progress);
  const started = Date.now();
  const node = await startRealNode(plane, client, nodeInstallation, dir);
  progress(`The node is Ready (${spoken(Date.now() - started)})`);
  const context = { ...bed, node, nodeInstallation };
  await Promise.race([Promise.all(names.map(name => startPart(name, context, progress))), plane.died]);
  return { real: node, clean: removeLeftovers };
}

async function startPart(name: PartName, context: PartContext, progress: Progress): Promise<void> {
  const started = Date.now();
  const part: Part = parts[name];
  await part(context);
  progress(`  ${name} is ready (${spoken(Date.now() - started)})`);
}

/** Lets the machine's loopback reach kube-apiserver in the box. */
async function openWay(signal: AbortSignal): Promise<void> {
  const [folder, port] = [boxFolder(), boxApiPort()];
  if (folder === undefined || port === undefined) return;
  const way = await forwardFrom(folder, port);
  signal.addEventListener('abort', () => way.close());
}

/**
 * Builds everything a bed of the profile `node` is made of, and the roots with package managers that its tests enter besides. The box has no way to
 * the network, so this is for outside of it.
 */
export async function buildNodeBed(progress: Progress): Promise<void> {
  const { aptTrixie, rpmManagers } = packageRoots;
  await ensureArtifacts({ aptTrixie, rpmManagers }, progress);
  await ensureSeed(await ensureInstallation(progress), 'node', progress);
  await ensureNodeInstallation(progress);
}
