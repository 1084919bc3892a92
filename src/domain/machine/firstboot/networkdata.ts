import { stringify } from 'yaml';
import { isSix } from '../../../api/ipaddress.ts';
import type { ManagedVM } from '../../../api/managedvm.ts';
import { asksDHCP, type Network } from '../../../api/network.ts';
import { macAddress } from '../identity.ts';
import { hasSettings } from './networksettings.ts';
import { YAML } from './yaml.ts';

/** Before whatever a DHCP server offers, and before what NetworkManager and systemd-networkd give by themselves. */
const ORDERED_METRIC = 50;

/**
 * The guest's own address and router on the pod network, as KubeVirt's masquerade has them where no vmNetworkCIDR is set (DefaultVMCIDR in
 * kubevirt.io/api, core/v1). Who comes in by it is answered by it, also where the default route is another's: a route of its own table, which
 * netplan makes. Other renderers of cloud-init know no tables, and make of it a default route that is never preferred.
 */
const POD = { address: '10.0.2.2', router: '10.0.2.1', table: 1001, metric: 1000 } as const;

/**
 * cloud-init network configuration (version 2). By itself cloud-init brings up no more than the first interface, by DHCP: only where there are
 * several, or one is to be set otherwise, is there a configuration. The default route is that of who names gateways, and else the first one's,
 * whatever the other networks' DHCP servers offer: a metric is what every renderer of cloud-init knows (network_state.py, and its own sources for
 * EC2 and Azure).
 */
export function networkData(managedVM: ManagedVM): string | undefined {
  const { networks } = managedVM.spec;
  if (networks.length < 2 && !networks.some(hasSettings)) return undefined;
  const uid = managedVM.metadata.uid ?? '';
  const router = networks.find(({ gateways = [] }) => gateways.some(each => !isSix(each)));
  const ethernets = networks.map((network, index) => [
    network.name,
    {
      match: { macaddress: macAddress(uid, network.name) },
      ...(asksDHCP(network) && byDHCP(network, index, router !== undefined && router !== network)),
      ...ownAddresses(network),
      ...routesOf(network, router),
      ...(network.mtu !== undefined && { mtu: network.mtu }),
      ...(index > 0 && { optional: true }),
    },
  ]);
  return stringify({ version: 2, ethernets: Object.fromEntries(ethernets) }, YAML);
}

function byDHCP({ dns }: Network, index: number, isRoutedElsewhere: boolean): object {
  const overrides = {
    'route-metric': 100 * (index + 1),
    ...(isRoutedElsewhere && { 'use-routes': false }),
    ...(dns?.servers && { 'use-dns': false }),
  };
  return { dhcp4: true, 'dhcp4-overrides': overrides };
}

function ownAddresses({ addresses, dns }: Network): object {
  const nameservers = {
    ...(dns?.servers && { addresses: [...dns.servers] }),
    ...(dns?.search && { search: [...dns.search] }),
  };
  return {
    ...(addresses && { addresses: [...addresses] }),
    // A router that advertises itself would be another default route.
    ...(addresses?.some(isSix) && { 'accept-ra': false }),
    ...(Object.keys(nameservers).length > 0 && { nameservers }),
  };
}

function routesOf(network: Network, router: Network | undefined): object {
  const { gateways = [], routes = [], multusNetwork } = network;
  const repliesToPods = multusNetwork === undefined && router !== undefined;
  const all = [
    ...gateways.map(via => ({ to: isSix(via) ? '::/0' : '0.0.0.0/0', via, metric: ORDERED_METRIC })),
    ...routes.map(({ to, via }) => ({ to, via })),
    ...(repliesToPods ? [{ to: '0.0.0.0/0', via: POD.router, metric: POD.metric, table: POD.table }] : []),
  ];
  return {
    ...(all.length > 0 && { routes: all }),
    ...(repliesToPods && { 'routing-policy': [{ from: `${POD.address}/32`, table: POD.table }] }),
  };
}
