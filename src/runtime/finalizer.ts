import type { Author, Client } from './client.ts';
import type { KubeObject, ResourceKind } from './object.ts';

export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) === true;
}

/** A write of its own, before any child exists: an object that is deleted right after still gets its children cleaned up. */
export async function addFinalizer(
  client: Client,
  kind: ResourceKind,
  object: KubeObject,
  finalizer: string,
  author: Author,
): Promise<KubeObject> {
  return client.setFinalizers(kind, object, [...(object.metadata.finalizers ?? []), finalizer], author);
}

export async function removeFinalizer(
  client: Client,
  kind: ResourceKind,
  object: KubeObject,
  finalizer: string,
  author: Author,
): Promise<KubeObject> {
  const others = (object.metadata.finalizers ?? []).filter(name => name !== finalizer);
  return client.setFinalizers(kind, object, others, author);
}
