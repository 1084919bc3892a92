import type { ObjectMeta } from '../../runtime/api/object.ts';

type Named = { readonly metadata: ObjectMeta };

/**
 * Of the Contracts that name a namespace the one whose it is. Admission refuses a second one; of two that raced past it the older keeps
 * it, and of two of the same second that with the smaller UID. For the other the namespace is not there: whose it is must not depend on
 * who looks, nor change while nobody acts.
 */
export function holderOf<Claimant extends Named>(claimants: readonly Claimant[]): Claimant | undefined {
  return claimants.toSorted(byAge)[0];
}

function byAge(a: Named, b: Named): number {
  return (
    compare(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
    compare(a.metadata.uid ?? '', b.metadata.uid ?? '')
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
