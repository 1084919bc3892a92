/** A VM whose disks are exchanged for restored ones (AP-13): what its machine must know of it. */
import type { ManagedVMStatus } from '../../api/managedvm.ts';
import type { Restore } from '../../api/restore.ts';

/** Which claim takes a disk's place: exactly this one. */
export type Given = { readonly claim: string; readonly uid: string };

export type Exchange = {
  /** The Restore that does it. */
  readonly restore: string;
  /** By disk what it becomes: the Restore says so, which is consent to exactly that claim. Empty before the machine is off. */
  readonly disks: ReadonlyMap<string, Given>;
};

/**
 * The exchange that is under way, of the Restores of exactly this ManagedVM: the machine is off meanwhile. A Restore that is over consents to nothing, so that a
 * person may order otherwise. All disks or none: what of one is there alone is no state that ever was.
 */
export function exchangeOf(restores: readonly Restore[], isThere: (claim: Given) => boolean): Exchange | undefined {
  const [first] = restores
    .filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && isOff(status?.phase))
    .toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  if (first === undefined) return undefined;
  const { phase, disks = [] } = first.status ?? {};
  const given = disks.flatMap(({ disk, after }): [string, Given][] =>
    after === undefined ? [] : [[disk, { claim: after.claim, uid: after.uid }]],
  );
  const isWhole = phase === 'Exchanging' && given.length === disks.length && given.every(([, claim]) => isThere(claim));
  return { restore: first.metadata.name, disks: new Map(isWhole ? given : []) };
}

function isOff(phase: string | undefined): boolean {
  return phase === 'Stopping' || phase === 'Exchanging';
}

/** Whether a disk that was remembered is another claim from now on: who exchanges it waits for that to be written. */
export function becomesAnother(before: Pick<ManagedVMStatus, 'disks'>, after: Pick<ManagedVMStatus, 'disks'>): boolean {
  const now = new Map(after.disks?.map(({ name, claimUID }) => [name, claimUID]));
  return (before.disks ?? []).some(({ name, claimUID }) => {
    const other = now.get(name);
    return claimUID !== undefined && other !== undefined && other !== claimUID;
  });
}

/** Which of two comes first. */
export function orderOf({ metadata: { creationTimestamp = '', uid = '' } }: Pick<Restore, 'metadata'>): string {
  return `${creationTimestamp} ${uid}`;
}
