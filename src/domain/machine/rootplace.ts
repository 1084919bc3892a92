/** Which disk a machine boots from while its root disk is made anew, as the status says (docs/adr/0217). */
import type { ManagedVM } from '../../api/managedvm.ts';
import type { NewRoot, NewRootPhase } from '../../api/newroot.ts';
import type { OperatingSystem } from '../../api/operatingsystem.ts';
import { dataVolumeName, type LiveObject, nameBetween, shortHash } from '../contract/child.ts';
import { ROOT_DISK } from './disks.ts';
import type { Given } from './exchanging.ts';

/** What there is of a new root disk. */
export type NewRootSeen = {
  /** Catalogue entry of its system; undefined: there is none. */
  readonly operatingSystem: OperatingSystem | undefined;
  /** Its DataVolume, if it is this ManagedVM's. */
  readonly dataVolume: LiveObject | undefined;
  /** Of its claim, and of that of the old disk: the UID of what is there and is not being deleted. */
  readonly after: string | undefined;
  readonly before: string | undefined;
  readonly stage: 'none' | 'filling' | 'firstConsumer' | 'filled' | 'failed';
};

/** Name of the disk in the rescue system. No disk of an order has it: it is longer than theirs may be. */
export const RESCUED_DISK = 'rescued-root-of-before';
/** Its serial: virtio has 20 characters for one, of which a guest makes /dev/disk/by-id/virtio-rescued-root. */
export const RESCUED_SERIAL = 'rescued-root';

const OFF: ReadonlySet<NewRootPhase> = new Set(['Stopping', 'Exchanging', 'StoppingBack', 'ExchangingBack']);
const MADE: ReadonlySet<NewRootPhase> = new Set(['Making', 'Stopping']);

/** Whether the machine must be off for it. */
export function isOffFor(newRoot: NewRoot | undefined): boolean {
  return newRoot !== undefined && OFF.has(newRoot.phase);
}

/** Whether its disk is made, or waits beside the old one. */
export function isBeside(newRoot: NewRoot | undefined): newRoot is NewRoot {
  return newRoot !== undefined && MADE.has(newRoot.phase);
}

/** Whether no guest has booted from the root disk that the machine is given. */
export function isUnbooted(newRoot: NewRoot | undefined): boolean {
  return newRoot?.phase === 'Exchanging' || newRoot?.phase === 'Starting';
}

/** Which claim is the root disk from now on: consent to exactly that one, until it is remembered. */
export function givenRoot(newRoot: NewRoot | undefined): Given | undefined {
  if (newRoot === undefined) return undefined;
  const { phase, before, after } = newRoot;
  if (phase === 'ExchangingBack' || phase === 'TakenBack') return before;
  if (phase !== 'Exchanging' && phase !== 'Starting') return undefined;
  return after.uid === undefined ? undefined : { claim: after.claim, uid: after.uid };
}

/** The disk that stands beside the rescue system, to be mended. */
export function rescuedRoot(newRoot: NewRoot | undefined): string | undefined {
  const stands: readonly NewRootPhase[] = ['Exchanging', 'Starting', 'OnTrial', 'StoppingBack'];
  return newRoot?.operation === 'Rescue' && stands.includes(newRoot.phase) ? newRoot.before.claim : undefined;
}

/** The uid of the change makes it the name of this one alone. */
export function newRootName(managedVM: ManagedVM, changeUid: string): string {
  return nameBetween('', dataVolumeName(managedVM, ROOT_DISK), `-n${shortHash(changeUid)}`);
}
