import { ApiError, isInvalid, isNotFound } from '../api/errors.ts';
import { isObject } from '../api/json.ts';
import {
  apiVersionOf,
  collectionPath,
  type KubeObject,
  keyOf,
  keyString,
  type OwnerReference,
  pathOf,
  type ResourceKind,
} from '../api/object.ts';
import type { Cache, Section } from '../cache/cache.ts';
import { strip } from '../cache/watchstream.ts';
import type { CallRequest, Method, Transport } from '../http/transport.ts';

/** What is to be merged into an object, each field in its place. */
export type Change = {
  readonly metadata?: {
    readonly finalizers?: readonly string[];
    readonly labels?: Readonly<Record<string, string | null>>;
    readonly ownerReferences?: readonly OwnerReference[];
  };
  readonly [field: string]: unknown;
};

/** Who writes, so that it need not be told of its own write, and whether others let it pass first. */
export type Author = { readonly origin: unknown; readonly urgent: boolean };

export type Precondition =
  /** Exactly the incarnation that was read. */
  | { readonly uid: string }
  /** No object of that name. */
  | 'absent';

export type Deletion = {
  /** Only the version that was read. */
  readonly sameVersion?: boolean;
  readonly dependents?: 'Delete' | 'Orphan' | undefined;
};

type Write = {
  readonly kind: ResourceKind;
  /** Names the object; it need not be complete. */
  readonly target: KubeObject;
  readonly author: Author;
  readonly method: Method;
  readonly path: string;
  readonly contentType?: string;
  readonly body: unknown;
  /** Whether an answer with this status made its version out of the one that we had read. */
  readonly exact: (status: number) => boolean;
  /** Takes a finalizer away, which may end the object. */
  readonly mayEnd?: boolean;
};

/** Objects that one live list brings at most. */
export const MOST_LISTED = 500;
/** A server behind the API server may wait for a node that does not answer. */
const INVOKED_MS = 30_000;
const JSON_TYPE = 'application/json';
const MERGE_PATCH = 'application/merge-patch+json';
const APPLY_PATCH = 'application/apply-patch+yaml';
/** No object has this version any more, so an apply that names it can only create. */
const VERSION_OF_NOTHING = '1';

/** Writes objects and keeps the cache in step with the answers. Throws ApiError, NotLeader. */
export class Client {
  readonly #transport: Transport;
  readonly #cache: Cache;
  readonly #fieldManager: string;

  constructor(transport: Transport, cache: Cache, fieldManager: string) {
    this.#transport = transport;
    this.#cache = cache;
    this.#fieldManager = fieldManager;
  }

  /** One live list of a namespace, past the cache; no more than one page of it. */
  async list(kind: ResourceKind, namespace: string): Promise<readonly KubeObject[]> {
    const path = `${collectionPath(kind, namespace)}?limit=${MOST_LISTED}`;
    const { value } = await this.#transport.call({ method: 'GET', path });
    const items = isObject(value) && Array.isArray(value.items) ? value.items : [];
    return items.map(asObject);
  }

  /** Live lists past the cache, one after another until all is there; 20 objects each, for of such kinds one object may be a megabyte. */
  async listAll(
    kind: ResourceKind,
    { namespace, fieldSelector }: { readonly namespace?: string | undefined; readonly fieldSelector: string },
  ): Promise<readonly KubeObject[]> {
    const found: KubeObject[] = [];
    const selected = `limit=20&fieldSelector=${encodeURIComponent(fieldSelector)}`;
    let more = '';
    do {
      const path = `${collectionPath(kind, namespace)}?${selected}${more}`;
      const { value } = await this.#transport.call({ method: 'GET', path });
      const { items, metadata } = value as { items?: unknown[]; metadata?: { continue?: string } };
      found.push(...(items ?? []).map(asObject));
      more = metadata?.continue ? `&continue=${encodeURIComponent(metadata.continue)}` : '';
    } while (more !== '');
    return found;
  }

