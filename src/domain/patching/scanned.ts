/** Whose package manager is asked what is missing, and what is said of a guest that is asked and not patched (MO-3, MO-10). */
import type { GuestUpdates } from '../../api/guestupdates.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { entitlements } from '../contract/service-levels.ts';
import { mendsHole } from './approve.ts';
import { isBelieved, missingWords } from './compliant.ts';
import { SCAN_INTERVAL_MS } from './seen.ts';

/** By the level, or because it was ordered. */
export function isScanned({ serviceLevel, updateScan }: ManagedVM['spec']): boolean {
  return entitlements(serviceLevel).patching || updateScan === true;
}

/** What the guest lacks, as a sentence, and when time alone makes it worthless; undefined: nobody has ordered that it is asked. */
export function lackingWords(
  { updateScan }: ManagedVM['spec'],
  updates: GuestUpdates | undefined,
  now: Date,
): { readonly said: string; readonly nextEdge?: Date } | undefined {
  if (updateScan !== true) return undefined;
  if (updates === undefined) return { said: 'Which updates it lacks is not known: it has not been asked yet.' };
  if (!isBelieved(updates, now))
    return { said: `Which updates it lacks is not known: it was asked last on ${updates.at}.` };
  const nextEdge = new Date(Date.parse(updates.at) + 2 * SCAN_INTERVAL_MS);
  const { missing, notListed = 0, complete, at } = updates;
  const count = missing.length + notListed;
  const found = count === 0 ? 'no update' : missingWords(count, missing.filter(mendsHole).length);
  const least = complete ? '' : ', as far as its sources could be read';
  return { said: `As of ${at} it lacks ${found}${least}; none is installed (spec.updateScan).`, nextEdge };
}
