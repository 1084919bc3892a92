import { isSix } from '../../../api/ipaddress.ts';
import type { ManagedVM } from '../../../api/managedvm.ts';
import { asksDHCP, type Network } from '../../../api/network.ts';
import { macAddress } from '../identity.ts';
import { hasSettings } from './networksettings.ts';

/** What the first-boot script of Windows sets of networks: nothing where all is by DHCP, which Windows asks by itself. */
export function windowsNetworks(managedVM: ManagedVM): Record<string, unknown> {
  const networks = managedVM.spec.networks.filter(hasSettings);
  const search = [...new Set(networks.flatMap(({ dns }) => dns?.search ?? []))];
  return {
    ...(networks.length > 0 && { networks: networks.map(network => windowsNetwork(managedVM, network)) }),
    ...(search.length > 0 && { searchDomains: search }),
  };
}

/** The hardware address as Windows writes it. */
function windowsNetwork({ metadata }: ManagedVM, network: Network): Record<string, unknown> {
  const { name, addresses, gateways = [], dns, mtu, routes = [] } = network;
  const defaults = gateways.map(via => ({ to: isSix(via) ? '::/0' : '0.0.0.0/0', via }));
  const all = [...defaults, ...routes];
  return {
    name,
    mac: macAddress(metadata.uid ?? '', name)
      .toUpperCase()
      .replaceAll(':', '-'),
    dhcp: asksDHCP(network),
    ...(addresses && { addresses: addresses.map(parts) }),
    ...(gateways.length > 0 && { isDefaultRoute: true }),
    ...(all.length > 0 && { routes: all.map(({ to, via }) => ({ to, via })) }),
    ...(dns?.servers && { servers: dns.servers }),
    ...(mtu !== undefined && { mtu }),
  };
}

function parts(address: string): { address: string; prefix: number } {
  const [own = '', prefix] = address.split('/');
  return { address: own, prefix: Number(prefix) };
}
