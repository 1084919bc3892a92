import { at, listAt, textAt } from '../../domain/contract/json.ts';
import type { RecordedKind } from '../../domain/record/recordable.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { getUncached } from '../../runtime/http/uncached.ts';

const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/**
 * What the program called itself that wrote the spec last, as the API server keeps it (managedFields), which the cache does not. It proves nothing, and a
 * record says no more of it. Throws ApiError.
 */
export async function specManager(
  transport: Transport,
  { kind }: RecordedKind,
  object: KubeObject,
): Promise<string | undefined> {
  return managerOf(await getUncached(transport, kind, keyOf(object), METADATA_ONLY));
}

export function managerOf(metadata: unknown): string | undefined {
  const writers = listAt(metadata, 'metadata', 'managedFields')
    .filter(entry => at(entry, 'subresource') === undefined && at(entry, 'fieldsV1', 'f:spec') !== undefined)
    .map(entry => ({ manager: textAt(entry, 'manager'), time: textAt(entry, 'time') ?? '' }));
  return writers.toSorted((a, b) => (a.time < b.time ? 1 : -1))[0]?.manager?.slice(0, 128);
}
