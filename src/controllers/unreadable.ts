import type { Unreadable } from '../domain/contract/unreadable.ts';
import type { ResourceKind } from '../runtime/api/object.ts';
import type { Reader } from '../runtime/pass/controller.ts';

/** A kind and the namespace in which it is looked at; '' for a cluster-scoped one, undefined for all namespaces that are watched. */
export type Place = readonly [ResourceKind, string | undefined];

/** Those of the places at which the API server refuses to say what there is. */
export function unreadableAt(read: Reader, places: readonly Place[]): readonly Unreadable[] {
  return places.flatMap(([kind, namespace]) => {
    const refusal = read.refusal(kind, namespace);
    return refusal === undefined ? [] : [{ kind: kind.kind, namespace: namespace ?? '', why: refusal.message }];
  });
}
