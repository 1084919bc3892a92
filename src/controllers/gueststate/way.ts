import { at, listAt, textAt, textsAt, timeAt } from '../../domain/contract/json.ts';

/** How a guest can be reached now, as KubeVirt tells it of the VirtualMachineInstance. */
export type Way =
  | {
      readonly kind: 'Address';
      readonly instance: string;
      readonly address: string;
      /** Whether KubeVirt's portforward, which knows only the first interface, leads to the same address. */
      readonly forwarded: boolean;
      readonly startedAt: Date;
    }
  /** No instance runs. */
  | { readonly kind: 'PoweredOff' }
  /** It runs, and has no address on the Pod network (yet). */
  | { readonly kind: 'NoPath'; readonly instance: string; readonly startedAt: Date };

/** Reads the first address on the Pod network out of a VirtualMachineInstance. It may be anybody's: only the pinned host key tells. */
export function wayTo(instance: unknown): Way {
  const uid = textAt(instance, 'metadata', 'uid');
  if (uid === undefined || textAt(instance, 'status', 'phase') !== 'Running') return { kind: 'PoweredOff' };
  const startedAt = startOf(instance);
  const address = podAddresses(instance)[0];
  if (address === undefined) return { kind: 'NoPath', instance: uid, startedAt };
  const forwarded = textAt(listAt(instance, 'status', 'interfaces')[0], 'ipAddress') === address;
  return { kind: 'Address', instance: uid, address, forwarded, startedAt };
}

function startOf(instance: unknown): Date {
  const transitions = listAt(instance, 'status', 'phaseTransitionTimestamps');
  const running = transitions.filter(item => textAt(item, 'phase') === 'Running').at(-1);
  return (
    timeAt(running, 'phaseTransitionTimestamp') ?? timeAt(instance, 'metadata', 'creationTimestamp') ?? new Date(0)
  );
}

/** Those that only the guest's own agent tells come last: the guest can make it say anything. */
function podAddresses(instance: unknown): readonly string[] {
  const podNetworks = listAt(instance, 'spec', 'networks').flatMap(network =>
    at(network, 'pod') === undefined ? [] : (textAt(network, 'name') ?? []),
  );
  const interfaces = listAt(instance, 'status', 'interfaces').filter(item =>
    podNetworks.includes(textAt(item, 'name') ?? ''),
  );
  const [told, agents] = [interfaces.filter(item => !isAgents(item)), interfaces.filter(isAgents)];
  return [...told, ...agents].flatMap(addressesOf).filter(isDialable);
}

function isAgents(item: unknown): boolean {
  return textAt(item, 'infoSource') === 'guest-agent';
}

function addressesOf(item: unknown): readonly string[] {
  const several = textsAt(item, 'ipAddresses');
  return several.length > 0 ? several : [textAt(item, 'ipAddress') ?? ''];
}

/** An address that leads to another host: never the worker's own Pod, nor what answers on the node's link, such as a cloud's metadata. */
function isDialable(address: string): boolean {
  return /^[0-9A-Fa-f.:]{2,45}$/.test(address) && !/^(0\.|127\.|169\.254\.|::$|::1$|fe80:|::ffff:)/i.test(address);
}
