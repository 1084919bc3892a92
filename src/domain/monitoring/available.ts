import type { Condition } from '../../api/common.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { instant } from '../contract/condition.ts';
import { entitlements } from '../contract/service-levels.ts';
import { heldTooLong } from '../machine/freezes.ts';
import type { Observed } from '../machine/observed.ts';
import type { VirtualMachineInstance } from '../machine/observedvm.ts';
import type { GuestView } from '../machine/view.ts';
import { guestRuns } from '../machine/vmstate.ts';
import { type PrometheusWatch, readsGuest } from './prometheuswatch.ts';
import type { ConditionType, Verdict } from './reasons.ts';

/**
 * Whether the guest is up: it runs, and its agent or its exporter was seen within the grace (design 3). A guest that has not been up since
 * its last power-on is not lost, only not there yet.
 */
export function available(
  managedVM: ManagedVM,
  observed: Observed,
  watch: PrometheusWatch | undefined,
  guest: GuestView,
  now: Date,
): Verdict {
  if (managedVM.spec.powerState === 'Stopped') {
    return { status: 'Unknown', reason: 'PoweredOff', message: 'The VM is powered off as ordered.' };
  }
  if (observed.virtualMachine === undefined) {
    return { status: 'Unknown', reason: 'NotProvisioned', message: 'The VirtualMachine does not exist.' };
  }
  const { virtualMachineInstance: vmi } = observed;
  const { state, agent } = guest;
  if (state.standing === 'failed') return { status: 'False', reason: state.reason, message: state.message };
  if (!guestRuns(vmi)) {
    const wasUp = (previous(managedVM, 'Available')?.status ?? 'Unknown') !== 'Unknown';
    return { status: wasUp ? 'False' : 'Unknown', reason: state.reason, message: state.message };
  }
  const held = heldTooLong(managedVM, observed, now);
  if (held !== undefined) return frozen(held, observed.virtualMachine.snapshotInProgress);
  const notes = state.notes.length === 0 ? '' : ` ${state.notes.join(' ')}`;
  const seen = sightOf(managedVM, watch, vmi, agent);
  return { ...seen, message: `${seen.message}${notes}` };
}

/** Whatever writes in the guest waits, though its agent answers. */
function frozen(since: Date, snapshot: string | undefined): Verdict {
  const who = snapshot === undefined ? 'KubeVirt is asked to let go' : `VirtualMachineSnapshot ${snapshot} holds them`;
  const message = `The file systems of the guest have been held still since ${instant(since)}, for longer than the 6 minutes that a backup may take, so whatever writes in it waits; ${who}.`;
  return { status: 'False', reason: 'GuestFrozen', message };
}

/** A sign of life from before the guest's last start proves nothing: until its agent answers for the first time, it is starting. */
function sightOf(
  managedVM: ManagedVM,
  heard: PrometheusWatch | undefined,
  vmi: VirtualMachineInstance,
  agent: Verdict,
): Verdict {
  if (agent.status === 'True') {
    return { status: 'True', reason: 'GuestAnswers', message: 'The guest runs and its agent answers.' };
  }
  const before = previous(managedVM, 'Available');
  const started = vmi.startedAt?.getTime() ?? Number.NEGATIVE_INFINITY;
  const wasUp = before?.status === 'True' && Date.parse(before.lastTransitionTime) >= started;
  const inGrace = agent.reason === 'AgentStarting';
  if (inGrace && !wasUp) return agent;
  const watch = entitlements(managedVM.spec.serviceLevel).monitoring ? heard : undefined;
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

function previous(managedVM: ManagedVM, type: ConditionType): Condition | undefined {
  return managedVM.status?.conditions?.find(condition => condition.type === type);
}
