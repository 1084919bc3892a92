/**
 * An API server that is played, for what a real one on the same machine would take half an hour for: it serves watches, and answers writes
 * in this process as a real one does that refuses nothing and defaults nothing. Of children it keeps nothing, so they are never read.
 */
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { KubeObject, ResourceKind } from '../../../src/runtime/api/object.ts';
import { collectionPath, keyOf, keyString, kindId } from '../../../src/runtime/api/object.ts';
import type { CallAnswer } from '../../../src/runtime/http/exchange.ts';
import { startScriptedServer } from '../../../src/runtime/http/scriptedserver.ts';
import type { CallInfo, Intercept } from '../../../src/runtime/http/transport.ts';

export type PlayedServer = {
  readonly url: string;
  readonly intercept: Intercept;
  /** Somebody creates an object, or replaces all of it but its identity. */
  put(kind: ResourceKind, object: KubeObject): void;
  close(): Promise<void>;
};

/** What a write is answered with instead of being carried out. */
export type Refuse = (info: CallInfo) => CallAnswer | undefined;

const CRD_PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** `kinds`: those that it serves, cluster-wide. */
export async function playServer(
  kinds: readonly ResourceKind[],
  refuse: Refuse = () => undefined,
): Promise<PlayedServer> {
  const collections = new Map(kinds.map(kind => [collectionPath(kind), new Collection(kind)]));
  const definitions = [...new Set(kinds.map(kindId))].map(definitionOf);
  const server = await startScriptedServer((_, response, url) => {
    if (url.pathname === CRD_PATH) return sendAll(response, definitions);
    const { collection, namespace } = placeOf(url.pathname, collections);
    if (collection === undefined) return void response.writeHead(404).end('{}');
    collection.watch(response, namespace);
  });
  const call = async (info: CallInfo): Promise<CallAnswer> => {
    const { collection, key, subresource } = placeOf(info.path, collections);
    if (info.method === 'GET') return answer(404, { reason: 'NotFound', code: 404 });
    const refused = refuse(info);
    if (refused !== undefined) return refused;
    const body = JSON.parse(info.body ?? '{}') as KubeObject;
    if (collection === undefined) return answer(201, body);
    const known = body.metadata.uid !== undefined || collection.get(key) !== undefined;
    return answer(known ? 200 : 201, collection.write(body, key, subresource));
  };
  return {
    url: server.url,
    intercept: { call },
    put: (kind, object) => {
      const collection = collections.get(collectionPath(kind));
      if (collection === undefined) throw new Error(`${kind.kind} is not served`);
      collection.put(object);
    },
    close: () => server.close(),
  };
}

let version = 1000;
const nextVersion = () => String(++version);

/** Objects of one kind that were put, and who watches them. */
class Collection {
  readonly #kind: ResourceKind;
  readonly #objects = new Map<string, KubeObject>();
  /** With the namespace that each looks at; '' = all. */
  readonly #watchers = new Map<ServerResponse, string>();

  constructor(kind: ResourceKind) {
    this.#kind = kind;
  }

  get(key: string): KubeObject | undefined {
    return this.#objects.get(key);
  }

  watch(response: ServerResponse, namespace: string): void {
    const objects = [...this.#objects.values()];
    sendAll(
      response,
      objects.filter(object => isIn(namespace, object)),
    );
    this.#watchers.set(response, namespace);
    response.once('close', () => this.#watchers.delete(response));
  }

  put(object: KubeObject): void {
    const key = keyString(keyOf(object));
    const known = this.#objects.get(key);
    const generation = (known?.metadata.generation ?? 0) + 1;
    const status = known?.status;
    const made = { ...identity(known), generation };
    const next = { ...object, ...(status === undefined ? {} : { status }), metadata: { ...object.metadata, ...made } };
    this.#objects.set(key, next);
    this.#tell(known === undefined ? 'ADDED' : 'MODIFIED', next);
  }

  /** An apply or a creation of something that is not kept, or a change of what is. */
  write(body: KubeObject, key: string, subresource: string | undefined): KubeObject {
    const known = this.#objects.get(key);
    const { resourceVersion: _, ...metadata } = body.metadata;
    const at = { ...identity(known), ...(metadata.uid === undefined ? {} : { uid: metadata.uid }) };
    if (known === undefined) {
      const { kind, group, version: served } = this.#kind;
      const apiVersion = group === '' ? served : `${group}/${served}`;
      const child = { ...body, apiVersion, kind, metadata: { ...metadata, ...at, generation: 1 } };
      this.#tell('ADDED', child);
      return child;
    }
    const next =
      subresource === 'status'
        ? {
            ...known,
            ...(body.status === undefined ? {} : { status: body.status }),
            metadata: { ...known.metadata, ...at },
          }
        : { ...known, metadata: { ...known.metadata, ...metadata, ...at } };
    this.#objects.set(key, next);
    this.#tell('MODIFIED', next);
    return next;
  }

  #tell(type: string, object: KubeObject): void {
    const text = line(type, object);
    for (const [watcher, namespace] of this.#watchers) if (isIn(namespace, object)) watcher.write(text);
  }
}

function isIn(namespace: string, { metadata }: KubeObject): boolean {
  return namespace === '' || metadata.namespace === namespace;
}

function identity(known: KubeObject | undefined) {
  return {
    uid: known?.metadata.uid ?? randomUUID(),
    creationTimestamp: known?.metadata.creationTimestamp ?? new Date().toISOString(),
    resourceVersion: nextVersion(),
  };
}

function sendAll(response: ServerResponse, objects: readonly object[]): void {
  response.flushHeaders();
  for (const object of objects) response.write(line('ADDED', object));
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  response.write(line('BOOKMARK', { metadata: { resourceVersion: nextVersion(), annotations } }));
}

function line(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

function definitionOf(name: string): object {
  return { metadata: { name, uid: name, resourceVersion: '1', generation: 1 } };
}

export function answer(status: number, body: object, headers: Record<string, string> = {}): CallAnswer {
  return { status, headers, body: JSON.stringify(body) };
}

/** `/apis/GROUP/VERSION[/namespaces/NS]/PLURAL[/NAME[/SUBRESOURCE]]`, and the core group's form of it. */
const PATH = /^(\/api\/[^/]+|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;

function placeOf(path: string, collections: ReadonlyMap<string, Collection>) {
  const [, root, namespace = '', plural, name = '', subresource] = PATH.exec(path.split('?')[0] ?? '') ?? [];
  const key = keyString({ namespace, name: decodeURIComponent(name) });
  return { collection: collections.get(`${root}/${plural}`), namespace, key, subresource };
}
