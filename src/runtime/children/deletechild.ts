import { type KubeObject, keyOf } from '../api/object.ts';
import type { Author } from './client.ts';
import type { Family, OwnedKindView } from './family.ts';

/**
 * Deletes one child of this owner; gone already, or not its own (any more), is fine. What a watch has shown is deleted as it was seen only:
 * it may have been orphaned since. Throws ApiError Conflict then.
 */
export async function deleteChild(
  family: Family,
  owner: KubeObject,
  object: KubeObject,
  author: Author,
): Promise<void> {
  const owned = family.ownedKindOf(object);
  const live = await find(family, owned, object, author);
  if (live === undefined || family.standing(owner, owned, live) !== 'ours') return;
  if (object.metadata.uid !== undefined && object.metadata.uid !== live.metadata.uid) return;
  await family.client.delete(owned.kind, live, author, {
    sameVersion: true,
    dependents: owned.definition.dependents,
  });
  family.records.delete(owner.metadata.uid ?? '', family.childId(owned, object));
}

async function find(
  family: Family,
  owned: OwnedKindView,
  object: KubeObject,
  author: Author,
): Promise<KubeObject | undefined> {
  return owned.view === undefined ? family.live(owned, object, author) : owned.view.get(keyOf(object));
}
