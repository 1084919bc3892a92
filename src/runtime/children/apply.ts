import { ApiError, isApiError, isConflict, isInvalid, isNotFound } from '../api/errors.ts';
import { type KubeObject, keyOf } from '../api/object.ts';
import type { ChildOutcome, DesiredChild } from '../pass/controller.ts';
import type { Author, Precondition } from './client.ts';
import { differences, keyedLists } from './differences.ts';
import type { Family, OwnedKindView } from './family.ts';
import { appliedHash, appliedHashKey, labelled, marked } from './ownership.ts';
import { requireReadable } from './readable.ts';

/** A child ready to be sent: marked as its owner's, with the hash of what is wanted. */
type Prepared = {
  readonly owned: OwnedKindView;
  readonly desired: KubeObject;
  readonly hash: string;
  readonly adopt: ((live: KubeObject) => boolean) | undefined;
  readonly suffices: ((live: KubeObject) => boolean) | undefined;
};

/** Applies one child; only what must stop the whole pass (NotLeader, a bug) is thrown. */
export async function applyChild(
  family: Family,
  owner: KubeObject,
  child: KubeObject | DesiredChild,
  author: Author,
): Promise<ChildOutcome> {
  const item = asDesired(child);
  const owned = family.ownedKindOf(item.object);
  const ref = family.refOf(item.object);
  try {
    requireReadable(owned, item.object.metadata.namespace);
    const prepared = prepare(family, owner, owned, item);
    return { child: ref, ...(await bringAbout(family, owner, prepared, author)) };
  } catch (error) {
    if (isApiError(error))
      return { child: ref, action: 'failed', error: isMissingKind(error) ? kindMissing(error) : error };
    throw error;
  }
}

export function asDesired(child: KubeObject | DesiredChild): DesiredChild {
  return 'apiVersion' in child ? { object: child as KubeObject } : (child as DesiredChild);
}

function prepare(family: Family, owner: KubeObject, owned: OwnedKindView, item: DesiredChild): Prepared {
  const { marks, kind } = family;
  const content = labelled(marks, kind, owner, item.object, item.ownerReference !== false);
  const hash = appliedHash(content);
  return {
    owned,
    hash,
    adopt: item.adopt,
    suffices: item.suffices,
    desired: marked(marks, owned.kind, owner, content, { [appliedHashKey(marks)]: hash }),
  };
}

type Done = Pick<ChildOutcome, 'action' | 'object'>;

async function bringAbout(family: Family, owner: KubeObject, prepared: Prepared, author: Author): Promise<Done> {
  const { owned, desired, hash } = prepared;
  const known = family.records.get(uidOf(owner), family.childId(owned, desired));
  if (owned.view === undefined && known?.hash === hash) return { action: 'unchanged' };
  const cached = owned.view?.get(keyOf(desired));
  if (cached !== undefined) return update(family, owner, prepared, cached, author);
  if (owned.view === undefined && known?.hash !== undefined) return create(family, owner, prepared, author, known.uid);
  // Not seen yet in this process, though it may be there, or last seen as someone else's: look before writing.
  const look = family.mayHaveUnseen(owned, owner) || (known !== undefined && known.hash === undefined);
  const live = look ? await family.live(owned, desired, author) : undefined;
  return live === undefined ? create(family, owner, prepared, author) : update(family, owner, prepared, live, author);
}

/** No object of that name is known. An apply with force would take over whatever is there, so it must not be there. */
async function create(
  family: Family,
  owner: KubeObject,
  prepared: Prepared,
  author: Author,
  knownUid?: string,
): Promise<Done> {
  const { owned, desired } = prepared;
  try {
    return await send(family, owner, prepared, knownUid === undefined ? 'absent' : { uid: knownUid }, author);
  } catch (error) {
    if (!isConflict(error)) throw error;
    if (knownUid !== undefined) family.records.delete(uidOf(owner), family.childId(owned, desired));
    // It is there after all: not ours, or ours and not in the cache (labels taken away, or the watch is behind).
    const live = await family.live(owned, desired, author);
    if (live === undefined && knownUid === undefined) throw error;
    if (live === undefined) return send(family, owner, prepared, 'absent', author);
    return update(family, owner, prepared, live, author);
  }
}

