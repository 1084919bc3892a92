import type { ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import { applied, type Outcome } from '../contract/applyproblems.ts';
import { type ConditionInput, earliest } from '../contract/condition.ts';
import { bounded, cut } from '../contract/excerpt.ts';
import type { Verdict } from '../contract/finding.ts';
import type { ConditionType } from '../contract/reasons.ts';
import { asFarAsReadable, lastKnown, machineUnreadable } from '../contract/unreadable.ts';
import { configured, outdated } from '../machine/configured.ts';
import { type DiskState, disksOf } from '../machine/diskstate.ts';
import { type FirstBoot, recordFirstBoot } from '../machine/firstboot/delivery.ts';
import { agentConnected } from '../machine/guestagent.ts';
import { givenKeys } from '../machine/guestkeys.ts';
import { operatingSystemName } from '../machine/lifecycle.ts';
import type { Observed } from '../machine/observed.ts';
import { orderProblem } from '../machine/order.ts';
import { type PendingChange, pendingChanges } from '../machine/restartdiff.ts';
import { supported } from '../machine/supported.ts';
import { type MachineState, machineState } from '../machine/vmstate.ts';
import { eventsMonitored, monitored } from '../monitoring/monitored.ts';
import { pausedReadiness } from './paused.ts';
import * as promises from './promises.ts';
import { obstaclesOf, readiness } from './readiness.ts';

/** What an assessment is made from: the order, what was read, and how applying its children went. */
export type AssessInput = {
  readonly managedVM: ManagedVM;
  readonly observed: Observed;
  readonly outcomes: readonly Outcome[];
  /** The assessment of the backups, made by backupCompliance. */
  readonly backup?:
    | {
        readonly condition: ConditionInput;
        readonly backup?: ManagedVMStatus['backup'];
        readonly nextEdge?: Date | undefined;
      }
    | undefined;
  readonly now: Date;
};

export type Assessment = {
  readonly status: Omit<ManagedVMStatus, 'conditions'>;
  readonly conditions: readonly ConditionInput[];
  /** When time alone changes the assessment. */
  readonly requeueAt?: Date;
};

/** The status of a ManagedVM: pure and total, the same facts give the same status. Every condition type is always there. */
export function assess(input: AssessInput): Assessment {
  const { managedVM, observed, outcomes, backup, now } = input;
  const disks = disksOf(managedVM, observed, now);
  const machine = machineState({ ...observed, powerState: managedVM.spec.powerState });
  const agent = agentConnected(managedVM, observed.virtualMachineInstance, machine, now);
  const changes = pendingChanges(observed.virtualMachine, observed.virtualMachineInstance, observed.claims);
  const support = supported(observed, now);
  const obstacles = obstaclesOf({ ...input, disks, machine, agent, changes });

  const watched = monitored({ managedVM, observed, outcomes, obstacles: obstacles.monitoring, agent, now });

  const firstBoot = recordFirstBoot({ managedVM, observed, outcomes, disks });

  const promised: readonly ConditionInput[] = [
    { type: 'Supported', ...(support ?? unsupported(managedVM, observed)) },
    condition('Provisioned', promises.provisioned(observed, disks, obstacles.provisioning)),
    condition('Available', promises.available(managedVM, observed, machine, agent)),
    condition('AgentConnected', agent),
    condition('Monitored', watched),
    condition('EventsMonitored', eventsMonitored(managedVM)),
    condition('Configured', configured({ managedVM, observed, firstBoot })),
    condition('PatchCompliant', promises.patchCompliant(managedVM, observed)),
    backup?.condition ?? condition('BackupCompliant', backupNotAssessed(managedVM)),
    condition('RestoreVerified', promises.restoreVerified(managedVM)),
    condition('RestartPending', promises.restartPending(managedVM, observed, changes)),
  ].map(said => asFarAsReadable(said, observed.unreadable));
  const { paused } = managedVM.spec;
  const ready = readiness(managedVM, machine, disks, obstacles, {
    restart: changes.length,
    inGuest: outdated({ managedVM, observed, firstBoot }).length,
  });
  const conditions = [
    ...(paused === undefined ? ready : pausedReadiness(paused.reason, ready)),
    ...promised,
    condition('SLACompliant', promises.slaCompliant(managedVM, promised)),
  ];
  const requeueAt = earliest(support?.nextEdge, agent.nextEdge, watched.nextEdge, backup?.nextEdge);
  return {
    status: statusOf(input, machine, disks, changes, firstBoot),
    conditions: conditions.map(plain),
    ...(requeueAt && { requeueAt }),
  };
}

function condition(type: ConditionType, verdict: Verdict): ConditionInput {
  return { type, ...verdict };
}

/** Only the four fields of a condition, within their bounds. */
function plain({ type, status, reason, message }: ConditionInput): ConditionInput {
  return { type, status, reason, message: bounded(message) };
}

function unsupported(managedVM: ManagedVM, observed: Observed): Verdict {
  const message = orderProblem(managedVM, observed)?.message ?? 'The operating system is not known.';
  return { status: 'Unknown', reason: 'OperatingSystemNotFound', message };
}

function backupNotAssessed({ spec }: ManagedVM): Verdict {
  return spec.backupPolicyRef === undefined
    ? {
        status: 'Unknown',
        reason: 'NotIncluded',
        message: 'No backup was ordered: spec.backupPolicyRef names no policy.',
      }
    : { status: 'Unknown', reason: 'NotObserved', message: 'The backups of the VM have not been assessed yet.' };
}

function statusOf(
  input: AssessInput,
  machine: MachineState,
  disks: readonly DiskState[],
  changes: readonly PendingChange[],
  firstBoot: FirstBoot | undefined,
): Assessment['status'] {
  const { managedVM, observed, outcomes, backup } = input;
  if (machineUnreadable(observed.unreadable)) return lastKnown(managedVM);
  const keys = givenKeys(managedVM, observed, applied(outcomes, 'Secret'));
  const { operatingSystem, virtualMachine, virtualMachineInstance: vmi } = observed;
  const guest = Object.entries(observed.guest ?? {}).filter(([, value]) => value !== undefined);
  return {
    ...(managedVM.metadata.generation !== undefined && { observedGeneration: managedVM.metadata.generation }),
    ...(operatingSystem && { operatingSystem: cut(operatingSystemName(operatingSystem), 80) }),
    state: stateOf(input, machine, disks),
    ...(virtualMachine && {
      virtualMachine: {
        name: cut(virtualMachine.name, 253),
        ...(virtualMachine.uid && { uid: cut(virtualMachine.uid, 64) }),
      },
    }),
    ...(vmi?.node !== undefined && { node: cut(vmi.node, 253) }),
    ...(vmi && vmi.addresses.length > 0 && { addresses: vmi.addresses.slice(0, 16) }),
    ...(guest.length > 0 && { guest: Object.fromEntries(guest) }),
    ...(disks.length > 0 && { disks: disks.slice(0, 16).map(diskStatus) }),
    ...(firstBoot && { firstBoot }),
    ...(keys && { keys }),
    ...(changes.length > 0 && { pendingChanges: [...changes] }),
    ...(backup?.backup && { backup: backup.backup }),
  };
}

/** A disk that stands in the way says more than the machine that waits for it. */
function stateOf({ managedVM, observed }: AssessInput, machine: MachineState, disks: readonly DiskState[]): string {
  if (observed.virtualMachine === undefined && orderProblem(managedVM, observed)) return 'Blocked';
  const inTheWay = disks.find(disk => disk.finding?.standing === 'failed')?.finding;
  return machine.standing === 'waiting' && inTheWay ? inTheWay.reason : machine.state;
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
