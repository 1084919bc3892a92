import type { Condition } from '../../api/common.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { type ConditionInput, instant } from '../contract/condition.ts';
import { type Finding, gravest, type Verdict } from '../contract/finding.ts';
import type { ConditionType, Reason } from '../contract/reasons.ts';
import { entitlements } from '../contract/service-levels.ts';
import type { DiskState } from '../machine/diskstate.ts';
import type { Observed } from '../machine/observed.ts';
import type { VirtualMachineInstance } from '../machine/observedvm.ts';
import type { PendingChange } from '../machine/restartdiff.ts';
import { guestRuns, type MachineState } from '../machine/vmstate.ts';
import { type PrometheusWatch, readsGuest } from '../monitoring/prometheuswatch.ts';

/** Whether the machine and its disks exist (MO-1). What exists counts, also while a later change is refused; on its way is Unknown. */
export function provisioned(observed: Observed, disks: readonly DiskState[], obstacles: readonly Finding[]): Verdict {
  const { virtualMachine } = observed;
  const lacking = disks.filter(disk => !disk.filled);
  if (virtualMachine?.uid !== undefined && lacking.length === 0) {
    const message = `VirtualMachine ${virtualMachine.name} (uid ${virtualMachine.uid}) exists; ${held(disks)}.`;
    return { status: 'True', reason: 'DisksFilled', message };
  }
  const obstacle = gravest(obstacles);
  if (obstacle?.standing === 'failed') return { status: 'False', reason: obstacle.reason, message: obstacle.message };
  const later = lacking.find(disk => disk.phase === 'WaitForFirstConsumer' && disk.finding === undefined);
  if (virtualMachine !== undefined && later !== undefined) {
    const message = `Disk ${later.disk} is created when the VM starts for the first time; it has never been started.`;
    return { status: 'Unknown', reason: 'WaitForFirstConsumer', message };
  }
  if (obstacle) return { status: 'Unknown', reason: obstacle.reason, message: obstacle.message };
  return { status: 'Unknown', reason: 'Provisioning', message: 'The VirtualMachine does not exist yet.' };
}

function held(disks: readonly DiskState[]): string {
  if (disks.length === 0) return 'it has no persistent disk';
  const names = disks.map(disk => {
    const told = [disk.capacity, disk.taken ? `PersistentVolumeClaim ${disk.claim}, taken over by consent` : undefined];
    const known = told.filter(text => text !== undefined);
    return known.length === 0 ? disk.disk : `${disk.disk} (${known.join('; ')})`;
  });
  return `${disks.length} of ${disks.length} disks are filled: ${names.join(', ')}`;
}

/**
 * Whether the guest is up: it runs, and its agent or its exporter was seen within the grace (design 3). A guest that has not been up since
 * its last power-on is not lost, only not there yet.
 */
export function available(managedVM: ManagedVM, observed: Observed, machine: MachineState, agent: Verdict): Verdict {
  if (managedVM.spec.powerState === 'Stopped') {
    return { status: 'Unknown', reason: 'PoweredOff', message: 'The VM is powered off as ordered.' };
  }
  if (observed.virtualMachine === undefined) {
    return { status: 'Unknown', reason: 'NotProvisioned', message: 'The VirtualMachine does not exist.' };
  }
  const { virtualMachineInstance: vmi } = observed;
  if (machine.standing === 'failed') return { status: 'False', reason: machine.reason, message: machine.message };
  if (!guestRuns(vmi)) {
    const wasUp = (previous(managedVM, 'Available')?.status ?? 'Unknown') !== 'Unknown';
    return { status: wasUp ? 'False' : 'Unknown', reason: machine.reason, message: machine.message };
  }
  const notes = machine.notes.length === 0 ? '' : ` ${machine.notes.join(' ')}`;
  const seen = sightOf(managedVM, observed, vmi, agent);
  return { ...seen, message: `${seen.message}${notes}` };
}