async function update(
  family: Family,
  owner: KubeObject,
  prepared: Prepared,
  live: KubeObject,
  author: Author,
): Promise<Done> {
  const { owned, desired, hash, adopt, suffices } = prepared;
  const id = family.childId(owned, desired);
  if (family.standing(owner, owned, live, true) === 'foreign' && adopt?.(live) !== true) {
    family.records.set(uidOf(owner), id, recordOf(live, undefined, '[]'));
    throw new ApiError(409, 'NotOurs', `${desired.kind} ${desired.metadata.name} exists and belongs to someone else`);
  }
  if (live.metadata.deletionTimestamp !== undefined) {
    const since = live.metadata.deletionTimestamp;
    throw new ApiError(409, 'Terminating', `${desired.kind} ${desired.metadata.name} is being deleted since ${since}`);
  }
  const differing = differences(live, desired, owned.definition.listKeys);
  const known = family.records.get(uidOf(owner), id);
  const normalised = known?.hash === hash && known.uid === live.metadata.uid ? known.normalised : '[]';
  if (JSON.stringify(differing) === normalised || suffices?.(live) === true) {
    if (owned.view === undefined) family.records.set(uidOf(owner), id, recordOf(live, hash, normalised));
    return { action: 'unchanged', object: live };
  }
  const { immutable = [] } = owned.definition;
  const replaced = differing.some(({ path }) => immutable.includes(path));
  return (replaced ? replace : overwrite)(family, owner, prepared, live, author);
}

/** An object that cannot become what is wanted, and holds nothing: this very version of it goes, and another one is made. */
async function replace(
  family: Family,
  owner: KubeObject,
  prepared: Prepared,
  live: KubeObject,
  author: Author,
): Promise<Done> {
  await family.client.delete(prepared.owned.kind, live, author, { sameVersion: true });
  return send(family, owner, prepared, 'absent', author);
}

/**
 * An apply leaves the elements of others in a list that is told apart by keys. Where somebody has changed the key of one of ours, that is two
 * of one name to the server, which refuses it: then the list is set first, and the apply said again.
 */
async function overwrite(
  family: Family,
  owner: KubeObject,
  prepared: Prepared,
  live: KubeObject,
  author: Author,
): Promise<Done> {
  const { owned, desired } = prepared;
  const precondition = { uid: live.metadata.uid ?? '' };
  try {
    return await send(family, owner, prepared, precondition, author);
  } catch (error) {
    const lists = isInvalid(error) ? keyedLists(desired, live, owned.definition.listKeys) : [];
    if (lists.length === 0) throw error;
    let now = live;
    for (const list of lists) now = await family.client.mergePatch(owned.kind, now, list, author);
    return send(family, owner, prepared, precondition, author);
  }
}

async function send(
  family: Family,
  owner: KubeObject,
  prepared: Prepared,
  precondition: Precondition,
  author: Author,
): Promise<Done> {
  const { owned, desired, hash } = prepared;
  const id = family.childId(owned, desired);
  const { object, created } = await family.client.apply(owned.kind, desired, precondition, author);
  const normalised = JSON.stringify(differences(object, desired, owned.definition.listKeys));
  if (owned.view === undefined || normalised !== '[]') {
    family.records.set(uidOf(owner), id, recordOf(object, hash, normalised));
  } else family.records.delete(uidOf(owner), id);
  return { action: created ? 'created' : 'updated', object };
}

function recordOf(live: KubeObject, hash: string | undefined, normalised: string) {
  const { uid = '', resourceVersion = '' } = live.metadata;
  return { uid, resourceVersion, hash, normalised };
}

function uidOf(owner: KubeObject): string {
  return owner.metadata.uid ?? '';
}

/** 404 on an apply: the URL is not served. A missing namespace names itself in the details. */
function isMissingKind(error: ApiError): boolean {
  return isNotFound(error) && error.reason === 'NotFound' && error.details?.name === undefined;
}

function kindMissing(error: ApiError): ApiError {
  return new ApiError(404, 'KindMissing', error.message, { details: error.details, cause: error });
}
