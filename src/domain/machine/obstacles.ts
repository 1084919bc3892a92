import type { ManagedVM } from '../../api/managedvm.ts';
import { failed, waiting } from '../contract/finding.ts';
import { applyProblems, missing, type Outcome } from '../contract/outcome.ts';
import { CDI, CHILD_KINDS, KUBEVIRT } from './childkinds.ts';
import { keyFinding } from './guestkeys.ts';
import type { Observed } from './observed.ts';
import { orderProblem } from './order.ts';
import { pluggingFindings } from './plugging.ts';
import type { Finding, Verdict } from './reasons.ts';
import type { PendingChange } from './restartdiff.ts';
import type { MachineView } from './view.ts';
import { generationObserved, type MachineState } from './vmstate.ts';

/** Why the order is not carried out: what stands in the way of the machine, and of its running. */
export type Obstacles = { readonly provisioning: readonly Finding[]; readonly running: readonly Finding[] };

type Facts = MachineView & {
  readonly managedVM: ManagedVM;
  readonly observed: Observed;
  readonly outcomes: readonly Outcome[];
};

export function machineObstacles(facts: Facts): Obstacles {
  const { managedVM, observed, outcomes, disks, state, agent } = facts;
  const problem = orderProblem(managedVM, observed);
  if (problem) return { provisioning: [problem], running: [] };
  const keys = keyFinding(managedVM, observed);
  const provisioning = [
    ...(observed.installed.kubevirt ? [] : [missing('VirtualMachine', KUBEVIRT)]),
    ...(observed.installed.cdi || disks.length === 0 ? [] : [missing('DataVolume', CDI)]),
    ...applyProblems(outcomes, CHILD_KINDS),
    ...disks.flatMap(disk => disk.finding ?? []),
    ...(keys === undefined ? [] : [keys]),
    ...(observed.virtualMachine ? [] : [waiting('Provisioning', 'The VirtualMachine does not exist yet.')]),
  ];
  if (observed.virtualMachine === undefined) return { provisioning, running: [] };
  // Why a disk is not there is said by the disk; that the machine misses it follows from it.
  const follows = state.reason === 'DiskMissing' && provisioning.length > 0;
  return {
    provisioning,
    running: [
      ...(follows ? [] : stateFindings(facts, state)),
      ...agentFindings(agent),
      ...changeFindings(facts),
      ...pluggingFindings(managedVM, observed, disks),
    ],
  };
}

function stateFindings({ observed }: Facts, { standing, reason, message }: MachineState): readonly Finding[] {
  const restoring = observed.virtualMachine?.restoreInProgress;
  return [
    ...(standing === 'ok' ? [] : [{ standing, reason, message }]),
    ...(restoring === undefined
      ? []
      : [waiting('RestoreInProgress', `VirtualMachineRestore ${restoring} restores the VM now.`)]),
  ];
}

function agentFindings({ reason, message }: Verdict): readonly Finding[] {
  if (reason === 'AgentStarting') return [waiting(reason, message)];
  return reason === 'AgentNotConnected' ? [failed(reason, message)] : [];
}

function changeFindings({ managedVM, observed, changes }: Facts): readonly Finding[] {
  const { virtualMachine: vm, virtualMachineInstance: vmi } = observed;
  const unseen = vm !== undefined && !generationObserved(vm, vmi);
  const restarts = changes.length > 0 && managedVM.spec.restartPolicy === 'Automatic';
  return [
    ...(unseen
      ? [
          waiting(
            'SpecNotObserved',
            `KubeVirt has not looked at generation ${vm.generation} of VirtualMachine ${vm.name} yet.`,
          ),
        ]
      : []),
    ...(restarts ? [waiting('Restarting', restartsSoon(changes))] : []),
  ];
}

function restartsSoon(changes: readonly PendingChange[]): string {
  return `${changes.length} changed settings need a restart; spec.restartPolicy is Automatic, so Steward restarts the VM.`;
}
