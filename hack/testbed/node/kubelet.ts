/** kubelet, and the little it needs to be told on a machine that is not its own. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeNetwork } from './addresses.ts';
import { containerdSocket } from './containerd.ts';

export const kubeletRoot = '/var/lib/kubelet';
const resolvConf = '/run/steward/resolv.conf';

export function kubeletConfig(certificates: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: '0.0.0.0',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(certificates, 'authority.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: join(certificates, 'kubelet-server.crt'),
    tlsPrivateKeyFile: join(certificates, 'kubelet-server.key'),
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    cgroupDriver: 'cgroupfs',
    // Version 1 of control groups is what some machines still have.
    failCgroupV1: false,
    // The control plane and the tests run in the same box; the node's Pods may not be shut in beside them.
    enforceNodeAllocatable: [],
    oomScoreAdj: 0,
    failSwapOn: false,
    clusterDNS: [nodeNetwork.dnsService],
    clusterDomain: nodeNetwork.domain,
    resolvConf,
    maxPods: 60,
    // Changed ConfigMaps and Secrets reach a Pod at kubelet's next look at it; a minute, the default, is long for a test.
    syncFrequency: '5s',
    serializeImagePulls: false,
    // An image that was removed could not be pulled again; nor may a full disk of the machine empty the node.
    imageGCHighThresholdPercent: 100,
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '0%',
      'nodefs.inodesFree': '0%',
      'imagefs.available': '0%',
      'imagefs.inodesFree': '0%',
    },
  };
}

/** Writes kubelet's configuration and returns its arguments. */
export async function configureKubelet(dir: string, certificates: string, kubeconfig: string): Promise<string[]> {
  const file = join(dir, 'kubelet.json');
  await writeFile(file, JSON.stringify(kubeletConfig(certificates)));
  await mkdir('/run/steward', { recursive: true });
  await writeFile(resolvConf, `nameserver ${nodeNetwork.dnsService}\n`);
  return [
    `--config=${file}`,
    `--kubeconfig=${kubeconfig}`,
    `--root-dir=${kubeletRoot}`,
    `--hostname-override=${nodeNetwork.name}`,
    `--node-ip=${nodeNetwork.address}`,
  ];
}
