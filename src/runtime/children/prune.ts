import { isApiError } from '../api/errors.ts';
import { apiVersionOf, type KubeObject, keyOf, keyString, kindId, parseKey } from '../api/object.ts';
import type { ChildOutcome, DesiredChild, Reader } from '../pass/controller.ts';
import { asDesired } from './apply.ts';
import type { Author } from './client.ts';
import type { Family, OwnedKindView } from './family.ts';
import { ownerUidOf } from './ownership.ts';

type Doomed = { readonly owned: OwnedKindView; readonly object: KubeObject; readonly sameVersion: boolean };

/** Deletes the owner's children that are neither wanted nor kept by their kind's prune rule, all at once. */
export async function pruneChildren(
  family: Family,
  owner: KubeObject,
  wanted: readonly (KubeObject | DesiredChild)[],
  author: Author,
): Promise<ChildOutcome[]> {
  const keep = new Set(
    wanted.map(child => {
      const { object } = asDesired(child);
      return family.childId(family.ownedKindOf(object), object);
    }),
  );
  const ownerUid = owner.metadata.uid ?? '';
  const doomed = [...watchedChildren(family, owner), ...namedChildren(family, ownerUid)];
  const unwanted = doomed.filter(
    ({ owned, object }) => !keep.has(family.childId(owned, object)) && mayPrune(owned, object),
  );
  return Promise.all(unwanted.map(child => deleteDoomed(family, ownerUid, child, author)));
}

function mayPrune(owned: OwnedKindView, object: KubeObject): boolean {
  return object.metadata.deletionTimestamp === undefined && owned.definition.prune?.(object) !== false;
}

function watchedChildren(family: Family, owner: KubeObject): Doomed[] {
  return family.owned.flatMap(owned => {
    const candidates = [...family.candidatesOf(owned, keyString(keyOf(owner))), ...family.straysOf(owned, owner)];
    const children = [...new Set(candidates)].filter(child => family.standing(owner, owned, child) === 'ours');
    return children.map(object => ({ owned, object, sameVersion: true }));
  });
}

/** Children that are read by name: those that this process has dealt with. */
function namedChildren(family: Family, ownerUid: string): Doomed[] {
  const children: Doomed[] = [];
  for (const [id, { uid, hash }] of family.records.of(ownerUid)) {
    const [kindName = '', key = ''] = id.split('|');
    const kind = family.owned.find(owned => owned.view === undefined && kindId(owned.kind) === kindName)?.kind;
    if (kind === undefined || hash === undefined) continue;
    const { namespace, name } = parseKey(key);
    const metadata = { name, uid, ...(namespace === '' ? {} : { namespace }) };
    const object: KubeObject = { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata };
    const owned = family.ownedKindOf(object);
    if (owned.view === undefined) children.push({ owned, object, sameVersion: false });
  }
  return children;
}

async function deleteDoomed(
  family: Family,
  ownerUid: string,
  { owned, object, sameVersion }: Doomed,
  author: Author,
): Promise<ChildOutcome> {
  const child = family.refOf(object);
  try {
    await family.client.delete(owned.kind, object, author, {
      sameVersion,
      dependents: owned.definition.dependents,
    });
    family.records.delete(ownerUid, family.childId(owned, object));
    return { child, action: 'deleted' };
  } catch (error) {
    if (isApiError(error)) return { child, action: 'failed', error };
    throw error;
  }
}

/**
 * Deletes what an owner that is gone for good has left in other namespaces, where no ownerReference reaches: its
 * finalizer was taken away, or it was recreated under the same name. `current` is the owner of that name, if any.
 * The API server is asked before anything is deleted, because the cache may be behind.
 */
export async function reapOrphans(
  family: Family,
  ownerKey: string,
  current: KubeObject | undefined,
  read: Reader,
  author: Author,
): Promise<ChildOutcome[]> {
  const orphans = family.owned.flatMap(owned =>
    family
      .candidatesOf(owned, ownerKey)
      .filter(child => isOrphan(family, ownerKey, current, owned, child) && mayReap(owned, child, read))
      .map(object => ({ owned, object, sameVersion: true })),
  );
  if (orphans.length === 0) return [];
  const live = await family.client.get(family.kind, formerOwner(family, ownerKey), author);
  const dead = orphans.filter(({ object }) => ownerUidOf(family.marks, object) !== live?.metadata.uid);
  return Promise.all(
    dead.map(child => deleteDoomed(family, ownerUidOf(family.marks, child.object) ?? '', child, author)),
  );
}

function isOrphan(
  family: Family,
  ownerKey: string,
  current: KubeObject | undefined,
  owned: OwnedKindView,
  child: KubeObject,
): boolean {
  const uid = ownerUidOf(family.marks, child);
  if (uid === undefined || uid === current?.metadata.uid) return false;
  const owner = formerOwner(family, ownerKey, uid);
  const elsewhere = child.metadata.namespace !== owner.metadata.namespace;
  // What refers to its owner is the garbage collector's.
  const referring = child.metadata.ownerReferences?.some(reference => reference.uid === uid) === true;
  return elsewhere && !referring && family.standing(owner, owned, child) === 'ours';
}

function mayReap(owned: OwnedKindView, object: KubeObject, read: Reader): boolean {
  const { reap, prune } = owned.definition;
  if (object.metadata.deletionTimestamp !== undefined) return false;
  return reap === undefined ? prune?.(object) !== false : reap(object, read);
}

/** What is still known of an owner that is gone. */
function formerOwner(family: Family, ownerKey: string, uid?: string): KubeObject {
  const { name, namespace } = parseKey(ownerKey);
  const metadata = { name, ...(namespace === '' ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
  return { apiVersion: apiVersionOf(family.kind), kind: family.kind.kind, metadata };
}
