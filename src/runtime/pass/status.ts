import type { Logger } from 'pino';
import { deepEqual } from '../api/json.ts';
import type { KubeObject, ResourceKind } from '../api/object.ts';
import type { Author, Client } from '../children/client.ts';

/**
 * Brings the status to `next` by one write, or by none when it is that already. Returns the object as it is then.
 * Throws ApiError Conflict when the object has changed since it was read: the status would be of the past.
 */
export async function writeStatus(
  client: Client,
  kind: ResourceKind,
  object: KubeObject,
  next: Readonly<Record<string, unknown>>,
  author: Author,
  log: Logger,
): Promise<KubeObject> {
  if (deepEqual(next, object.status ?? {})) return object;
  const written = await client.replaceStatus(kind, object, next, author);
  if (!deepEqual(next, written.status ?? {})) {
    // Every pass would write again: the schema drops or defaults a field.
    log.warn({ kind: kind.kind }, 'the API server keeps another status than was written: check the schema');
  }
  return written;
}
