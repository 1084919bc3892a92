import type { ManagedVM } from '../../api/managedvm.ts';
import { type DiskState, disksOf } from './diskstate.ts';
import type { MachineFacts } from './facts.ts';
import { agentConnected } from './guestagent.ts';
import type { Observed } from './observed.ts';
import type { Verdict } from './reasons.ts';
import { type PendingChange, pendingChanges } from './restartdiff.ts';
import { type MachineState, machineState } from './vmstate.ts';

type Seen = Observed & Pick<MachineFacts, 'turningBack' | 'exchange'>;

/** What the machine is doing, and whether the agent in its guest answers. */
export type GuestView = { readonly state: MachineState; readonly agent: Verdict };

/** How the machine stands, as its conditions look at it. */
export type MachineView = GuestView & {
  readonly disks: readonly DiskState[];
  /** What a restart would bring. */
  readonly changes: readonly PendingChange[];
};

export function machineView(managedVM: ManagedVM, observed: Seen, now: Date): MachineView {
  const { virtualMachine, virtualMachineInstance: vmi, claims } = observed;
  const { state, agent } = guestView(managedVM, observed, now);
  return {
    disks: disksOf(managedVM, observed, now),
    state,
    agent,
    changes: pendingChanges(virtualMachine, vmi, claims),
  };
}

export function guestView(managedVM: ManagedVM, observed: Seen, now: Date): GuestView {
  const state = machineState({
    ...observed,
    powerState: managedVM.spec.powerState,
    newRoot: managedVM.status?.newRoot,
  });
  return { state, agent: agentConnected(managedVM, observed.virtualMachineInstance, state, now) };
}
