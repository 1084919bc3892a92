import type { KubeObject, ResourceKind } from '../api/object.ts';
import type { Author, Client } from '../children/client.ts';

/** What the operator keeps in the metadata of a root object; undefined: a label that must not be there. */
export type FinalizerAndLabels = {
  readonly finalizer: string | undefined;
  readonly labels: Readonly<Record<string, string | undefined>>;
};

export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) === true;
}

/**
 * One write for finalizer and labels, or none where they are as they should be. It comes before any child: an object that is deleted right
 * after still gets its children cleaned up, and who selects by a label does so from the first child on.
 */
export async function ensureFinalizerAndLabels(
  client: Client,
  kind: ResourceKind,
  object: KubeObject,
  { finalizer, labels }: FinalizerAndLabels,
  author: Author,
): Promise<KubeObject> {
  const { finalizers = [], labels: live = {} } = object.metadata;
  const wrong = Object.entries(labels).filter(([name, value]) => live[name] !== value);
  const missing = finalizer !== undefined && !hasFinalizer(object, finalizer);
  if (wrong.length === 0 && !missing) return object;
  const change = {
    ...(missing && { finalizers: [...finalizers, finalizer] }),
    ...(wrong.length > 0 && { labels: Object.fromEntries(wrong.map(([name, value]) => [name, value ?? null])) }),
  };
  return client.mergePatch(kind, object, { metadata: change }, author);
}

export async function removeFinalizer(
  client: Client,
  kind: ResourceKind,
  object: KubeObject,
  finalizer: string,
  author: Author,
): Promise<KubeObject> {
  const others = (object.metadata.finalizers ?? []).filter(name => name !== finalizer);
  return client.mergePatch(kind, object, { metadata: { finalizers: others } }, author);
}
