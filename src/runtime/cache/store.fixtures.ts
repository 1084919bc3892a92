import type { KubeObject } from '../api/object.ts';
import type { Store } from './store.ts';

/** A complete list, as of `version`. */
export function fill(store: Store, objects: readonly KubeObject[], version: string): void {
  const listing = store.beginList();
  for (const object of objects) store.listed(listing, object);
  store.endList(listing, version);
}
