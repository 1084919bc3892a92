import { managedVM } from '../api/managedvm.ts';
import { OWNER_UID_LABEL } from '../domain/contract/child.ts';
import type { KubeObject } from '../runtime/api/object.ts';
import { type Marks, type Owner, type Standing, standingOf } from '../runtime/children/ownership.ts';
import type { OwnedKind } from '../runtime/pass/controller.ts';

/** How Steward marks what it makes. */
export const MARKS: Marks = { manager: 'steward', prefix: 'managed.systems' };

/** Label selector of everything that Steward applies. */
export const MANAGED_SELECTOR = OWNER_UID_LABEL;

/** Index of objects by the uid of the object that their labels name: candidates, whose they are {@link Whose} decides. */
export const OWNER_UID_INDEX = 'owner';

/** Also for objects that are not applied by us but carry our owner labels, such as the Backups that Velero makes from a Schedule. */
export const byOwner: Readonly<Record<string, (object: KubeObject) => readonly string[]>> = {
  [OWNER_UID_INDEX]: ({ metadata: { labels, ownerReferences = [] } }) => {
    const uid = labels?.[OWNER_UID_LABEL];
    // Labels may have been rewritten by somebody's policy.
    const uids = ownerReferences.filter(({ kind }) => kind === managedVM.kind).map(reference => reference.uid);
    return [...new Set([...(uid === undefined ? [] : [uid]), ...uids])];
  },
};

/** Whose an object is, as seen from a ManagedVM. */
export type Whose = (managedVM: Owner, object: KubeObject) => Standing;

/** What a ManagedVM owns, and the one decision about whose an object is, which the runtime makes by the same declarations. */
export type Ownership = { readonly kinds: readonly OwnedKind[]; readonly whose: Whose };

/** Children are found by their owner, whatever the kind: a deletion looks for each. */
export function ownershipOf(declared: readonly OwnedKind[]): Ownership {
  const kinds = declared.map(each =>
    each.read === 'named' ? each : { ...each, indexes: { ...byOwner, ...each.indexes } },
  );
  const byKind = Map.groupBy(kinds, ({ kind }) => kind.kind);
  const whose: Whose = (managedVM, object) => {
    const makings = byKind.get(object.kind) ?? [];
    const there = makings.find(({ namespace }) => namespace === object.metadata.namespace);
    const making = there ?? makings.find(({ namespace }) => namespace === undefined) ?? makings[0];
    return making === undefined ? 'foreign' : standingOf(MARKS, managedVM, making, object);
  };
  return { kinds, whose };
}
