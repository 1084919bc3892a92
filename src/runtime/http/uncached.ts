/** Objects straight from the API server, by single requests, for whoever keeps no cache of them. All of it throws ApiError. */
import { isNotFound } from '../api/errors.ts';
import { collectionPath, type KubeObject, keyOf, type ObjectKey, pathOf, type ResourceKind } from '../api/object.ts';
import type { Transport } from './transport.ts';

const JSON_TYPE = 'application/json';

type Caller = Pick<Transport, 'call'>;

/** The object as it is now; undefined where there is none. `accept`: another form of it. */
export async function getUncached<T>(
  transport: Caller,
  kind: ResourceKind,
  key: ObjectKey,
  accept?: string,
): Promise<T | undefined> {
  try {
    const request = { method: 'GET', path: pathOf(kind, key), ...(accept !== undefined && { accept }) } as const;
    return (await transport.call(request)).value as T;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** All objects of a namespace ('': of all) that the field selector selects, so many by each request. */
export async function listUncached<T>(
  transport: Caller,
  kind: ResourceKind,
  { namespace, fieldSelector, atOnce }: { namespace: string; fieldSelector?: string | undefined; atOnce: number },
): Promise<readonly T[]> {
  const selector = fieldSelector === undefined ? '' : `&fieldSelector=${encodeURIComponent(fieldSelector)}`;
  const found: T[] = [];
  let more = '';
  do {
    const path = `${collectionPath(kind, namespace)}?limit=${atOnce}${selector}${more}`;
    const { value } = await transport.call({ method: 'GET', path });
    const { items, metadata } = value as { items: T[]; metadata: { continue?: string } };
    found.push(...items);
    more = metadata.continue ? `&continue=${encodeURIComponent(metadata.continue)}` : '';
  } while (more !== '');
  return found;
}

/** Makes the object. Throws AlreadyExists where there is one. */
export async function createUncached<T extends KubeObject>(
  transport: Caller,
  kind: ResourceKind,
  object: T,
): Promise<T> {
  const path = collectionPath(kind, object.metadata.namespace);
  const body = JSON.stringify(object);
  return (await transport.call({ method: 'POST', path, contentType: JSON_TYPE, body })).value as T;
}

/** Writes the version that was read, so that of two who write one is refused (Conflict). */
export async function replaceUncached<T extends KubeObject>(
  transport: Caller,
  kind: ResourceKind,
  object: T,
  subresource?: 'status',
): Promise<T> {
  const path = pathOf(kind, keyOf(object), subresource);
  const body = JSON.stringify(object);
  return (await transport.call({ method: 'PUT', path, contentType: JSON_TYPE, body })).value as T;
}
