import { z } from 'zod';
import { Label, ObjectName } from './common.ts';
import { AddressInNetwork, IPAddress, isSix } from './ipaddress.ts';
import { namedList, stringSet, withRules } from './rules.ts';

/** A DNS name of a domain, as a resolver appends it (RFC 1035). */
const SearchDomain = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?)*$/);

const Dns = z.strictObject({
  servers: stringSet(IPAddress, { min: 1, max: 3 })
    .optional()
    .describe('Name servers; those that a DHCP server offers on this interface are then not used.'),
  search: stringSet(SearchDomain, { min: 1, max: 6 })
    .optional()
    .describe('Domains in which short names are looked up.'),
});

const Route = withRules(
  z.strictObject({
    to: AddressInNetwork.describe('Network that is reached by it, e.g. 10.0.0.0/8. Never /0: that is gateways.'),
    via: IPAddress.describe('Router, an address of a network of the interface.'),
  }),
  {
    rule: "!self.to.endsWith('/0')",
    message: 'a default route is ordered by gateways, so that there is exactly one',
    fieldPath: '.to',
    holds: ({ to }) => !to.endsWith('/0'),
  },
  {
    rule: "self.to.contains(':') == self.via.contains(':')",
    message: 'to and via are both of IPv4 or both of IPv6',
    fieldPath: '.via',
    holds: ({ to, via }) => isSix(to) === isSix(via),
  },
);

const NetworkSettings = z.strictObject({
  name: Label.max(20).describe('Name of the interface.'),
  multusNetwork: ObjectName.optional().describe(
    'Name of a NetworkAttachmentDefinition in this namespace. Absent: the pod network.',
  ),
  addresses: stringSet(AddressInNetwork, { min: 1, max: 8 })
    .optional()
    .describe(
      "Its own addresses, each with the length of the prefix; DHCP is not asked then. On the pod network they come beside the one that KubeVirt's DHCP gives, by which the service reaches the guest.",
    ),
  gateways: stringSet(IPAddress, { min: 1, max: 2 })
    .optional()
    .describe('Routers of the default route, one for IPv4 and one for IPv6: the guest has no other default route.'),
  dns: Dns.optional().describe('Name servers and search domains.'),
  mtu: z
    .int()
    .min(1280)
    .max(9216)
    .optional()
    .describe('Largest packet in bytes; default: what DHCP or the driver says.'),
  routes: z
    .array(Route)
    .min(1)
    .max(16)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .optional()
    .describe('Further networks and the routers behind which they are.'),
});

type NetworkSettings = z.infer<typeof NetworkSettings>;

const sixes = (network: NetworkSettings): readonly string[] => (network.gateways ?? []).filter(isSix);
const fours = (network: NetworkSettings): readonly string[] => (network.gateways ?? []).filter(each => !isSix(each));

const Network = withRules(
  NetworkSettings,
  {
    rule: "!has(self.gateways) || (self.gateways.filter(each, each.contains(':')).size() <= 1 && self.gateways.filter(each, !each.contains(':')).size() <= 1)",
    message: 'gateways has at most one router of IPv4 and one of IPv6',
    fieldPath: '.gateways',
    holds: network => sixes(network).length <= 1 && fours(network).length <= 1,
  },
  {
    rule: "!has(self.gateways) || self.gateways.all(each, has(self.addresses) && self.addresses.exists(own, own.contains(':') == each.contains(':')))",
    message:
      'a gateway needs an address of the same family in addresses; where DHCP gives the address, it also gives the router',
    fieldPath: '.gateways',
    holds: ({ gateways = [], addresses = [] }) =>
      gateways.every(each => addresses.some(own => isSix(own) === isSix(each))),
  },
  {
    rule: "has(self.multusNetwork) || !has(self.gateways) || self.gateways.all(each, each.contains(':'))",
    message: 'on the pod network KubeVirt gives the router of IPv4',
    fieldPath: '.gateways',
    holds: network => network.multusNetwork !== undefined || fours(network).length === 0,
  },
);
export type Network = z.infer<typeof Network>;

/** Whether the interface asks a DHCP server: on the pod network always. */
export const asksDHCP = ({ multusNetwork, addresses }: Network): boolean =>
  multusNetwork === undefined || addresses === undefined;

/** The interfaces of a VM: none can take away another's default route. */
export const Networks = withRules(
  namedList(Network, { min: 1, max: 8 }),
  {
    rule: 'self.filter(network, !has(network.multusNetwork)).size() <= 1',
    message: 'networks has at most one interface on the pod network; every other names its multusNetwork',
    holds: networks => networks.filter(network => network.multusNetwork === undefined).length <= 1,
  },
  {
    rule: "self.filter(network, has(network.gateways) && network.gateways.exists(each, !each.contains(':'))).size() <= 1 && self.filter(network, has(network.gateways) && network.gateways.exists(each, each.contains(':'))).size() <= 1",
    message: 'a guest has exactly one default route: only one of networks names gateways of a family',
    holds: networks => [fours, sixes].every(of => networks.filter(network => of(network).length > 0).length <= 1),
  },
  {
    rule: 'self.exists(network, !has(network.multusNetwork) || !has(network.addresses)) || self.exists(network, has(network.gateways))',
    message: 'a guest has exactly one default route: where no interface asks DHCP, one names its gateways',
    holds: networks => networks.some(asksDHCP) || networks.some(({ gateways }) => gateways !== undefined),
  },
);
