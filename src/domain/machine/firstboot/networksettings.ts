import { hash } from 'node:crypto';
import type { ManagedVM } from '../../../api/managedvm.ts';
import type { Network } from '../../../api/network.ts';

/** What of an interface is set inside of the guest, beside its name. */
const SETTINGS = ['addresses', 'gateways', 'dns', 'mtu', 'routes'] as const satisfies readonly (keyof Network)[];

export const hasSettings = (network: Network): boolean => SETTINGS.some(name => network[name] !== undefined);

/** How each interface is set, as far as it is ordered otherwise than by DHCP: by its name, in a stable form. */
function settingsOf({ spec }: ManagedVM): readonly (readonly [string, object])[] {
  return spec.networks
    .filter(hasSettings)
    .map(network => [network.name, Object.fromEntries(SETTINGS.flatMap(name => entry(network, name)))]);
}

function entry(network: Network, name: (typeof SETTINGS)[number]): [string, unknown][] {
  return network[name] === undefined ? [] : [[name, network[name]]];
}

/** Undefined: nothing is ordered otherwise than by DHCP. */
export function networkSettings(managedVM: ManagedVM): string | undefined {
  const settings = settingsOf(managedVM);
  return settings.length === 0 ? undefined : `sha256:${hash('sha256', JSON.stringify(settings))}`;
}

/** The same of its system's settings; undefined: none are ordered. */
export function systemSettings({ spec }: ManagedVM): string | undefined {
  return spec.system === undefined ? undefined : `sha256:${hash('sha256', JSON.stringify(spec.system))}`;
}

/**
 * Of a machine's template, so that each instance bears how its guest's networks were set when it started: what a restart would change in them
 * is told by it, for KubeVirt never compares the content of a Secret.
 */
export const NETWORKS_ANNOTATION = 'managed.systems/networks';

/** Value of {@link NETWORKS_ANNOTATION}; undefined: all by DHCP. */
export function networksAnnotation(managedVM: ManagedVM): string | undefined {
  const settings = settingsOf(managedVM);
  return settings.length === 0 ? undefined : JSON.stringify(settings);
}

/** Reads it. What is no such list reads as none: it is a tenant's object. */
export function networksOf(annotation: string | undefined): ReadonlyMap<string, string> {
  const parsed = parse(annotation ?? '[]');
  if (!Array.isArray(parsed)) return new Map();
  return new Map(
    parsed.flatMap((each: unknown): [string, string][] => {
      const [name, settings] = Array.isArray(each) ? (each as unknown[]) : [];
      return typeof name === 'string' && typeof settings === 'object' ? [[name, JSON.stringify(settings)]] : [];
    }),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
