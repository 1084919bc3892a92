import type { Adopted } from '../../api/adoption.ts';
import type { Disk } from '../../api/disk.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { Child } from '../contract/child.ts';
import { at, type Fields, fields, isFields, listAt, numberAt, textAt } from '../contract/json.ts';
import { identityOf } from './adoption.ts';
import { claimOfVolume } from './diskhold.ts';
import { NETWORKS_ANNOTATION } from './firstboot/networksettings.ts';

type Input = { readonly managedVM: ManagedVM; readonly virtualMachine?: unknown };

/** Name of the volume with which a guest that Steward makes is born. */
const FIRST_BOOT = 'first-boot';

/**
 * The VirtualMachine of an order that has taken one over: what the order decides is as ordered, and all else stays as it was found, so that
 * nothing waits for a restart which the order does not say. Its guest keeps its identity, also where the machine has to be made again.
 */
export function asAdopted(rendered: Child, input: Input): Child {
  const { preference, ...spec } = fields(rendered.spec);
  const template = withoutNetworks(fields(spec.template));
  const live = fields(at(input.virtualMachine, 'spec', 'template', 'spec'));
  const kept = input.managedVM.status?.adopted ?? identityOfLive(input.virtualMachine);
  const known =
    kept.preference === undefined ? {} : { preference: { ...fields(preference), ...named(kept.preference) } };
  return {
    ...rendered,
    spec: { ...spec, ...known, template: { ...template, spec: settled(fields(template.spec), live, kept, input) } },
  };
}

/** How networks are set at the start stands in the drive of the first boot, which the machine has not: there the guest worker sets them. */
function withoutNetworks(template: Fields): Fields {
  const { annotations, ...metadata } = fields(template.metadata);
  const { [NETWORKS_ANNOTATION]: _, ...others } = fields(annotations);
  return { ...template, metadata: { ...metadata, ...(Object.keys(others).length > 0 && { annotations: others }) } };
}

function named(name: string) {
  return { kind: 'VirtualMachineClusterPreference', name };
}

function identityOfLive(machine: unknown): Omit<Adopted, 'uid' | 'at'> {
  const template = fields(at(machine, 'spec', 'template', 'spec'));
  return identityOf({ template, preference: textAt(machine, 'spec', 'preference', 'name') });
}

type Kept = Omit<Adopted, 'uid' | 'at'>;

function settled(wanted: Fields, live: Fields, kept: Kept, { managedVM }: Input): Fields {
  const domain = fields(wanted.domain);
  const devices = fields(domain.devices);
  const had = fields(at(live, 'domain', 'devices'));
  const isThere = Object.keys(live).length > 0;
  const extra = extraVolumes(live, managedVM);
  const names = new Set(extra.map(volume => textAt(volume, 'name')));
  const { rng, ...others } = devices;
  const cpu = topology(domain.cpu, at(live, 'domain', 'cpu'), isThere);
  const { cpu: _, ...rest } = domain;
  return {
    ...(isThere ? omitted(wanted, STAYS) : wanted),
    ...stays(live, STAYS),
    domain: {
      ...rest,
      ...(cpu !== undefined && { cpu }),
      ...firmware(domain.firmware, kept),
      ...(kept.machineType !== undefined && { machine: { type: kept.machineType } }),
      devices: {
        ...others,
        ...(rng !== undefined && (!isThere || had.rng !== undefined) && { rng }),
        disks: [
          ...without(devices.disks, FIRST_BOOT).map(disk => device(disk, listAt(had, 'disks'), managedVM.spec.disks)),
          ...listAt(had, 'disks').filter(disk => names.has(textAt(disk, 'name'))),
        ],
        interfaces: listAt(devices, 'interfaces').map(each => networkInterface(each, wanted, live, kept)),
      },
    },
    networks: listAt(wanted, 'networks').map(network => sameNetwork(network, live) ?? network),
    volumes: [...without(wanted.volumes, FIRST_BOOT), ...extra],
  };
}

