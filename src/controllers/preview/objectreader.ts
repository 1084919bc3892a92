import type { ApiError } from '../../runtime/api/errors.ts';
import { type KubeObject, kindId, type ResourceKind } from '../../runtime/api/object.ts';
import type { Reader, WatchedKind } from '../../runtime/pass/controller.ts';

/** What there is of a kind, or why that cannot be told. */
export type Found = { readonly kind: ResourceKind; readonly objects: readonly KubeObject[] } | Refused;
type Refused = { readonly kind: ResourceKind; readonly refusal: ApiError };
type Indexed = Pick<WatchedKind, 'kind' | 'indexes'>;

/** Reads objects that are at hand, as controllers read their cache. A kind that is not among them is missing. */
export function readerOver(found: readonly Found[], indexed: readonly Indexed[]): Reader {
  const of = (kind: ResourceKind) => found.find(each => kindId(each.kind) === kindId(kind));
  const objectsOf = (kind: ResourceKind): readonly KubeObject[] => {
    const each = of(kind);
    return each !== undefined && 'objects' in each ? each.objects : [];
  };
  const refusal = (kind: ResourceKind) => {
    const each = of(kind);
    return each !== undefined && 'refusal' in each ? each.refusal : undefined;
  };
  const state = (kind: ResourceKind) =>
    of(kind) === undefined ? 'missing' : refusal(kind) === undefined ? 'served' : 'unreadable';
  const indexOf = (kind: ResourceKind, index: string) =>
    indexed.find(each => kindId(each.kind) === kindId(kind) && each.indexes?.[index] !== undefined)?.indexes?.[index];
  const byIndex = <T extends KubeObject>(kind: ResourceKind, index: string, value: string) =>
    objectsOf(kind).filter(
      object => indexOf(kind, index)?.(object).includes(value) === true,
    ) as unknown as readonly T[];
  return {
    get: <T extends KubeObject>(kind: ResourceKind, { namespace, name }: { namespace: string; name: string }) =>
      objectsOf(kind).find(
        ({ metadata }) => metadata.name === name && (metadata.namespace ?? '') === namespace,
      ) as unknown as T | undefined,
    list: <T extends KubeObject>(kind: ResourceKind, { namespace }: { readonly namespace?: string } = {}) =>
      objectsOf(kind).filter(
        ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
      ) as unknown as readonly T[],
    byIndex,
    count: (kind, index, value) => byIndex(kind, index, value).length,
    available: kind => state(kind) === 'served',
    ...{ state, refusal },
  };
}
