/** Getting the bed's own objects into the cluster, many at a time. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiError, type Client, type KubeObject } from './client.ts';
import type { Condition } from './conditions.ts';
import { Store } from './store.ts';

/** Plurals that are not simply the kind in lower case with an s. */
const irregular: Readonly<Record<string, string>> = {
  Endpoints: 'endpoints',
  NetworkAttachmentDefinition: 'network-attachment-definitions',
  PriorityClass: 'priorityclasses',
  Prometheus: 'prometheuses',
  StorageClass: 'storageclasses',
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
  VolumeSnapshotClass: 'volumesnapshotclasses',
};

/** Path of the collection the object belongs to. */
function collectionOf({ apiVersion = '', kind = '', metadata }: KubeObject): string {
  const plural = irregular[kind] ?? `${kind.toLowerCase()}s`;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return metadata.namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${metadata.namespace}/${plural}`;
}

/** Creates the object, or brings the one that is there in line. Creating is tried first: in a fresh bed it is all there is to do, and cheaper. */
export async function apply(client: Client, object: KubeObject): Promise<void> {
  const collection = collectionOf(object);
  try {
    await client.create(collection, object);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    await client.patch('apply', `${collection}/${object.metadata.name}`, object);
  }
}

export async function applyAll(client: Client, objects: readonly KubeObject[]): Promise<void> {
  await Promise.all(objects.map(object => apply(client, object)));
}

/** The objects in a folder of JSON files. */
export async function readObjects(folder: string): Promise<KubeObject[]> {
  const files = await readdir(folder);
  return Promise.all(files.map(async file => JSON.parse(await readFile(join(folder, file), 'utf8')) as KubeObject));
}

type Crd = KubeObject & { readonly status?: { readonly conditions?: readonly Condition[] } };

/** Applies CRDs and returns when every one of them is served. */
export async function applyCrds(client: Client, crds: readonly KubeObject[]): Promise<void> {
  await applyAll(client, crds);
  const waiting = new Set(crds.map(crd => crd.metadata.name));
  const served = new AbortController();
  const store = new Store<Crd>(client, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions');
  store.onChange(name => {
    const conditions = store.get(name)?.status?.conditions ?? [];
    if (conditions.some(each => each.type === 'Established' && each.status === 'True')) waiting.delete(name);
    if (waiting.size === 0) served.abort();
  });
  if (waiting.size > 0) await store.follow(served.signal);
}
