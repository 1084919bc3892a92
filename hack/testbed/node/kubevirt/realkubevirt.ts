/** KubeVirt as a part of a bed with a real node: virtual machines run. */
import { join } from 'node:path';
import { artifacts } from '../../build/artifacts.ts';
import { ensureArtifacts } from '../../build/build.ts';
import { startKubeVirt } from '../../controlplane/kubevirt.ts';
import { nodeNetwork } from '../addresses.ts';
import type { PartContext } from '../parts.ts';
import { kubevirtNode, kubevirtNodeImage } from './kubevirtnode.ts';
import { launcherImage } from './launcherimage.ts';
import { installVirtHandler, untilNodeTakesVms } from './virthandler.ts';

/** Returns when KubeVirt's webhooks answer and the scheduler may put VMs on the node. */
export async function startRealKubeVirt(context: PartContext): Promise<void> {
  const { plane, client, installation, node, progress } = context;
  const folders = await ensureArtifacts({ tools: artifacts.tools, kubevirtNode, launcherImage }, progress);
  const launcher = { image: kubevirtNodeImage, address: nodeNetwork.address };
  const virtHandler = async () => {
    await node.importImage(join(folders.launcherImage, 'image.tar'));
    await installVirtHandler(client, { programs: folders.kubevirtNode, certificates: plane.certificates });
    await untilNodeTakesVms(client, node.name);
  };
  await Promise.all([startKubeVirt(plane, client, installation, launcher), virtHandler()]);
}
