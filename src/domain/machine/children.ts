import type { ManagedVM } from '../../api/managedvm.ts';
import type { LiveObject } from '../contract/child.ts';
import type { Accepted, Wanted } from '../contract/promise.ts';
import { asAdopted } from './adoptedmachine.ts';
import { isAdopted, isConsentedTo } from './adoption.ts';
import { mayStart } from './diskhold.ts';
import { outlives, ROOT_DISK, renderDisks, renderNewRoot } from './disks.ts';
import type { OfMachine } from './facts.ts';
import { firstBootChild, firstBootSecret } from './firstboot/firstboot.ts';
import { isBeside, isOffFor } from './rootplace.ts';
import { renderVirtualMachine } from './virtualmachine.ts';
import { guestRuns } from './vmstate.ts';

/** One that was taken over keeps what the order does not decide; it may be taken where the order consents to exactly that one. */
function machineChild(
  input: Parameters<typeof renderVirtualMachine>[0],
  machine: OfMachine['machine'],
): Wanted['apply'][number] {
  const rendered = renderVirtualMachine(input);
  const { managedVM, virtualMachine } = input;
  if (!isAdopted(managedVM, machine)) return rendered;
  const adopt = (live: LiveObject) => machine.adopting && isConsentedTo(managedVM, live);
  return { object: asAdopted(rendered, { managedVM, virtualMachine }), adopt };
}

/** The VirtualMachine, its disks, and what its first boot is given. */
export function machineChildren({ managedVM, operatingSystem, facts }: Accepted<OfMachine>): Wanted {
  const { claims, holds, live, virtualMachineInstance: vmi, turningBack, exchange, plugs, sources } = facts.machine;
  const { virtualMachine, dataVolumes, keys } = live;
  const runningSpec = guestRuns(vmi) ? vmi.spec : undefined;
  const input = {
    managedVM,
    operatingSystem,
    holds,
    ...live,
    runningSpec,
    plugs,
    sources,
    isOff: turningBack?.isOff === true || exchange !== undefined || isOffFor(managedVM.status?.newRoot),
  };
  const disks = renderDisks(input);
  return {
    apply: [
      // A machine that was never made is not made on disks that are lost or nobody's.
      ...(virtualMachine || mayStart(holds) ? [machineChild(input, facts.machine)] : []),
      ...disks.dataVolumes,
      ...disks.growth,
      ...newRootChild(managedVM, facts),
      ...(keys ? [firstBootChild({ ...input, keys }, claims)] : []),
    ],
    keep: [
      // What is in a disk is never thrown away because its entry has changed; only taking the entry out ends it.
      ...dataVolumes,
      // The last copy of what the guest knows.
      ...(keys ? [] : [firstBootSecret(managedVM)]),
    ],
  };
}

/** Until it is exchanged it goes with the order, and with what it is made for: no guest has seen it. */
function newRootChild(managedVM: ManagedVM, facts: OfMachine): Wanted['apply'] {
  const { newRoot } = managedVM.status ?? {};
  const { operatingSystem, dataVolume, after } = facts.machine.newRoot ?? {};
  if (!isBeside(newRoot) || operatingSystem === undefined) return [];
  // A claim without its DataVolume is not made by us, or not ours any more.
  if (dataVolume === undefined && after !== undefined) return [];
  const root = managedVM.spec.disks.find(({ name }) => name === ROOT_DISK);
  const object = renderNewRoot({ managedVM, operatingSystem }, newRoot.after.claim, dataVolume);
  // As the disk that it becomes: a reference that is taken off later might take the disk along.
  return [{ object, ownerReference: root !== undefined && !outlives(root, managedVM) }];
}
