import type { GuestStateStatus } from '../../api/gueststate.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { unknown } from '../contract/finding.ts';
import { guestRuns } from '../machine/vmstate.ts';
import type { OfGuest } from './facts.ts';
import type { Verdict } from './reasons.ts';
import { isNotSupported } from './record.ts';
import { named, quoted, since } from './words.ts';

export type Contact = NonNullable<GuestStateStatus['contact']>;

/** What the record says of the guest that runs now; or why it says nothing of it, which both conditions then say alike. */
export type RecordView =
  | { readonly silent: Verdict }
  | { readonly silent?: never; readonly status: GuestStateStatus; readonly contact: Contact };

/** The record as far as it is about the guest that runs now. Undefined: nothing looks into the guest. */
export function recordView(managedVM: ManagedVM, { machine, guest }: OfGuest): RecordView | undefined {
  const { record, shard } = guest;
  const { virtualMachine, virtualMachineInstance: vmi } = machine;
  if (record === undefined || record.state === 'others' || isNotSupported(record)) return undefined;
  if (managedVM.spec.powerState === 'Stopped') {
    return silent(
      'PoweredOff',
      'The VM is powered off as ordered, so nobody looks into its guest; it is looked into when it starts.',
    );
  }
  if (record.state === 'unreadable') {
    return silent(
      'RecordUnreadable',
      `GuestState ${managedVM.metadata.name} does not follow its schema (${named(record.why, 120)}), so nothing of it is believed.`,
    );
  }
  if (virtualMachine === undefined) return silent('NotProvisioned', 'The VirtualMachine does not exist.');
  if (!guestRuns(vmi)) return silent('NotRunning', 'No guest is running that could be looked into.');
  const { status } = record;
  if (shard === 'lost' || (shard === 'undecided' && wasLost(managedVM))) return silent('WorkerLost', lost(status));
  const { contact, instance } = status;
  if (contact === undefined) return silent('Pending', 'The guest has not been looked into yet.');
  if (contact.outcome === 'PoweredOff')
    return silent('Pending', 'The guest has not been looked into since it started.');
  // Whom nobody got into is not told by its instance: the last look that succeeded is of another, perhaps from long ago.
  if (contact.outcome === 'Reached' && instance !== vmi.uid) {
    return silent(
      'Pending',
      `What is known is of another start of the guest (instance ${named(instance ?? 'none', 64)}); the one that runs now (instance ${vmi.uid ?? 'unknown'}) has not been looked into yet.`,
    );
  }
  return { status, contact };
}

function silent(reason: Verdict['reason'], message: string): { readonly silent: Verdict } {
  return { silent: unknown(reason, message) };
}

/** A new leader has not seen the Lease for long enough to tell: that a worker was lost holds until a renewal disproves it. */
function wasLost({ status }: ManagedVM): boolean {
  return status?.conditions?.find(({ type }) => type === 'GuestReachable')?.reason === 'WorkerLost';
}

function lost({ worker, contact }: GuestStateStatus): string {
  const whose = worker === undefined ? 'No Lease of a shard is held' : `The Lease ${quoted(worker)} is not held`;
  const last = contact === undefined ? '' : ` Last it said ${quoted(contact.outcome, 40)}${since(contact.since)}.`;
  return `${whose}, and no guest worker has taken it over, so what is known of the guest is old.${last}`;
}
