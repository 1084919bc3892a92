import type { NewRoot } from '../../api/newroot.ts';
import { excerpt, quotaRefusal, saying } from '../contract/excerpt.ts';
import { failed, type Standing, waiting } from '../contract/finding.ts';
import type { Exchange } from './exchanging.ts';
import {
  conditionOf,
  type ForeignCondition,
  holds,
  type VirtualMachine,
  type VirtualMachineInstance,
} from './observedvm.ts';
import type { Finding, Reason } from './reasons.ts';
import { isOffFor } from './rootplace.ts';
import type { TurningBack } from './turningback.ts';

export type MachineFacts = {
  readonly virtualMachine: VirtualMachine | undefined;
  readonly virtualMachineInstance: VirtualMachineInstance | undefined;
  readonly powerState: 'Running' | 'Stopped';
  /** How a PatchRun turns it back to the snapshot before; undefined: none ever did. */
  readonly turningBack?: TurningBack | undefined;
  /** How a Restore exchanges its disks; undefined: none does now. */
  readonly exchange?: Exchange | undefined;
  /** How its root disk is made anew; undefined: it is not. */
  readonly newRoot?: NewRoot | undefined;
};

/** What the machine is doing, as a customer understands it. */
export type MachineState = {
  /** One word for the printer column STATE. */
  readonly state: string;
  readonly standing: Standing;
  readonly reason: Reason;
  readonly message: string;
  /** Facts that are no obstacle but that the customer should know, as sentences. */
  readonly notes: readonly string[];
};

type Context = { readonly vm: VirtualMachine; readonly vmi: VirtualMachineInstance | undefined; readonly name: string };
type Verdict = Omit<MachineState, 'notes'>;

export function machineState({
  virtualMachine: vm,
  virtualMachineInstance: vmi,
  powerState,
  turningBack,
  exchange,
  newRoot,
}: MachineFacts): MachineState {
  if (vm === undefined) {
    return { ...verdict('Pending', waiting('Provisioning', 'The VirtualMachine does not exist yet.')), notes: [] };
  }
  const context: Context = { vm, vmi, name: `VirtualMachine ${vm.name}` };
  const shallRun = () =>
    turnedBack(context, turningBack) ??
    exchanged(context, exchange) ??
    rebuilt(context, newRoot) ??
    whenRunning(context);
  const found = goingAway(context) ?? (powerState === 'Stopped' ? whenStopped(context) : shallRun());
  return { ...found, notes: machineNotes(vm, vmi) };
}

/** It is to run, and off for as long as its disks are exchanged (GE-8). */
function turnedBack({ name }: Context, turning: TurningBack | undefined): Verdict | undefined {
  if (turning?.isOff !== true) return undefined;
  const message = `PatchRun ${turning.run} turns ${name} back to the snapshot that it took before it patched; it is off until then and starts by itself.`;
  return verdict('RollingBack', waiting('RollingBack', message));
}

/** The same while they are exchanged for restored ones (AP-13). */
function exchanged({ name }: Context, exchange: Exchange | undefined): Verdict | undefined {
  if (exchange === undefined) return undefined;
  const message = `Restore ${exchange.restore} exchanges the disks of ${name} for restored ones; it is off until then and starts by itself.`;
  return verdict('Restoring', waiting('Restoring', message));
}

/** The same while a new root disk takes the place of the old one, or gives it back (GE-11). */
function rebuilt({ name }: Context, newRoot: NewRoot | undefined): Verdict | undefined {
  if (newRoot === undefined || !isOffFor(newRoot)) return undefined;
  const message = `ChangeRequest ${newRoot.change.name} exchanges the root disk of ${name}; it is off until then and starts by itself.`;
  return verdict('Rebuilding', waiting('Rebuilding', message));
}

function verdict(state: string, finding: Finding): Verdict {
  return { state, ...finding };
}

function goingAway({ vm, name }: Context): Verdict | undefined {
  if (vm.deletedAt === undefined && vm.printableStatus !== 'Terminating') return undefined;
  const message = `${name} is being deleted by somebody; Steward creates it again as soon as it is gone.`;
  return verdict('Terminating', waiting('Terminating', message));
}