/** What was there before anybody ordered it: cloud-init of its own, configuration, scratch disks. What holds a claim is a disk, and ordered. */
function extraVolumes(live: Fields, managedVM: ManagedVM): readonly unknown[] {
  const ordered = new Set(managedVM.spec.disks.map(({ name }) => name));
  return listAt(live, 'volumes').filter(
    volume => claimOfVolume(volume) === undefined && !ordered.has(textAt(volume, 'name') ?? ''),
  );
}

function firmware(wanted: unknown, { firmwareUUID, firmwareSerial }: Kept): Fields {
  if (firmwareUUID === undefined && firmwareSerial === undefined) return {};
  const { uuid: _, serial: __, ...ordered } = fields(wanted);
  return {
    firmware: {
      ...ordered,
      ...(firmwareUUID !== undefined && { uuid: firmwareUUID }),
      ...(firmwareSerial !== undefined && { serial: firmwareSerial }),
    },
  };
}

/** As many CPUs as ordered, in whatever sockets and cores the machine has them, are as ordered. */
function topology(wanted: unknown, had: unknown, isThere: boolean): unknown {
  if (!isThere || wanted === undefined || cpus(wanted) !== cpus(had)) return wanted;
  const kept = ['cores', 'sockets', 'threads'].flatMap((field): [string, unknown][] => {
    const count = numberAt(had, field);
    return count === undefined ? [] : [[field, count]];
  });
  const features = at(wanted, 'features');
  if (features !== undefined) kept.push(['features', features]);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function cpus(topologyOf: unknown): number {
  return ['cores', 'sockets', 'threads'].reduce((product, field) => product * (numberAt(topologyOf, field) ?? 1), 1);
}

/** A device of which the order says nothing stays as it is. */
function device(wanted: unknown, had: readonly unknown[], ordered: readonly Disk[]): unknown {
  const name = textAt(wanted, 'name');
  const before = had.find(disk => textAt(disk, 'name') === name);
  const order = ordered.find(disk => disk.name === name);
  if (!isFields(before) || order === undefined) return wanted;
  if (order.device === undefined && order.cdrom === undefined && order.readOnly === undefined) return before;
  const { serial, ...rest } = fields(wanted);
  return order.device?.serial === undefined && before.serial === undefined ? rest : { ...rest, serial };
}

/** An interface on the same network stays as it is. */
function networkInterface(wanted: unknown, template: Fields, live: Fields, { interfaces = [] }: Kept): unknown {
  const name = textAt(wanted, 'name');
  const network = listAt(template, 'networks').find(each => textAt(each, 'name') === name);
  const before = listAt(live, 'domain', 'devices', 'interfaces').find(each => textAt(each, 'name') === name);
  if (sameNetwork(network, live) !== undefined && isFields(before)) return before;
  const macAddress = interfaces.find(each => each.name === name)?.macAddress;
  return { ...fields(wanted), ...(macAddress !== undefined && { macAddress }) };
}

/** The machine's own network of that name, if it leads to the same place. */
function sameNetwork(wanted: unknown, live: Fields): unknown {
  const had = listAt(live, 'networks').find(network => textAt(network, 'name') === textAt(wanted, 'name'));
  if (had === undefined) return undefined;
  const [before, after] = [had, wanted].map(network => textAt(network, 'multus', 'networkName'));
  const onPods = at(had, 'pod') !== undefined && at(wanted, 'pod') !== undefined;
  return onPods || (after !== undefined && before === after) ? had : undefined;
}

function without(items: unknown, name: string): readonly unknown[] {
  return Array.isArray(items) ? items.filter(item => textAt(item, 'name') !== name) : [];
}

/** What the order says nothing of, whether the machine has it or not. */
const STAYS = ['evictionStrategy', 'terminationGracePeriodSeconds'] as const;

function omitted(wanted: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => !names.includes(name)));
}

function stays(live: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.flatMap(name => (live[name] === undefined ? [] : [[name, live[name]]])));
}