/** A sign of life from before the guest's last start proves nothing: until its agent answers for the first time, it is starting. */
function sightOf(managedVM: ManagedVM, observed: Observed, vmi: VirtualMachineInstance, agent: Verdict): Verdict {
  if (agent.status === 'True') {
    return { status: 'True', reason: 'GuestAnswers', message: 'The guest runs and its agent answers.' };
  }
  const before = previous(managedVM, 'Available');
  const started = vmi.startedAt?.getTime() ?? Number.NEGATIVE_INFINITY;
  const wasUp = before?.status === 'True' && Date.parse(before.lastTransitionTime) >= started;
  const inGrace = agent.reason === 'AgentStarting';
  if (inGrace && !wasUp) return agent;
  const watch = entitlements(managedVM.spec.serviceLevel).monitoring ? observed.prometheusWatch : undefined;
  const read = readsGuest(watch);
  if (read === true || (read === undefined && watch?.state === 'undecided' && wasUp && !inGrace)) {
    const message = 'The guest runs and Prometheus reads its exporter; its agent does not answer.';
    return { status: 'True', reason: 'GuestAnswers', message };
  }
  if (inGrace) return { ...agent, status: 'True', message: `The guest runs and was up a moment ago. ${agent.message}` };
  return unseen(watch, agent, before?.status);
}

/** The agent is away for longer than its grace, and Prometheus does not say that it reads the exporter. */
function unseen(watch: PrometheusWatch | undefined, agent: Verdict, before: string | undefined): Verdict {
  if (watch?.state === 'silent') {
    const message = `${agent.message} Whether the exporter does cannot be known: Prometheus has given no usable answer since ${instant(watch.since)}.`;
    return { status: 'Unknown', reason: 'PrometheusSilent', message };
  }
  const exporter = watch === undefined ? 'Nothing else shows that it is up' : 'Prometheus does not read its exporter';
  if (watch?.state === 'undecided' && before !== 'False') {
    const message = `${agent.message} Prometheus has not been asked for long enough to tell whether it reads the exporter.`;
    return { status: 'Unknown', reason: 'NotObserved', message };
  }
  return { status: 'False', reason: 'GuestNotSeen', message: `${agent.message} ${exporter}.` };
}

/** Whether patches are in time (MO-3). */
export function patchCompliant({ spec }: ManagedVM, { patchPolicyServed }: Observed): Verdict {
  if (!entitlements(spec.serviceLevel).patching) return notIncluded(spec.serviceLevel, 'patching (MO-3)');
  if (spec.patchPolicyRef === undefined) {
    const message = `Service level ${spec.serviceLevel} includes patching (MO-3), but spec.patchPolicyRef names no policy.`;
    return { status: 'Unknown', reason: 'NoPatchPolicy', message };
  }
  const { kind, name } = spec.patchPolicyRef;
  const why = patchPolicyServed ? 'no patch state has been reported' : `the kind ${kind} is not served in this cluster`;
  return {
    status: 'Unknown',
    reason: 'PatchingNotAvailable',
    message: `Whether ${kind} ${name} is kept cannot be known: ${why}.`,
  };
}

/** Whether restores are rehearsed (AP-13). */
export function restoreVerified({ spec }: ManagedVM): Verdict {
  if (spec.backupPolicyRef === undefined) {
    return {
      status: 'Unknown',
      reason: 'NotIncluded',
      message: 'No backup was ordered: spec.backupPolicyRef names no policy.',
    };
  }
  const message = 'No restore of a backup of this VM has been rehearsed, so nothing proves that one can be restored.';
  return { status: 'Unknown', reason: 'RestoreDrillsNotAvailable', message };
}

/** Abnormal when True. */
export function restartPending(managedVM: ManagedVM, observed: Observed, changes: readonly PendingChange[]): Verdict {
  const { virtualMachine, virtualMachineInstance } = observed;
  if (virtualMachine === undefined) {
    return { status: 'Unknown', reason: 'NotObserved', message: 'The VirtualMachine does not exist.' };
  }
  if (!guestRuns(virtualMachineInstance)) {
    return {
      status: 'False',
      reason: 'NotRunning',
      message: 'No guest is running; its next start takes every setting.',
    };
  }
  if (changes.length === 0) {
    const message =
      'The running VM has every setting of the VirtualMachine that was ordered. What a guest is given inside is told by Configured.';
    return { status: 'False', reason: 'UpToDate', message };
  }
  const who =
    managedVM.spec.restartPolicy === 'Automatic'
      ? 'Steward restarts the VM (spec.restartPolicy Automatic)'
      : 'Restart the VM when it suits (spec.restartPolicy Manual)';
  const shown = changes.slice(0, 4).map(({ path, running, desired }) => `${path} ${show(running)} → ${show(desired)}`);
  const more =
    changes.length > shown.length ? `, and ${changes.length - shown.length} more in status.pendingChanges` : '';
  const count = changes.length === 1 ? '1 setting takes' : `${changes.length} settings take`;
  const message = `${count} effect with a restart: ${shown.join(', ')}${more}. ${who}.`;
  return { status: 'True', reason: 'RestartNeeded', message };
}

