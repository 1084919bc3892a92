import type { ManagedVM } from '../../api/managedvm.ts';
import { waitSentence, waitsForCustomer } from '../contract/customerwait.ts';
import type { MachineFacts } from './facts.ts';
import type { Verdict } from './reasons.ts';
import type { PendingChange } from './restartdiff.ts';
import { guestRuns } from './vmstate.ts';

/** Whether the running guest lacks settings that a restart would bring. Abnormal when True. */
export function restartPending(
  managedVM: ManagedVM,
  observed: Omit<MachineFacts, 'live'>,
  changes: readonly PendingChange[],
  now: Date,
): Verdict {
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
  const isManual = managedVM.spec.restartPolicy === 'Manual';
  const who = isManual
    ? 'Restart the VM when it suits, or order it as ServiceRequest (spec.restartPolicy Manual)'
    : 'Steward restarts the VM (spec.restartPolicy Automatic)';
  const shown = changes.slice(0, 4).map(({ path, running, desired }) => `${path} ${show(running)} → ${show(desired)}`);
  const more =
    changes.length > shown.length ? `, and ${changes.length - shown.length} more in status.pendingChanges` : '';
  const count = changes.length === 1 ? '1 setting takes' : `${changes.length} settings take`;
  const lacking = `${count} effect with a restart: ${shown.join(', ')}${more}`;
  const wait = isManual ? waitsForCustomer(observed.changeRequests, managedVM, 'Restart', now) : undefined;
  if (wait !== undefined) {
    return { status: 'True', reason: 'WaitingForCustomer', message: `${lacking}. ${waitSentence(wait)} (GE-4).` };
  }
  const message = `${lacking}. ${who}.`;
  return { status: 'True', reason: 'RestartNeeded', message };
}

function show(value: string): string {
  if (value === '') return '(none)';
  return value.length <= 80 ? value : `${value.slice(0, 79)}…`;
}
