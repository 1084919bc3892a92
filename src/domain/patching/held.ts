import type { ManagedVM } from '../../api/managedvm.ts';
import type { NewRoot, NewRootPhase } from '../../api/newroot.ts';
import type { PatchingFacts } from './facts.ts';
import { ringOf } from './ringof.ts';
import { frozenBy } from './rings.ts';
import { ringStates } from './ringstates.ts';
import type { PatchTerms } from './terms.ts';

/**
 * Why no run of a VM is begun in an opening, as a sentence; undefined: one is. An emergency passes a halted ring, for what has halted it need not be
 * what is urgent; a suspension stops it too (GE-6, MO-11).
 */
export function heldBy(
  { metadata, spec, status }: ManagedVM,
  terms: PatchTerms,
  rings: PatchingFacts['rings'],
  isUrgent: boolean,
): string | undefined {
  if (metadata.deletionTimestamp !== undefined) return 'it is being deleted.';
  if (spec.powerState !== 'Running') return 'it is powered off as ordered.';
  if (spec.paused !== undefined) return 'it is paused by spec.paused.';
  const anew = heldByNewRoot(status?.newRoot);
  if (anew !== undefined) return anew;
  if (terms.suspendedBy !== undefined) return `suspended by the ${terms.suspendedBy.toLowerCase()}.`;
  if (isUrgent) return undefined;
  const { namespace = '', labels = {} } = metadata;
  return frozenBy(ringStates(terms, rings), ringOf(terms.rings, { namespace, labels }));
}

const EXCHANGING: ReadonlySet<NewRootPhase> = new Set([
  ...['Stopping', 'Exchanging', 'Starting', 'StoppingBack', 'ExchangingBack', 'TakenBack'],
] as const);

/** The guest is away, or is a rescue system that is gone tomorrow (GE-11). While a new root disk is made the exchange waits for the run. */
function heldByNewRoot(newRoot: NewRoot | undefined): string | undefined {
  if (newRoot === undefined) return undefined;
  const { phase, operation, change } = newRoot;
  if (phase === 'OnTrial' && operation === 'Rescue')
    return `ChangeRequest ${change.name} has started a rescue system instead of its own.`;
  return EXCHANGING.has(phase)
    ? `its patches wait until ChangeRequest ${change.name} has exchanged its root disk.`
    : undefined;
}
