import type { ManagedVM } from '../../api/managedvm.ts';
import { instant } from '../contract/condition.ts';
import { saying } from '../contract/excerpt.ts';
import { conditionOf, holds, type VirtualMachineInstance } from './observedvm.ts';
import type { Verdict } from './reasons.ts';
import { guestRuns, type MachineState } from './vmstate.ts';

/** Minutes that a guest may be without its agent before that counts: first boot installs packages, a reboot takes a while. */
export const AGENT_GRACE_MINUTES = 15;

/** Whether the guest agent answers. Lost or not there yet, it has AGENT_GRACE_MINUTES from the start or the loss. */
export function agentConnected(
  managedVM: ManagedVM,
  vmi: VirtualMachineInstance | undefined,
  machine: MachineState,
  now: Date,
): Verdict {
  if (managedVM.spec.powerState === 'Stopped') {
    return {
      status: 'Unknown',
      reason: 'PoweredOff',
      message: 'The VM is powered off as ordered, so its agent does not answer.',
    };
  }
  if (!guestRuns(vmi)) {
    return { status: 'Unknown', reason: 'NotRunning', message: `No guest is running. ${machine.message}` };
  }
  const connected = conditionOf(vmi, 'AgentConnected');
  if (connected?.status === 'True') return answers(vmi, connected.since);
  const deadline = deadlineOf(managedVM, vmi, now);
  if (deadline !== undefined && now < deadline) {
    return {
      status: 'Unknown',
      reason: 'AgentStarting',
      message: `The guest agent does not answer yet; it has until ${instant(deadline)} (${AGENT_GRACE_MINUTES} minutes).`,
      nextEdge: deadline,
    };
  }
  const words = connected?.status === 'False' ? saying(connected.message) : '.';
  return {
    status: 'False',
    reason: 'AgentNotConnected',
    message: `The guest runs${startOf(vmi)}, but its agent does not answer${words}`,
  };
}

function answers(vmi: VirtualMachineInstance, since: Date | undefined): Verdict {
  const when = since === undefined ? '' : ` since ${instant(since)}`;
  if (!holds(vmi, 'AgentVersionNotSupported')) {
    return { status: 'True', reason: 'AgentAnswers', message: `The guest agent answers${when}.` };
  }
  const words = saying(conditionOf(vmi, 'AgentVersionNotSupported')?.message ?? '');
  return {
    status: 'True',
    reason: 'AgentVersionNotSupported',
    message: `The guest agent answers${when}, but it lacks commands that KubeVirt uses${words}`,
  };
}

/**
 * The grace counts from the later of the guest's start and the moment at which this status first missed the agent.
 * Once it has run out, only a new start of the guest grants another.
 */
function deadlineOf(managedVM: ManagedVM, vmi: VirtualMachineInstance, now: Date): Date | undefined {
  const previous = managedVM.status?.conditions?.find(condition => condition.type === 'AgentConnected');
  const started = vmi.startedAt?.getTime() ?? Number.NEGATIVE_INFINITY;
  const changed = Date.parse(previous?.lastTransitionTime ?? '') || Number.NEGATIVE_INFINITY;
  if (previous?.status === 'False' && started <= changed) return undefined;
  const from = previous?.status === 'True' ? now.getTime() : Math.max(started, changed);
  return new Date((Number.isFinite(from) ? from : now.getTime()) + AGENT_GRACE_MINUTES * 60_000);
}

function startOf(vmi: VirtualMachineInstance): string {
  return vmi.startedAt === undefined ? '' : ` since ${instant(vmi.startedAt)}`;
}
