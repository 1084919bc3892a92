import type { GivenKeys, ManagedVM } from '../../api/managedvm.ts';
import { orderedGeneration } from '../machine/keysets.ts';
import type { Verdict } from './reasons.ts';
import { MOST_FORMER } from './rotation.ts';
import { counted, enumerated, since } from './words.ts';

/** What is still to be done until the guest has the provider's key that is ordered, and no other; undefined where nothing is (MO-8). */
export function rotationPending(managedVM: ManagedVM, keys: GivenKeys | undefined): Verdict | undefined {
  if (keys === undefined) return undefined;
  const words = orderedGeneration(managedVM) > (keys.generation ?? 1) ? underWay(managedVM, keys) : leftBehind(keys);
  return words === undefined ? undefined : { status: 'False', reason: 'KeyRotationPending', message: words };
}

function underWay(managedVM: ManagedVM, { provider, generation = 1, next, former = [] }: GivenKeys): string {
  const ordered = `The provider's key of generation ${orderedGeneration(managedVM)} is ordered, and the one of generation ${generation} (${provider}) is in use`;
  if (next !== undefined)
    return `${ordered}; generation ${next.generation} (${next.provider}) is on its way into the guest, and takes its place when it has opened it.`;
  if (former.length >= MOST_FORMER)
    return `${ordered}; ${former.length} former keys are still kept for disks from backups, and the next is made when one of them has gone.`;
  return `${ordered}; the next is made when the guest worker has got into the guest with that one.`;
}

/** What is kept of former keys that the guest does not have any more; empty where nothing is. */
export function keptForDisks({ former = [] }: Partial<GivenKeys> = {}): string {
  const kept = former.filter(({ goneAt }) => goneAt !== undefined);
  const told = kept.map(({ generation, goneAt }) => `generation ${generation}, gone from the guest${since(goneAt)}`);
  if (told.length === 0) return '';
  return `${counted(told.length, 'former key')} of the provider (${enumerated(told)}) ${told.length === 1 ? 'is' : 'are'} kept for disks from backups.`;
}

/** What a refused login may mean where the key was rotated: a disk from before knows former keys only. */
export function refusedAfterRotation({ generation = 1, provider, former = [] }: GivenKeys): string {
  if (generation === 1) return '';
  const before =
    former.length === 0 ? '' : `, and of generations ${enumerated(former.map(key => `${key.generation}`))} from before`;
  return `There is the provider's key of generation ${generation} (${provider})${before}; a disk from before a rotation may let in none but keys whose Secrets have gone.`;
}

function leftBehind({ former = [] }: GivenKeys): string | undefined {
  const left = former.filter(({ goneAt }) => goneAt === undefined);
  const [first] = left;
  if (first === undefined) return undefined;
  return `A former key of the provider (generation ${first.generation}, ${first.provider}) has not been found gone from the guest yet.`;
}
