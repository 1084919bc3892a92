import type { GivenKeys, ManagedVM } from '../../api/managedvm.ts';
import { instant } from '../contract/condition.ts';
import { keyStanding } from '../machine/guestkeys.ts';
import { type KeySet, nextKeySet, orderedGeneration } from '../machine/keysets.ts';
import type { Observed } from '../machine/observed.ts';
import type { RecordView } from './view.ts';

/** Former keys that are kept at most, for disks from backups: with as many, no further key is made until one of them has gone. */
export const MOST_FORMER = 3;
/** As many as the status holds: stored ones that nobody knew of are listed beside those. */
const MOST_LISTED = 8;

/** What the guest worker says of the provider's keys in the guest that runs now. */
export type KeySight = {
  /** Fingerprint of the key that opened it. */
  readonly opened: string;
  /** Fingerprints of those that it was to have. */
  readonly ordered: readonly string[];
  /** It had exactly these, as far as keys of ours go. */
  readonly kept: boolean;
};

/** Undefined: nobody has got into the guest that runs now. */
export function keySight(view: RecordView | undefined): KeySight | undefined {
  if (view === undefined || view.silent !== undefined) return undefined;
  const { status, contact } = view;
  if (contact.outcome !== 'Reached' || status.providerKey === undefined) return undefined;
  const kept = !(status.differences ?? []).some(({ setting }) => setting === 'account:steward');
  return { ...status.providerKey, kept };
}

type Facts = {
  readonly managedVM: ManagedVM;
  readonly observed: Pick<Observed, 'virtualMachine' | 'keySets'>;
  readonly sight: KeySight | undefined;
};

/**
 * The generation of the provider's key that is to be made now, beside those that there are. None is made before the present one has opened
 * the guest, so that it can be brought in, nor where one is under way already: a key that was lost is never made again by itself.
 */
export function keyToMake({ managedVM, observed, sight }: Facts): number | undefined {
  const { keys: given, firstBoot } = managedVM.status ?? {};
  const present = presentKeys(managedVM, observed);
  const ordered = orderedGeneration(managedVM);
  if (given === undefined || present === undefined || ordered <= present.generation) return undefined;
  if (given.next !== undefined && ordered <= given.next.generation) return undefined;
  if (nextKeySet(managedVM, present, observed.keySets) !== undefined) return undefined;
  // What is not stored under way, and yet stored, is another's: it is not overwritten, and a later generation can be ordered.
  if (observed.keySets.some(({ generation }) => generation === ordered)) return undefined;
  const changesFirstBoot = firstBoot !== undefined && firstBoot.at === undefined;
  const full = (given.former?.length ?? 0) >= MOST_FORMER;
  return sight?.opened === present.provider && !changesFirstBoot && !full ? ordered : undefined;
}

/**
 * What the status says next of the keys. The next key is published once it is stored and what a first boot is given has it (`delivered`); it
 * takes the present one's place when it has opened the guest. A former key is found gone when the present one has opened the guest and the
 * former one was not in it, and is found again when it opens a guest whose disk is from before. Keys that are not stored as they were given
 * change nothing: that is a matter for people.
 */
export function rotated(
  { managedVM, observed, sight }: Facts,
  given: GivenKeys,
  { delivered, now }: { readonly delivered: boolean; readonly now: Date },
): GivenKeys {
  const present = presentKeys(managedVM, observed, given);
  if (present === undefined) return given;
  const { next: _next, former: _former, ...rest } = given;
  const { next, former = [] } = given;
  const stored = nextKeySet(managedVM, present, observed.keySets);
  const listed = withUnlisted(former, present, observed.keySets);
  if (next !== undefined && stored !== undefined && sight?.opened === next.provider) {
    const before = { provider: present.provider, generation: present.generation };
    return withFormer({ ...rest, ...next }, [before, ...listed]);
  }
  const seen = listed.map(key => seenIn(key, present, sight, now)).filter(key => !isOver(key, observed.keySets));
  if (next !== undefined && stored === undefined && orderedGeneration(managedVM) > next.generation)
    return withFormer(rest, [next, ...seen]);
  const { provider, generation } = stored ?? {};
  const publishes = next ?? (delivered && provider && generation ? { provider, generation } : undefined);
  return withFormer({ ...rest, ...(publishes && { next: publishes }) }, seen);
}

