import type { Outcome } from '../../domain/contract/outcome.ts';
import { type KeyPlaces, moveOf, type Placed } from '../../domain/machine/keymove.ts';
import { ApiError, isApiError } from '../../runtime/api/errors.ts';
import { deepEqual } from '../../runtime/api/json.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { childOf, type KeyContext, placedKeys, type StoredSet } from './keys.ts';

/**
 * Moves the keys of one ManagedVM to the namespace where they stay, each generation by a copy that is never overwritten. The former Secret goes
 * once the API server has shown the copy, byte for byte; cut off anywhere, the next pass goes on. Throws NotLeader.
 */
export async function moveKeys(context: KeyContext, places: KeyPlaces): Promise<readonly Outcome[]> {
  if (places.migrateFrom === undefined) return [];
  const outcomes: Outcome[] = [];
  for (const placed of placedKeys(context.read, context.object, places)) {
    const move = moveOf(placed, context.object.status?.keys);
    if (placed.former === undefined || move === undefined) continue;
    if (move === 'stay') context.event('Warning', 'KeysNotMoved', notMoved(placed.former, placed, places));
    else outcomes.push(...(await moved(context, placed.former, places)));
  }
  return outcomes;
}

async function moved(
  context: KeyContext,
  { secret }: StoredSet,
  { namespace }: KeyPlaces,
): Promise<readonly Outcome[]> {
  try {
    // Not as a watch has shown it: what has gone meanwhile is not brought back.
    const source = await context.live(secret);
    if (source === undefined) return [];
    const copy = copyOf(source, namespace);
    await context.createOnce(copy);
    const proof = await context.live(copy);
    if (!deepEqual(proof?.data, source.data)) throw notTheCopy(copy);
    await context.deleteChild(secret);
    return [{ child: childOf(secret), action: 'moved' }];
  } catch (error) {
    if (!isApiError(error)) throw error;
    return [{ child: { ...childOf(secret), namespace }, action: 'failed', error }];
  }
}

/** Without labels and marks, which it gets for its new place. */
function copyOf({ apiVersion, kind, metadata, type, data }: KubeObject, namespace: string): KubeObject {
  return { apiVersion, kind, metadata: { name: metadata.name, namespace }, type, immutable: true, data };
}

function notTheCopy({ metadata: { namespace, name } }: KubeObject): ApiError {
  return new ApiError(409, 'NotOurs', `Secret ${namespace}/${name} holds something else than its copy`);
}

function notMoved({ secret }: StoredSet, { home }: Placed, { namespace }: KeyPlaces): string {
  const { name, namespace: from } = secret.metadata;
  const why =
    home === undefined
      ? 'its keys are not those that the guest was given'
      : `namespace ${namespace} holds other keys under that name`;
  return `Secret ${name} stays in namespace ${from}: ${why}. Delete the one that is not in status.keys (see the procedures, Move the keys).`;
}