function whenStopped({ vm, vmi, name }: Context): Verdict {
  if (vm.conditions.length === 0) {
    return verdict('Pending', waiting('SpecNotObserved', `KubeVirt has not looked at ${name} yet.`));
  }
  if (vmi === undefined || ended(vmi)) {
    return { state: 'Stopped', standing: 'ok', reason: 'Stopped', message: `${name} is powered off as ordered.` };
  }
  if (vm.printableStatus === 'Stopped') {
    return verdict('Stopping', waiting('Stopping', `${name} has stopped; its last instance is being cleaned up.`));
  }
  return verdict(
    'Stopping',
    waiting('Stopping', `${name} is shutting down as ordered; its guest is ${vmi.phase ?? 'unknown'}.`),
  );
}

function ended(vmi: VirtualMachineInstance): boolean {
  return vmi.phase === 'Succeeded' || vmi.phase === 'Failed';
}

function whenRunning(context: Context): Verdict {
  const { vm, vmi, name } = context;
  const recovery = conditionOf(vm, 'ManualRecoveryRequired');
  if (recovery?.status === 'True') {
    return verdict(
      'Failed',
      failed('ManualRecoveryRequired', `${name} needs manual recovery${saying(recovery.message)}`),
    );
  }
  if (vmi?.phase === 'Unknown') return guestLost(context);
  const refused = notLaunched(context);
  if (refused) return verdict(refused.reason, refused);
  return PRINTABLE.get(vm.printableStatus ?? '')?.(context) ?? stateUnknown(context);
}

function guestLost({ vmi, name }: Context): Verdict {
  const node = vmi?.node === undefined ? 'its node' : `node ${vmi.node}`;
  return verdict('Unknown', failed('GuestLost', `The state of ${name} is unknown: ${node} does not report.`));
}

function stateUnknown({ vm, name }: Context): Verdict {
  const reported = vm.printableStatus === undefined ? 'no state' : `the state ${excerpt(vm.printableStatus, 40)}`;
  return verdict(
    'Unknown',
    waiting('StateUnknown', `KubeVirt reports ${reported} for ${name}, which says nothing about the guest.`),
  );
}

/** One reading per printableStatus of KubeVirt (core/v1 types.go, VirtualMachinePrintableStatus) of a VM that shall run. */
const PRINTABLE: ReadonlyMap<string, (context: Context) => Verdict> = new Map(
  Object.entries<(context: Context) => Verdict>({
    Running: context => running('Running', context),
    Migrating: context => running('Migrating', context),
    Paused: paused,
    Stopping: ({ name }) =>
      verdict(
        'Stopping',
        waiting('Stopping', `${name} is shutting down although it shall run; KubeVirt starts it again.`),
      ),
    Stopped: starting,
    Starting: starting,
    Provisioning: ({ name }) => verdict('Importing', waiting('Importing', `${name} waits for its disks to be filled.`)),
    WaitingForVolumeBinding: ({ name }) =>
      verdict('Starting', waiting('WaitingForVolumeBinding', `${name} waits for its volumes to be bound.`)),
    WaitingForReceiver: ({ name }) =>
      verdict(
        'WaitingForReceiver',
        waiting('WaitingForReceiver', `${name} waits to receive a guest that migrates to it.`),
      ),
    CrashLoopBackOff: ({ vmi, name }) =>
      verdict(
        'CrashLoop',
        failed('CrashLoop', `The guest of ${name} ends again and again soon after its start${endedBecause(vmi)}`),
      ),
    ErrorUnschedulable: ({ vm, vmi, name }) =>
      verdict(
        'Unschedulable',
        failed('Unschedulable', `No node can run ${name}${saying(messageOf('PodScheduled', vmi, vm))}`),
      ),
    ErrorPvcNotFound: ({ vm, vmi, name }) =>
      verdict(
        'DiskMissing',
        failed('DiskMissing', `A disk of ${name} does not exist${saying(messageOf('Synchronized', vmi, vm))}`),
      ),
    DataVolumeError: ({ vm, vmi, name }) =>
      verdict(
        'ImportFailed',
        failed('ImportFailed', `A disk of ${name} cannot be filled${saying(messageOf('DataVolumesReady', vmi, vm))}`),
      ),
    ErrImagePull: imagePullFailed,
    ImagePullBackOff: imagePullFailed,
  }),
);