function show(value: string): string {
  if (value === '') return '(none)';
  return value.length <= 80 ? value : `${value.slice(0, 79)}…`;
}

/**
 * Which promises count for an order, by the table of design 3. MO-1 promises the VM with a supported system at every level; whoever pays
 * for no monitoring is not promised that a failure is noticed, so all that happens in the guest counts from MO-5 on.
 */
const COUNTS: Readonly<Partial<Record<ConditionType, (spec: ManagedVM['spec']) => boolean>>> = {
  Supported: () => true,
  Provisioned: () => true,
  Available: spec => entitlements(spec.serviceLevel).monitoring,
  Monitored: spec => entitlements(spec.serviceLevel).monitoring,
  EventsMonitored: spec => entitlements(spec.serviceLevel).monitoring,
  Configured: spec => entitlements(spec.serviceLevel).monitoring,
  PatchCompliant: spec => entitlements(spec.serviceLevel).patching,
  BackupCompliant: spec => spec.backupPolicyRef !== undefined,
  // A part of BackupCompliant, which does not look at it yet: until it does, this counts in its stead.
  RestoreVerified: spec => spec.backupPolicyRef !== undefined,
};

/** Every promise that counts at some level, or where it was ordered. */
export const PROMISES = Object.keys(COUNTS) as readonly ConditionType[];

/** With these a promise is not owed now, and so neither kept nor broken. */
const NOT_OWED: ReadonlySet<string> = new Set<Reason>(['NotIncluded', 'PoweredOff']);

/** The sum of the promises that count; it says of every other condition that it does not, and how that reads. */
export function slaCompliant({ spec }: ManagedVM, conditions: readonly ConditionInput[]): Verdict {
  const counts = ({ type, reason }: ConditionInput) =>
    isPromise(type) && COUNTS[type]?.(spec) === true && !NOT_OWED.has(reason);
  const counted = conditions.filter(counts);
  const reading = (status: ConditionInput['status']) => counted.filter(condition => condition.status === status);
  const [kept, broken, unknown] = [reading('True'), reading('False'), reading('Unknown')];
  const names = kept.length === 0 ? '' : `: ${kept.map(({ type }) => type).join(', ')}`;
  const sum = [
    `${kept.length} of ${counted.length} promises that count at ${spec.serviceLevel} are kept${names}`,
    ...(broken.length > 0 ? [`${broken.length} broken: ${named(broken)}`] : []),
    ...(unknown.length > 0 ? [`${unknown.length} not known: ${named(unknown)}`] : []),
  ].join('; ');
  const shown = conditions.filter(condition => !counts(condition));
  const message = `${sum}. Shown, not counted: ${named(shown)}.`;
  if (broken.length > 0) return { status: 'False', reason: 'PromiseBroken', message };
  if (unknown.length > 0 || counted.length === 0) return { status: 'Unknown', reason: 'PromiseUnknown', message };
  return { status: 'True', reason: 'PromisesKept', message };
}

function isPromise(type: string): type is ConditionType {
  return Object.hasOwn(COUNTS, type);
}

function named(conditions: readonly ConditionInput[]): string {
  return conditions.map(({ type, reason }) => `${type} (${reason})`).join(', ');
}

function notIncluded(level: string, what: string): Verdict {
  return { status: 'Unknown', reason: 'NotIncluded', message: `Service level ${level} does not include ${what}.` };
}

function previous(managedVM: ManagedVM, type: ConditionType): Condition | undefined {
  return managedVM.status?.conditions?.find(condition => condition.type === type);
}
