import type { ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import { cut, saying } from '../contract/excerpt.ts';
import { waiting } from '../contract/finding.ts';
import { listAt, textAt } from '../contract/json.ts';
import { claimOfVolume } from './diskhold.ts';
import type { DiskState } from './diskstate.ts';
import { hotpluggedNames, wasOrdered } from './hotplug.ts';
import type { Observed } from './observed.ts';
import type { Finding } from './reasons.ts';
import { guestRuns } from './vmstate.ts';

type Machine = Pick<Observed, 'virtualMachine' | 'virtualMachineInstance'>;
type ToldDisk = NonNullable<ManagedVMStatus['disks']>[number];

/** Bound of status.pluggedIn. */
const MOST_PLUGS = 16;

/** Disks that KubeVirt is plugging into the running guest, or out of it, with its own words. */
export function pluggingFindings(
  managedVM: ManagedVM,
  machine: Machine,
  disks: readonly Pick<DiskState, 'disk' | 'filled'>[],
): readonly Finding[] {
  const { virtualMachine: vm, virtualMachineInstance: vmi } = machine;
  if (vm === undefined || !guestRuns(vmi)) return [];
  const wanted = hotpluggedNames(vm.template);
  const told = new Map(vmi.volumes.map(volume => [volume.name, volume]));
  const coming = disks.flatMap(({ disk, filled }) => {
    const { phase = 'not begun', message = '' } = told.get(disk) ?? {};
    if (!wanted.has(disk) || !filled || phase === 'Ready') return [];
    return [
      waiting('DiskAttaching', `Disk ${disk} is being plugged into the running guest: ${phase}${saying(message)}`),
    ];
  });
  const going = formerDisks(managedVM, machine).map(({ name, claim }) => {
    const { phase = 'Detaching', message = '' } = told.get(name) ?? {};
    const words = `Disk ${name} (claim ${claim}) is being plugged out of the running guest: ${phase}${saying(message)}`;
    return waiting('DiskDetaching', words);
  });
  return [...coming, ...going];
}

/**
 * Disks that were taken out of the order and are still plugged in: the status remembers them until they are out, or what is left of them in
 * the machine would look like a volume that somebody else has plugged in.
 */
export function formerDisks({ spec, status }: ManagedVM, machine: Machine): readonly ToldDisk[] {
  const ordered = new Set(spec.disks.map(({ name }) => name));
  const plugged = new Map(pluggedVolumes(machine).map(volume => [textAt(volume, 'name'), claimOfVolume(volume)]));
  return (status?.disks ?? [])
    .filter(({ name, claim }) => !ordered.has(name) && plugged.get(name) === claim)
    .map(disk => ({ ...disk, phase: 'Detaching' }));
}

/** Volumes that somebody has plugged in beside the order: they stay, and are told. */
export function pluggedBeside(managedVM: ManagedVM, { virtualMachine: vm }: Machine) {
  const ordered = new Set(managedVM.spec.disks.map(({ name }) => name));
  const plugged = hotpluggedNames(vm?.template);
  return listAt(vm?.template, 'volumes')
    .filter(volume => {
      const name = textAt(volume, 'name') ?? '';
      return plugged.has(name) && !ordered.has(name) && !wasOrdered(managedVM, volume);
    })
    .slice(0, MOST_PLUGS)
    .map(volume => ({
      name: cut(textAt(volume, 'name') ?? '', 63),
      claim: cut(claimOfVolume(volume) ?? '', 253),
    }));
}

function pluggedVolumes({ virtualMachine: vm, virtualMachineInstance: vmi }: Machine): readonly unknown[] {
  return [vm?.template, vmi?.spec].flatMap(spec => {
    const names = hotpluggedNames(spec);
    return listAt(spec, 'volumes').filter(volume => names.has(textAt(volume, 'name') ?? ''));
  });
}