  /** One live read, past the cache; undefined when there is none. */
  async get(kind: ResourceKind, target: KubeObject, author: Author): Promise<KubeObject | undefined> {
    return this.#found({ method: 'GET', path: pathOf(kind, keyOf(target)), urgent: author.urgent });
  }

  /**
   * One live read by the right to patch: a change of nothing, as a dry run. RBAC can except no namespace from a right to get that holds for all of them; an
   * admission policy can, of patches, dry runs included. Undefined when there is none.
   */
  async look(kind: ResourceKind, target: KubeObject, author: Author): Promise<KubeObject | undefined> {
    const query = `fieldManager=${encodeURIComponent(this.#fieldManager)}&dryRun=All`;
    const path = `${pathOf(kind, keyOf(target))}?${query}`;
    return this.#found({ method: 'PATCH', path, contentType: MERGE_PATCH, body: '{}', urgent: author.urgent });
  }

  /**
   * Server-side apply, forced. A precondition that does not hold is ApiError Conflict; `created` tells which it was.
   */
  async apply(
    kind: ResourceKind,
    desired: KubeObject,
    precondition: Precondition,
    author: Author,
  ): Promise<{ object: KubeObject; created: boolean }> {
    const guard = precondition === 'absent' ? { resourceVersion: VERSION_OF_NOTHING } : precondition;
    const query = `fieldManager=${encodeURIComponent(this.#fieldManager)}&force=true`;
    const { status, object } = await this.#write({
      ...{ kind, target: desired, author, method: 'PATCH', contentType: APPLY_PATCH },
      path: `${pathOf(kind, keyOf(desired))}?${query}`,
      body: { ...desired, metadata: { ...desired.metadata, ...guard } },
      exact: code => code === 201,
    }).catch((error: unknown) => {
      throw isOtherIncarnation(error) ? new ApiError(409, 'Conflict', error.message, { cause: error }) : error;
    });
    return { object, created: status === 201 };
  }

  async create(kind: ResourceKind, object: KubeObject, author: Author): Promise<KubeObject> {
    const created = await this.#write({
      ...{ kind, target: object, author, method: 'POST', contentType: JSON_TYPE },
      path: `${collectionPath(kind, object.metadata.namespace)}?fieldManager=${encodeURIComponent(this.#fieldManager)}`,
      body: object,
      exact: () => true,
    });
    return created.object;
  }

  /** Replaces the whole status of the version that was read; Conflict when there is a newer one. */
  async replaceStatus(
    kind: ResourceKind,
    object: KubeObject,
    status: Readonly<Record<string, unknown>>,
    author: Author,
  ): Promise<KubeObject> {
    const { name, namespace, uid, resourceVersion } = object.metadata;
    const replaced = await this.#write({
      ...{ kind, target: object, author, method: 'PUT', contentType: JSON_TYPE },
      path: `${pathOf(kind, keyOf(object), 'status')}?fieldManager=${encodeURIComponent(this.#fieldManager)}`,
      body: {
        apiVersion: apiVersionOf(kind),
        kind: kind.kind,
        metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion },
        status,
      },
      exact: () => true,
    });
    return replaced.object;
  }

  /**
   * JSON merge patch of the version that was read: a list is replaced, others' elements included, and null takes a field away.
   * Conflict when there is a newer version.
   */
  async mergePatch(kind: ResourceKind, object: KubeObject, change: Change, author: Author): Promise<KubeObject> {
    const { uid, resourceVersion } = object.metadata;
    const patched = await this.#write({
      ...{ kind, target: object, author, method: 'PATCH', contentType: MERGE_PATCH },
      path: `${pathOf(kind, keyOf(object))}?fieldManager=${encodeURIComponent(this.#fieldManager)}`,
      body: { ...change, metadata: { ...change.metadata, uid, resourceVersion } },
      exact: () => true,
      mayEnd: change.metadata !== undefined,
    });
    return patched.object;
  }

  /**
   * Deletes this very incarnation (and, with `sameVersion`, only as it was read). Gone already is fine.
   * Throws ApiError Conflict when the name now is another incarnation, or a newer version.
   */
  async delete(
    kind: ResourceKind,
    object: KubeObject,
    author: Author,
    { sameVersion = false, dependents = 'Delete' }: Deletion = {},
  ): Promise<void> {
    const { uid, resourceVersion } = object.metadata;
    const preconditions = { ...(uid === undefined ? {} : { uid }), ...(sameVersion ? { resourceVersion } : {}) };
    const key = keyString(keyOf(object));
    const sections = this.#cache.holding(kind, object);
    for (const { store } of sections) store.writing(key);
    let settle: (section: Section) => void = ({ store }) => store.gaveUp(key);
    try {
      const { value } = await this.#transport.call({
        ...{ method: 'DELETE', path: pathOf(kind, keyOf(object)), contentType: JSON_TYPE, urgent: author.urgent },
        body: JSON.stringify({
          kind: 'DeleteOptions',
          apiVersion: 'v1',
          propagationPolicy: dependents === 'Orphan' ? 'Orphan' : 'Background',
          preconditions,
        }),
      });
      settle = settlementOf(value, key, uid ?? '', author);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    } finally {
      for (const section of sections) settle(section);
    }
  }

  /** What a subresource does stands in no cache. It answers with nothing, and one that says no kind of nothing refuses whoever asks for one (406). */
  async invoke(
    kind: ResourceKind,
    object: KubeObject,
    subresource: string,
    { urgent }: Author,
    content?: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const path = pathOf(kind, keyOf(object), subresource);
    const body = content === undefined ? {} : { contentType: JSON_TYPE, body: JSON.stringify(content) };
    await this.#transport.call({ method: 'PUT', path, urgent, accept: '*/*', timeoutMs: INVOKED_MS, ...body });
  }

  async #found(request: CallRequest): Promise<KubeObject | undefined> {
    try {
      return asObject((await this.#transport.call(request)).value);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #write(write: Write): Promise<{ status: number; object: KubeObject }> {
    const { kind, target, author, method, path, contentType = JSON_TYPE, body } = write;
    const key = keyString(keyOf(target));
    const sections = this.#cache.holding(kind, target);
    for (const { store } of sections) store.writing(key);
    let settle: (section: Section) => void = ({ store }) => store.gaveUp(key);
    try {
      const request = { method, path, contentType, body: JSON.stringify(body), urgent: author.urgent };
      const { status, value } = await this.#transport.call(request);
      const object = asObject(value);
      settle =
        write.mayEnd === true && hasEnded(object)
          ? ({ store }) => store.erased(key, object.metadata.uid ?? '', author.origin)
          : section => section.wrote(object, author.origin, write.exact(status));
      return { status, object };
    } finally {
      for (const section of sections) settle(section);
    }
  }
}

/** Without its last finalizer a deleted object is gone; the answer shows what it was. */
function hasEnded({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0;
}

/** What the API server says when the uid of an apply is not the live one. */
function isOtherIncarnation(error: unknown): error is ApiError {
  return isInvalid(error) && error.details?.causes?.some(({ field }) => field === 'metadata.uid') === true;
}

/** DELETE answers with a Status or the object as it was when it is gone, and with a deletionTimestamp when it waits. */
function settlementOf(value: unknown, key: string, uid: string, author: Author): (section: Section) => void {
  const waits = isObject(value) && isObject(value.metadata) && value.metadata.deletionTimestamp !== undefined;
  if (!waits) return ({ store }) => store.erased(key, uid, author.origin);
  const object = asObject(value);
  return section => section.wrote(object, author.origin, false);
}

function asObject(value: unknown): KubeObject {
  if (isObject(value) && isObject(value.metadata)) return strip(value as KubeObject);
  throw new ApiError(0, 'Unreachable', 'the API server answered with something that is not an object');
}
