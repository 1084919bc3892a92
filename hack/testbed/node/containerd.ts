/** containerd, the container runtime of the node, with the Pods' network it asks for by CNI. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { staticImage } from '../../images/program.ts';
import { cached, recipeDigest } from '../build/cache.ts';
import { run } from '../process/command.ts';
import { nodeNetwork } from './addresses.ts';

export const containerdSocket = '/run/containerd/containerd.sock';
export const containerdFolders = { root: '/var/lib/containerd', state: '/run/containerd' };

/** The image every Pod's first container is made of; it is imported, never pulled. */
export const pauseImage = 'steward.testbed/pause:1';

/** containerd's configuration, version 3; JSON's strings are TOML's too. */
export function containerdConfig(runc: string): string {
  const cri = "plugins.'io.containerd.cri.v1.runtime'";
  return `version = 3
root = ${JSON.stringify(containerdFolders.root)}
state = ${JSON.stringify(containerdFolders.state)}

[grpc]
address = ${JSON.stringify(containerdSocket)}

[plugins.'io.containerd.cri.v1.images']
snapshotter = 'overlayfs'

[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = ${JSON.stringify(pauseImage)}

[${cri}]
# Without CAP_SYS_RESOURCE nobody may make a process harder to kill than its parent: runc would die of it.
restrict_oom_score_adj = true
disable_apparmor = true
# A block volume belongs to the Pod's user, as KubeVirt and CDI, which run as no root, ask of a node.
device_ownership_from_security_context = true

[${cri}.cni]
bin_dirs = ['/usr/lib/cni']
conf_dir = '/etc/cni/net.d'

[${cri}.containerd]
default_runtime_name = 'runc'

[${cri}.containerd.runtimes.runc]
runtime_type = 'io.containerd.runc.v2'

[${cri}.containerd.runtimes.runc.options]
BinaryName = ${JSON.stringify(runc)}
SystemdCgroup = false
`;
}

/** Pods hang on one bridge, and their addresses are taken in order from the node's range. */
export const podNetwork = {
  cniVersion: '1.0.0',
  name: 'testbed',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isGateway: true,
      // A Pod reaches itself by its Service too.
      hairpinMode: true,
      ipMasq: false,
      ipam: {
        type: 'host-local',
        dataDir: '/run/cni',
        ranges: [[{ subnet: nodeNetwork.pods }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
  ],
};

/** Writes the configuration of both and returns the arguments of containerd. */
export async function configureContainerd(dir: string, runc: string): Promise<string[]> {
  const file = join(dir, 'containerd.toml');
  await mkdir('/etc/cni/net.d', { recursive: true });
  await mkdir(containerdFolders.state, { recursive: true });
  await writeFile('/etc/cni/net.d/10-testbed.conflist', JSON.stringify(podNetwork));
  await writeFile(file, containerdConfig(runc));
  return [`--config=${file}`];
}

/** Imports an OCI archive for Pods to use. */
export async function importImage(ctr: string, archive: string): Promise<void> {
  await run(ctr, ['--address', containerdSocket, '--namespace', 'k8s.io', 'images', 'import', archive]);
}

/** The archive of {@link pauseImage}. */
export async function pauseArchive(program: string): Promise<string> {
  const folder = await cached(`pause-${await recipeDigest([program, pauseImage])}`, async partial => {
    await staticImage({ name: pauseImage, binary: program }, join(partial, 'pause.tar'));
  });
  return join(folder, 'pause.tar');
}
