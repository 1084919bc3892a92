import { ApiError, isAlreadyExists } from '../api/errors.ts';
import { type KubeObject, keyOf } from '../api/object.ts';
import type { Author } from './client.ts';
import type { Family, OwnedKindView } from './family.ts';
import { labelled, marked } from './ownership.ts';
import { requireReadable } from './readable.ts';

/** Stands for a hash where the content is generated once and never compared. */
const GENERATED = 'generated';

/** The live object of that name, created from `object` where there is none. Throws NotOurs for someone else's. */
export async function createChildOnce(
  family: Family,
  owner: KubeObject,
  object: KubeObject,
  author: Author,
): Promise<KubeObject> {
  const owned = family.ownedKindOf(object);
  requireReadable(owned, object.metadata.namespace);
  const known = owned.view?.get(keyOf(object)) ?? recorded(family, owner, owned, object);
  if (known !== undefined) return ours(family, owner, owned, known);
  const live = family.mayHaveUnseen(owned, owner) ? await family.live(owned, object, author) : undefined;
  const result = live ?? (await createOrGet(family, owner, owned, object, author));
  return withRecord(family, owner, owned, ours(family, owner, owned, result));
}

async function createOrGet(
  family: Family,
  owner: KubeObject,
  owned: OwnedKindView,
  object: KubeObject,
  author: Author,
): Promise<KubeObject> {
  try {
    const content = labelled(family.marks, family.kind, owner, object, true);
    return await family.client.create(owned.kind, marked(family.marks, owned.kind, owner, content), author);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const live = await family.live(owned, object, author);
    if (live === undefined) throw error;
    return live;
  }
}

function ours(family: Family, owner: KubeObject, owned: OwnedKindView, live: KubeObject): KubeObject {
  if (family.standing(owner, owned, live, true) !== 'foreign') return live;
  throw new ApiError(409, 'NotOurs', `${live.kind} ${live.metadata.name} exists and belongs to someone else`);
}

function recorded(family: Family, owner: KubeObject, owned: OwnedKindView, object: KubeObject): KubeObject | undefined {
  return family.records.get(owner.metadata.uid ?? '', family.childId(owned, object))?.object;
}

function withRecord(family: Family, owner: KubeObject, owned: OwnedKindView, object: KubeObject): KubeObject {
  const { uid = '', resourceVersion = '' } = object.metadata;
  if (owned.view === undefined) {
    const record = { uid, resourceVersion, hash: GENERATED, normalised: '[]', object };
    family.records.set(owner.metadata.uid ?? '', family.childId(owned, object), record);
  }
  return object;
}
