/** The keys and certificates of one test bed: who may speak, and as whom. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../build/cache.ts';
import { nodeNetwork } from '../node/addresses.ts';
import { run } from '../process/command.ts';

/** Identities the bed's parts use, as the certificate's user name; all are `system:masters`, so RBAC never stands in their way. */
export const identities = {
  admin: 'testbed-admin',
  controllerManager: 'system:kube-controller-manager',
  // KubeVirt's webhooks know KubeVirt's own components by these names and let only them change a VMI.
  virtApi: 'system:serviceaccount:kubevirt:kubevirt-apiserver',
  virtController: 'system:serviceaccount:kubevirt:kubevirt-controller',
  playedHandler: 'system:serviceaccount:kubevirt:kubevirt-handler',
  playedNode: 'system:node:played-node',
  playedStorage: 'system:serviceaccount:played-storage:provisioner',
  playedCdi: 'system:serviceaccount:cdi:cdi-sa',
  // Those of a real node, and of kube-apiserver towards its kubelet.
  kubelet: `system:node:${nodeNetwork.name}`,
  scheduler: 'system:kube-scheduler',
  proxy: 'system:kube-proxy',
  dns: 'system:serviceaccount:kube-system:coredns',
  kubeletClient: 'kube-apiserver-kubelet-client',
  // The storage of a real node.
  provisioner: 'system:serviceaccount:csi:provisioner',
  resizer: 'system:serviceaccount:csi:resizer',
  snapshotter: 'system:serviceaccount:csi:snapshotter',
  snapshotController: 'system:serviceaccount:csi:snapshot-controller',
} as const;
export type Identity = keyof typeof identities;

const loopback = { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] };
const inCluster = [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

function request() {
  const client = ([name, commonName]: [string, string]) => {
    return { name, commonName, authority: 'authority', organizations: ['system:masters'] };
  };
  return {
    authorities: ['authority', 'front-proxy-authority'],
    keyPairs: ['service-account'],
    certificates: [
      ...Object.entries(identities).map(client),
      {
        name: 'apiserver',
        authority: 'authority',
        commonName: 'kube-apiserver',
        ...loopback,
        dnsNames: [...loopback.dnsNames, ...inCluster],
        ipAddresses: [...loopback.ipAddresses, nodeNetwork.address, nodeNetwork.apiService],
      },
      {
        name: 'kubelet-server',
        authority: 'authority',
        commonName: identities.kubelet,
        dnsNames: [nodeNetwork.name],
        ipAddresses: [nodeNetwork.address],
      },
      {
        name: 'virt-api',
        authority: 'authority',
        commonName: 'virt-api',
        ...loopback,
        dnsNames: [...loopback.dnsNames, 'virt-api.kubevirt.svc'],
      },
      { name: 'cdi-apiserver', authority: 'authority', commonName: 'cdi-apiserver', ...loopback },
      { name: 'virt-controller', authority: 'authority', commonName: 'virt-controller', ...loopback },
      // KubeVirt tells by these names who may ask virt-handler, and that it is virt-handler who answers.
      { name: 'virt-handler-client', authority: 'authority', commonName: 'kubevirt.io:system:client:virt-handler' },
      { name: 'virt-handler-server', authority: 'authority', commonName: 'kubevirt.io:system:node:virt-handler' },
      // The name kube-apiserver is told to let through with --requestheader-allowed-names.
      { name: 'front-proxy', authority: 'front-proxy-authority', commonName: 'front-proxy-client' },
    ],
  };
}

/** Writes them into `folder` as NAME.crt, NAME.key and NAME.pub, unless a former start of the same bed has. */
export async function ensureCertificates(program: string, folder: string): Promise<void> {
  if (await exists(join(folder, 'service-account.pub'))) return;
  await run(program, [folder], { input: JSON.stringify(request()) });
}

/** What a client needs to speak as one of the identities. */
export type Credentials = { readonly ca: string; readonly cert: string; readonly key: string };

export async function readCredentials(folder: string, identity: Identity): Promise<Credentials> {
  const read = (file: string) => readFile(join(folder, file), 'utf8');
  const [ca, cert, key] = await Promise.all([read('authority.crt'), read(`${identity}.crt`), read(`${identity}.key`)]);
  return { ca, cert, key };
}