/** Why KubeVirt says that a guest is paused (virt-handler vm.go calculatePausedCondition). */
function paused({ vm, vmi, name }: Context): Verdict {
  const { reason = '', message = '' } =
    problemOf(conditionOf(vmi, 'Paused') ?? conditionOf(vm, 'Paused'), 'True') ?? {};
  if (reason === 'PausedIOError') {
    const text = `The guest of ${name} is paused, because one of its disks could not be read or written${saying(message)}`;
    return verdict('Paused', failed('PausedIOError', `${text} Unpaused before its storage is well, it pauses again.`));
  }
  if (reason === 'PausedByMigrationMonitor') {
    const text = `The guest of ${name} is paused while the last of it moves to another node${saying(message)}`;
    return verdict('Paused', waiting('PausedByMigration', text));
  }
  return verdict('Paused', failed('Paused', `The guest of ${name} is paused${saying(message)}`));
}

function running(state: 'Running' | 'Migrating', { vm, vmi, name }: Context): Verdict {
  const failure = conditionOf(vm, 'Failure');
  if (failure?.status === 'True') {
    const message = `KubeVirt could not change the running ${name} and tries again${saying(failure.message)}`;
    return verdict(state, waiting('ChangeNotApplied', message));
  }
  if (vmi?.phase !== 'Running') return starting({ vm, vmi, name });
  if (vmi.deletedAt !== undefined) {
    return verdict('Stopping', waiting('Stopping', `The guest of ${name} is being stopped; KubeVirt starts it again.`));
  }
  const where = vmi.node === undefined ? '' : ` on node ${vmi.node}`;
  const message =
    state === 'Migrating' ? `${name} runs${where} and is moving to another node.` : `${name} runs${where}.`;
  return { state, standing: 'ok', reason: 'Running', message };
}

/** What each phase of a VirtualMachineInstance means for a guest that is not up yet (core/v1 types.go). */
const PHASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Pending: 'its Pod is being created',
    Scheduling: 'its Pod is being placed on a node and started',
    Scheduled: 'its Pod is up and the guest is being started',
    Running: 'its guest has just started',
    Succeeded: 'its last guest shut down',
    Failed: 'its last guest ended with a failure',
    WaitingForSync: 'it waits for the guest that migrates to it',
  }),
);

function starting({ vmi, name }: Context): Verdict {
  if (vmi === undefined) return verdict('Starting', waiting('Starting', `${name} is about to be started.`));
  if (vmi.phase === 'Failed') {
    return verdict(
      'Failed',
      waiting('GuestFailed', `The guest of ${name} ended with a failure and is started again${endedBecause(vmi)}`),
    );
  }
  const how = PHASES.get(vmi.phase ?? '');
  return verdict('Starting', waiting('Starting', `${name} is starting${how === undefined ? '' : `: ${how}`}.`));
}

function imagePullFailed({ vm, vmi, name }: Context): Verdict {
  const finding = failed(
    'ImagePullFailed',
    `A container image of ${name} cannot be pulled${saying(messageOf('Synchronized', vmi, vm))}`,
  );
  return verdict('ImagePullFailed', finding);
}

/** KubeVirt shows a refused Pod as Starting: only Synchronized (or Failure, on the VM) tells that it never comes. */
function notLaunched({ vm, vmi, name }: Context): Finding | undefined {
  if (vmi?.phase === 'Running') return undefined;
  const problem =
    problemOf(conditionOf(vmi, 'Synchronized') ?? conditionOf(vm, 'Synchronized'), 'False') ??
    problemOf(conditionOf(vm, 'Failure'), 'True');
  if (problem === undefined) return undefined;
  const quota = quotaRefusal(problem.message);
  if (quota !== undefined) return failed('QuotaExceeded', `${name} does not fit${saying(quota)}`);
  if (IMAGE_PULL.has(problem.reason))
    return failed('ImagePullFailed', `A container image of ${name} cannot be pulled${saying(problem.message)}`);
  if (problem.reason === 'FailedPvcNotFound')
    return failed('DiskMissing', `A disk of ${name} does not exist${saying(problem.message)}`);
  if (LATER.has(problem.reason))
    return waiting('Starting', `${name} is not started yet (${problem.reason})${saying(problem.message)}`);
  return failed(
    'LaunchRefused',
    `KubeVirt cannot start ${name} (${problem.reason || 'no reason given'})${saying(problem.message)}`,
  );
}

function problemOf(condition: ForeignCondition | undefined, bad: 'True' | 'False'): ForeignCondition | undefined {
  return condition?.status === bad ? condition : undefined;
}