/** Whether a former key stands as gone from the guest that did not before: with that in the status, its Secret may go. */
export function hasJustGone(before: GivenKeys | undefined, after: GivenKeys | undefined): boolean {
  const wasGone = new Set(before?.former?.filter(({ goneAt }) => goneAt !== undefined).map(({ provider }) => provider));
  return (after?.former ?? []).some(({ goneAt, provider }) => goneAt !== undefined && !wasGone.has(provider));
}

/**
 * The generations whose Secret goes now, the private key with it: found gone from the guest, in this very look too, and in no disk that a
 * backup can bring back. `oldestBackup`: when the oldest one was started; undefined where that is not known.
 */
export function keysToDrop(
  { managedVM, observed, sight }: Facts,
  oldestBackup: Date | 'none' | undefined,
): readonly number[] {
  const present = presentKeys(managedVM, observed);
  if (present === undefined || oldestBackup === undefined) return [];
  return (managedVM.status?.keys?.former ?? [])
    .filter(key => key.goneAt !== undefined && isGone(key, present, sight))
    .filter(({ goneAt = '' }) => oldestBackup === 'none' || oldestBackup.getTime() > Date.parse(goneAt))
    .filter(({ generation, provider }) =>
      observed.keySets.some(set => set.generation === generation && set.provider === provider),
    )
    .map(({ generation }) => generation);
}

type Former = NonNullable<GivenKeys['former']>[number];

/** Those in use, stored as the guest was given them. */
function presentKeys(
  managedVM: ManagedVM,
  observed: Facts['observed'],
  given: GivenKeys | undefined = managedVM.status?.keys,
): KeySet | undefined {
  const generation = given?.generation ?? 1;
  const stored = observed.keySets.find(set => set.generation === generation);
  return stored !== undefined && keyStanding(stored, managedVM, observed) === 'ready' ? stored : undefined;
}

/** A restore can bring back keys that had gone: they are former ones again, and go the same way. */
function withUnlisted(former: readonly Former[], { generation, host }: KeySet, sets: readonly KeySet[]) {
  const unlisted = sets.filter(
    set => set.generation < generation && set.host === host && !former.some(key => key.generation === set.generation),
  );
  const added = unlisted.map(set => ({ provider: set.provider, generation: set.generation }));
  return [...former, ...added].sort((a, b) => b.generation - a.generation);
}

function seenIn(key: Former, present: KeySet, sight: KeySight | undefined, now: Date): Former {
  const { goneAt, ...known } = key;
  if (sight?.opened === key.provider) return known;
  return goneAt === undefined && isGone(key, present, sight) ? { ...known, goneAt: instant(now) } : key;
}

function isGone({ provider }: Former, present: KeySet, sight: KeySight | undefined): boolean {
  return sight !== undefined && sight.opened === present.provider && sight.kept && !sight.ordered.includes(provider);
}

/** It is neither in the guest nor stored. */
function isOver({ goneAt, generation }: Former, sets: readonly KeySet[]): boolean {
  return goneAt !== undefined && !sets.some(set => set.generation === generation);
}

/** A key that was given up and came back after all is in use or under way, and no former one. */
function withFormer(keys: Omit<GivenKeys, 'former'>, former: readonly Former[]): GivenKeys {
  const others = former.filter(({ provider }) => provider !== keys.provider && provider !== keys.next?.provider);
  return { ...keys, ...(others.length > 0 && { former: others.slice(0, MOST_LISTED) }) };
}
