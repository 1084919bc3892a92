import type { ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import { cut } from '../contract/excerpt.ts';
import { adoptedRecord } from './adoption.ts';
import type { DiskState } from './diskstate.ts';
import type { FirstBoot } from './firstboot/delivery.ts';
import { operatingSystemName } from './lifecycle.ts';
import type { Observed } from './observed.ts';
import { orderProblem } from './order.ts';
import { formerDisks, pluggedBeside } from './plugging.ts';
import type { MachineView } from './view.ts';

type Facts = MachineView & {
  readonly managedVM: ManagedVM;
  readonly observed: Observed;
  readonly firstBoot: FirstBoot | undefined;
  readonly now: Date;
};

/** What the status says of the machine. */
export function machineStatus(facts: Facts): Omit<ManagedVMStatus, 'conditions'> {
  const { managedVM, observed, disks, changes, firstBoot } = facts;
  const { operatingSystem, virtualMachine, virtualMachineInstance: vmi } = observed;
  const adopted = adoptedRecord(managedVM, observed, facts.now);
  const told = [...disks.map(diskStatus), ...formerDisks(managedVM, observed)];
  const beside = pluggedBeside(managedVM, observed);
  const guest = Object.entries(observed.guest ?? {}).filter(([, value]) => value !== undefined);
  return {
    ...(managedVM.metadata.generation !== undefined && { observedGeneration: managedVM.metadata.generation }),
    ...(operatingSystem && { operatingSystem: cut(operatingSystemName(operatingSystem), 80) }),
    state: stateOf(facts),
    ...(virtualMachine && {
      virtualMachine: {
        name: cut(virtualMachine.name, 253),
        ...(virtualMachine.uid && { uid: cut(virtualMachine.uid, 64) }),
      },
    }),
    ...(adopted && { adopted }),
    ...(vmi?.node !== undefined && { node: cut(vmi.node, 253) }),
    ...(vmi && vmi.addresses.length > 0 && { addresses: vmi.addresses.slice(0, 16) }),
    ...(guest.length > 0 && { guest: Object.fromEntries(guest) }),
    ...(told.length > 0 && { disks: told.slice(0, 16) }),
    ...(beside.length > 0 && { pluggedIn: beside }),
    ...(firstBoot && { firstBoot }),
    ...(changes.length > 0 && { pendingChanges: [...changes] }),
  };
}

/** A disk that stands in the way says more than the machine that waits for it. */
function stateOf({ managedVM, observed, state, disks }: Facts): string {
  if (observed.virtualMachine === undefined && orderProblem(managedVM, observed)) return 'Blocked';
  const inTheWay = disks.find(disk => disk.finding?.standing === 'failed')?.finding;
  return state.standing === 'waiting' && inTheWay ? inTheWay.reason : state.state;
}

function diskStatus({
  disk,
  claim,
  capacity,
  phase,
  memory,
}: DiskState): NonNullable<ManagedVMStatus['disks']>[number] {
  return {
    name: disk,
    claim: cut(claim, 253),
    ...(capacity !== undefined && { capacity: cut(capacity, 40) }),
    phase,
    ...(memory && { claimUID: memory.claimUID, filledAt: memory.filledAt }),
  };
}