const IMAGE_PULL = new Set(['ErrImagePull', 'ImagePullBackOff']);
/** Reasons under which KubeVirt waits for something that comes by itself (pkg/controller/controller.go). */
const LATER = new Set([
  'BackendStorageNotReady',
  'MissingAttachmentPod',
  'PVCNotReady',
  'MigrationBackoff',
  'UtilityVolumeMigrationPending',
]);

function messageOf(type: string, ...objects: readonly (VirtualMachine | VirtualMachineInstance | undefined)[]): string {
  for (const object of objects) {
    const condition = conditionOf(object, type);
    if (condition !== undefined && condition.status !== 'True') return condition.message;
  }
  return '';
}

function endedBecause(vmi: VirtualMachineInstance | undefined): string {
  const ready = conditionOf(vmi, 'Ready');
  return ready?.status === 'False' ? saying(ready.message) : '.';
}

type Note = { readonly when: 'True' | 'False'; readonly say: (condition: ForeignCondition) => string };

/** Conditions that are no obstacle: what the customer should know about them. Those not named here say nothing of their own. */
const NOTES: ReadonlyMap<string, Note> = new Map(
  Object.entries<Note>({
    LiveMigratable: {
      when: 'False',
      say: c => `It cannot move to another node while it runs (${c.reason || 'no reason given'})${saying(c.message)}`,
    },
    StorageLiveMigratable: { when: 'False', say: c => `Its storage cannot be moved while it runs${saying(c.message)}` },
    AccessCredentialsSynchronized: {
      when: 'False',
      say: c => `SSH keys or passwords have not reached the guest${saying(c.message)}`,
    },
    HotVCPUChange: { when: 'True', say: () => 'CPUs are being added while it runs.' },
    HotMemoryChange: { when: 'True', say: () => 'Memory is being added while it runs.' },
    VolumesChange: { when: 'True', say: c => `Its volumes are being moved${saying(c.message)}` },
    MigrationRequired: {
      when: 'True',
      say: c => `It must move to another node for a change to take effect${saying(c.message)}`,
    },
    EvictionRequested: { when: 'True', say: () => 'Its node is being drained, so it has to move.' },
    DecentralizedLiveMigrationFailure: {
      when: 'True',
      say: c => `Its migration to another cluster failed${saying(c.message)}`,
    },
    SoftwareEmulation: { when: 'True', say: () => 'It runs under software emulation, which is slow.' },
    migrationRejectedByResourceQuota: {
      when: 'True',
      say: c =>
        `It cannot move: a migration needs its resources twice and the quota leaves no room${saying(c.message)}`,
    },
    migrationBlockedByBackup: { when: 'True', say: () => 'It moves after the running backup.' },
    migrationBlockedByUtilityVolumes: { when: 'True', say: () => 'It moves after a utility volume is detached.' },
    migrationAbortRequested: { when: 'True', say: () => 'Its move to another node is being cancelled.' },
  }),
);

function machineNotes(vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): readonly string[] {
  if (vmi === undefined) return [];
  const seen = [
    ...vmi.conditions,
    ...vm.conditions.filter(condition => conditionOf(vmi, condition.type) === undefined),
  ];
  const notes = seen.flatMap(condition => {
    const note = NOTES.get(condition.type);
    return note !== undefined && condition.status === note.when ? note.say(condition) : [];
  });
  const failure =
    vmi.migrationFailure === undefined ? [] : [`Its last move to another node failed${saying(vmi.migrationFailure)}`];
  return [...new Set([...notes, ...failure])];
}

/** Whether a guest is up, paused or not. */
export function guestRuns(vmi: VirtualMachineInstance | undefined): vmi is VirtualMachineInstance {
  return vmi?.phase === 'Running' && vmi.deletedAt === undefined;
}

/** Whether virt-controller has compared the newest generation with the running guest; true while there is no guest. */
export function generationObserved(vm: VirtualMachine, vmi: VirtualMachineInstance | undefined): boolean {
  if (vmi === undefined || vm.generation === undefined) return true;
  return vm.desiredGeneration !== undefined && vm.desiredGeneration >= vm.generation;
}

/** KubeVirt's own opinion; while it is True no change at all is applied live. It has false positives (kubevirt#17610). */
export function kubeVirtWantsRestart(vm: VirtualMachine): boolean {
  return holds(vm, 'RestartRequired');
}
