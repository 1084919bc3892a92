/** Where kube-apiserver serves objects of a kind. */
import { collectionPath, pathOf as objectPath, type ResourceKind } from '../../../src/runtime/api/object.ts';

/** URL path of one object, or without a name of the collection, of a namespace or without one of the whole cluster. */
export function pathOf(kind: ResourceKind, namespace = '', name?: string): string {
  return name === undefined ? collectionPath(kind, namespace) : objectPath(kind, { namespace, name });
}
