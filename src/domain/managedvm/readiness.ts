import type { ManagedVM } from '../../api/managedvm.ts';
import { applied, applyProblems, missing } from '../contract/applyproblems.ts';
import type { ConditionInput } from '../contract/condition.ts';
import { type Finding, failed, gravest, type Verdict, waiting } from '../contract/finding.ts';
import { entitlements } from '../contract/service-levels.ts';
import type { DiskState } from '../machine/diskstate.ts';
import { keyFinding } from '../machine/guestkeys.ts';
import { orderProblem } from '../machine/order.ts';
import type { PendingChange } from '../machine/restartdiff.ts';
import { generationObserved, type MachineState } from '../machine/vmstate.ts';
import { MONITORING_KINDS } from '../monitoring/monitored.ts';
import type { AssessInput } from './assess.ts';

type Facts = AssessInput & {
  readonly disks: readonly DiskState[];
  readonly machine: MachineState;
  readonly agent: Verdict;
  readonly changes: readonly PendingChange[];
};

/** Why an order is not carried out, by the promise that it stands in the way of. */
export type Obstacles = {
  readonly provisioning: readonly Finding[];
  readonly running: readonly Finding[];
  readonly monitoring: readonly Finding[];
  readonly backup: readonly Finding[];
};

/** Kinds of children that the machine consists of. */
const MACHINE_KINDS = ['Secret', 'DataVolume', 'PersistentVolumeClaim', 'VirtualMachine'] as const;

export function obstaclesOf(facts: Facts): Obstacles {
  const { managedVM, observed, outcomes, disks, machine, agent, changes } = facts;
  const problem = orderProblem(managedVM, observed);
  if (problem) return { provisioning: [problem], running: [], monitoring: [], backup: [] };
  const provisioning = [
    ...(observed.installed.kubevirt ? [] : [missing('VirtualMachine')]),
    ...(observed.installed.cdi || disks.length === 0 ? [] : [missing('DataVolume')]),
    ...applyProblems(outcomes, MACHINE_KINDS),
    ...disks.flatMap(disk => disk.finding ?? []),
    ...asList(keyFinding(managedVM, observed)),
    ...(observed.virtualMachine ? [] : [waiting('Provisioning', 'The VirtualMachine does not exist yet.')]),
  ];
  // Why a disk is not there is said by the disk; that the machine misses it follows from it.
  const follows = machine.reason === 'DiskMissing' && provisioning.length > 0;
  return {
    provisioning,
    running: observed.virtualMachine
      ? [
          ...(follows ? [] : machineFindings(facts, machine)),
          ...agentFindings(agent),
          ...changeFindings(facts, changes),
        ]
      : [],
    monitoring: monitoringFindings(facts),
    backup: backupFindings(facts),
  };
}

function asList(finding: Finding | undefined): readonly Finding[] {
  return finding === undefined ? [] : [finding];
}

function machineFindings({ observed }: Facts, { standing, reason, message }: MachineState): readonly Finding[] {
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

function changeFindings({ managedVM, observed }: Facts, changes: readonly PendingChange[]): readonly Finding[] {
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
    ...(restarts
      ? [
          waiting(
            'Restarting',
            `${changes.length} changed settings need a restart; spec.restartPolicy is Automatic, so Steward restarts the VM.`,
          ),
        ]
      : []),
  ];
}

function monitoringFindings({ managedVM, observed, outcomes }: Facts): readonly Finding[] {
  if (!entitlements(managedVM.spec.serviceLevel).monitoring) return [];
  const operator = observed.installed.prometheusOperator ? [] : [missing('ServiceMonitor')];
  const problems = [...operator, ...applyProblems(outcomes, MONITORING_KINDS)];
  if (problems.length > 0 || applied(outcomes, 'ServiceMonitor')) return problems;
  return [waiting('MonitoringPending', 'The ServiceMonitor of the VM is not in place yet.')];
}

function backupFindings({ managedVM, observed, outcomes, backup }: Facts): readonly Finding[] {
  const policy = managedVM.spec.backupPolicyRef;
  if (policy === undefined) return [];
  const name = `${policy.kind} ${policy.name}`;
  const refused = applyProblems(outcomes, ['Schedule']);
  const told = backup?.condition.status === 'False' ? ` ${backup.condition.message}` : '';
  return [
    ...(observed.installed.velero ? [] : [missing('Schedule')]),
    ...(observed.backupPolicyFound === false
      ? [failed('PolicyNotFound', `${name} (spec.backupPolicyRef) does not exist.`)]
      : []),
    ...refused,
    ...(applied(outcomes, 'Schedule') || refused.length > 0
      ? []
      : [(told === '' ? waiting : failed)('BackupsNotScheduled', `No Velero Schedule is made from ${name}.${told}`)]),
  ];
}

/** How many changed settings wait for a restart, and how many for somebody who makes them in the guest. */
type Waiting = { readonly restart: number; readonly inGuest: number };

/**
 * Ready, Reconciling and Stalled, as kstatus reads them (cli-utils pkg/kstatus/status/generic.go): Stalled is a failure,
 * Reconciling is progress. Both are always there, False when fine, so that a watcher can wait for either value and
 * lastTransitionTime tells when a stall ended; never are both True. A broken promise is no stall: it leaves all three alone.
 */
export function readiness(
  managedVM: ManagedVM,
  machine: MachineState,
  disks: readonly DiskState[],
  obstacles: Obstacles,
  waiting: Waiting,
): readonly ConditionInput[] {
  const all = [...obstacles.provisioning, ...obstacles.running, ...obstacles.monitoring, ...obstacles.backup];
  const first = gravest(all);
  if (first === undefined)
    return [ready(managedVM, machine, disks, waiting), settled('Reconciling'), settled('Stalled')];
  const message = [first, ...all.filter(other => other.reason !== first.reason && other.standing === 'failed')]
    .map(finding => finding.message)
    .slice(0, 3)
    .join(' ');
  const { reason } = first;
  const because = (type: string, status: ConditionInput['status']): ConditionInput => ({
    type,
    status,
    reason,
    message,
  });
  const stalls = first.standing === 'failed';
  return [
    because('Ready', reason === 'KindNotReadable' ? 'Unknown' : 'False'),
    stalls ? settled('Reconciling') : because('Reconciling', 'True'),
    stalls ? because('Stalled', 'True') : settled('Stalled'),
  ];
}

function ready(
  { spec }: ManagedVM,
  machine: MachineState,
  disks: readonly DiskState[],
  { restart, inGuest }: Waiting,
): ConditionInput {
  const reason = spec.powerState === 'Stopped' ? 'Stopped' : 'Running';
  const filled = disks.filter(disk => disk.filled).length;
  const later = restart === 0 ? '' : ` ${restart} changed settings wait for a restart: see RestartPending.`;
  const inside = inGuest === 0 ? '' : ` ${inGuest} changed settings have not reached the guest: see Configured.`;
  const message = `${machine.message} ${filled} of ${disks.length} disks are filled.${later}${inside}`;
  return { type: 'Ready', status: 'True', reason, message };
}

function settled(type: 'Reconciling' | 'Stalled'): ConditionInput {
  const message = type === 'Stalled' ? 'Nothing waits for somebody to act.' : 'Nothing is under way.';
  return { type, status: 'False', reason: 'Settled', message };
}
