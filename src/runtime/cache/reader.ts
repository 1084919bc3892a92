import { type KubeObject, kindId, type ObjectKey, type ResourceKind } from '../api/object.ts';
import type { Reader } from '../pass/controller.ts';
import type { KindView } from './kindview.ts';

/** Reads what one controller has declared; asking for another kind is a bug and throws. */
export function createReader(controller: string, views: ReadonlyMap<string, KindView>): Reader {
  const viewOf = (kind: ResourceKind): KindView => {
    const view = views.get(kindId(kind));
    if (view === undefined) throw new Error(`${controller} neither owns nor watches ${kindId(kind)}`);
    return view;
  };
  return {
    get<T extends KubeObject>(kind: ResourceKind, key: ObjectKey): T | undefined {
      return viewOf(kind).get(key) as T | undefined;
    },
    list<T extends KubeObject>(kind: ResourceKind, options?: { readonly namespace?: string }): readonly T[] {
      return viewOf(kind).list(options?.namespace) as T[];
    },
    byIndex<T extends KubeObject>(kind: ResourceKind, index: string, value: string): readonly T[] {
      return viewOf(kind).byIndex(indexName(controller, index), value) as T[];
    },
    count: (kind, index, value) => viewOf(kind).count(indexName(controller, index), value),
    available: (kind, namespace) => viewOf(kind).available(namespace),
    state: (kind, namespace) => viewOf(kind).state(namespace),
    refusal: (kind, namespace) => viewOf(kind).refusal(namespace),
  };
}

/** Indexes are a controller's own, though the store is shared. */
export function indexName(controller: string, index: string): string {
  return `${controller}/${index}`;
}
