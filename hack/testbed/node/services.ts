/** kube-proxy and CoreDNS: Services of the cluster have addresses that work, and names. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { apply } from '../client/apply.ts';
import type { Client } from '../client/client.ts';
import { nodeNetwork } from './addresses.ts';

export function proxyConfig(kubeconfig: string): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clientConnection: { kubeconfig },
    hostnameOverride: nodeNetwork.name,
    clusterCIDR: nodeNetwork.pods,
    metricsBindAddress: '127.0.0.1:10249',
    oomScoreAdj: 0,
    // The size of the table of connections is the machine's, not the box's.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    nftables: { minSyncPeriod: '100ms' },
  };
}

/** Writes kube-proxy's configuration and returns its arguments. */
export async function configureProxy(dir: string, kubeconfig: string): Promise<string[]> {
  const file = join(dir, 'kube-proxy.json');
  await writeFile(file, JSON.stringify(proxyConfig(kubeconfig)));
  return [`--config=${file}`];
}

/** CoreDNS knows the cluster's names; every other one does not exist, and the answer to that comes at once. */
export function corefile(kubeconfig: string): string {
  return `${nodeNetwork.domain} in-addr.arpa {
  bind ${nodeNetwork.address}
  errors
  ready 127.0.0.1:8181
  kubernetes {
    kubeconfig ${kubeconfig}
    pods insecure
    ttl 5
  }
}
. {
  bind ${nodeNetwork.address}
  template ANY ANY {
    rcode NXDOMAIN
  }
}
`;
}

/** Writes CoreDNS' configuration and returns its arguments. */
export async function configureDns(dir: string, kubeconfig: string): Promise<string[]> {
  const file = join(dir, 'Corefile');
  await writeFile(file, corefile(kubeconfig));
  return [`-conf=${file}`];
}

const metadata = { name: 'kube-dns', namespace: 'kube-system' };
const ports = [
  { name: 'dns', port: 53, protocol: 'UDP' },
  { name: 'dns-tcp', port: 53, protocol: 'TCP' },
];

/** CoreDNS is a process on the node and no Pod, so its Service has no selector. */
const dnsService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { ...metadata, labels: { 'k8s-app': 'kube-dns' } },
  spec: { clusterIP: nodeNetwork.dnsService, ports },
};

const dnsEndpoints = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { ...metadata, labels: { 'kubernetes.io/service-name': metadata.name } },
  addressType: 'IPv4',
  endpoints: [{ addresses: [nodeNetwork.address], conditions: { ready: true } }],
  ports,
};

/** Creating a Service whose address is taken by itself would be refused for the address: it is applied from the start. */
export async function announceDns(client: Client): Promise<void> {
  await client.patch('apply', `/api/v1/namespaces/${metadata.namespace}/services/${metadata.name}`, dnsService);
  await apply(client, dnsEndpoints);
}
