import { at, isFields, listAt, textAt } from '../contract/json.ts';

type Fields = Record<string, unknown>;

/** Volumes that somebody plugs into a machine beside its order (`virtctl addvolume`), with their disks. */
export type Hotplugged = { readonly volumes: readonly Fields[]; readonly disks: readonly Fields[] };

/**
 * What was plugged into a VirtualMachine to stay there: it is not of the order, and is neither taken out nor a reason to restart.
 * `ordered`: names of volumes that are the order's, however they are marked.
 */
export function hotplugged(virtualMachine: unknown, ordered: ReadonlySet<string>): Hotplugged {
  const template = at(virtualMachine, 'spec', 'template', 'spec');
  const plugged = hotpluggedNames(template);
  const isPlugged = (item: unknown): item is Fields => {
    const name = textAt(item, 'name');
    return isFields(item) && name !== undefined && plugged.has(name) && !ordered.has(name);
  };
  return {
    volumes: listAt(template, 'volumes').filter(isPlugged),
    disks: listAt(template, 'domain', 'devices', 'disks').filter(isPlugged),
  };
}

/** Names of the volumes of a machine's or an instance's spec that KubeVirt plugs in while the guest runs. */
export function hotpluggedNames(spec: unknown): ReadonlySet<string> {
  const plugged = listAt(spec, 'volumes').filter(volume =>
    ['dataVolume', 'persistentVolumeClaim'].some(source => at(volume, source, 'hotpluggable') === true),
  );
  return new Set(plugged.map(volume => textAt(volume, 'name') ?? ''));
}
