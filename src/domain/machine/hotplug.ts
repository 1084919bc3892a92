import type { ManagedVM } from '../../api/managedvm.ts';
import { dataVolumeName } from '../contract/child.ts';
import { at, isFields, listAt, textAt, textsAt } from '../contract/json.ts';

type Fields = Record<string, unknown>;

/** Volumes that somebody plugs into a machine beside its order (`virtctl addvolume`), with their disks. */
export type Hotplugged = { readonly volumes: readonly Fields[]; readonly disks: readonly Fields[] };

/**
 * What was plugged into a VirtualMachine to stay there: it is not of the order, and is neither taken out nor a reason to restart. A disk
 * that was taken out of the order is no such thing: it is unplugged. `firstBoot`: a volume that is the order's, however it is marked.
 */
export function foreignPlugs(virtualMachine: unknown, managedVM: ManagedVM, firstBoot: string): Hotplugged {
  const template = at(virtualMachine, 'spec', 'template', 'spec');
  const plugged = hotpluggedNames(template);
  const ordered = new Set([...managedVM.spec.disks.map(({ name }) => name), firstBoot]);
  const volumes = listAt(template, 'volumes').filter(isFields);
  const former = new Set(volumes.filter(volume => wasOrdered(managedVM, volume)).map(nameOf));
  const isForeign = (item: unknown): item is Fields => {
    const name = nameOf(item);
    return isFields(item) && plugged.has(name) && !ordered.has(name) && !former.has(name);
  };
  return {
    volumes: volumes.filter(isForeign),
    disks: listAt(template, 'domain', 'devices', 'disks').filter(isForeign),
  };
}

/** Whether a volume is, or was, a disk of the order: the status remembers it, or it has the name and the claim that Steward gives one. */
export function wasOrdered(managedVM: ManagedVM, volume: unknown): boolean {
  const [name, claim] = [nameOf(volume), claimOf(volume)];
  const remembered = managedVM.status?.disks?.some(disk => disk.name === name && disk.claim === claim) === true;
  return remembered || claim === dataVolumeName(managedVM, name);
}

/** Names of the volumes of a machine's or an instance's spec that KubeVirt plugs in while the guest runs. */
export function hotpluggedNames(spec: unknown): ReadonlySet<string> {
  const plugged = listAt(spec, 'volumes').filter(volume =>
    ['dataVolume', 'persistentVolumeClaim'].some(source => at(volume, source, 'hotpluggable') === true),
  );
  return new Set(plugged.map(nameOf));
}

/** Whether a machine's or an instance's spec has a volume as one that is plugged in. */
export function isPluggedIn(spec: unknown, name: string): boolean {
  return hotpluggedNames(spec).has(name);
}

const DECLARATIVE = 'DeclarativeHotplugVolumes';

/**
 * Whether KubeVirt plugs volumes in and out as the spec of a VirtualMachine says. Until 1.8 that is a feature gate, from 1.9 it is so unless
 * switched off; the older gate HotplugVolumes, for which only a request counts (`virtctl addvolume`), takes precedence
 * (handleDeclarativeVolumeHotplug in pkg/virt-controller/watch/vm/vm.go).
 */
export function plugsDeclared(kubeVirt: unknown): boolean {
  const settings = at(kubeVirt, 'spec', 'configuration', 'developerConfiguration');
  const [on, off] = [textsAt(settings, 'featureGates'), textsAt(settings, 'disabledFeatureGates')];
  if (on.includes('HotplugVolumes') || off.includes(DECLARATIVE)) return false;
  return on.includes(DECLARATIVE) || isFrom(textAt(kubeVirt, 'status', 'observedKubeVirtVersion'), 1, 9);
}

function isFrom(version: string | undefined, major: number, minor: number): boolean {
  const [, first, second] = /^v?(\d{1,4})\.(\d{1,4})\./.exec(version ?? '') ?? [];
  if (first === undefined || second === undefined) return false;
  return Number(first) > major || (Number(first) === major && Number(second) >= minor);
}

function nameOf(item: unknown): string {
  return textAt(item, 'name') ?? '';
}

function claimOf(volume: unknown): string | undefined {
  return textAt(volume, 'persistentVolumeClaim', 'claimName') ?? textAt(volume, 'dataVolume', 'name');
}
