import type { Logger } from 'pino';
import { ApiError } from '../api/errors.ts';
import { type KubeObject, keyOf } from '../api/object.ts';
import { applyChild, asDesired } from '../children/apply.ts';
import type { Author } from '../children/client.ts';
import { createChildOnce } from '../children/createonce.ts';
import { deleteChild } from '../children/deletechild.ts';
import type { Family } from '../children/family.ts';
import { pruneChildren } from '../children/prune.ts';
import type { EventRecorder } from '../observe/events.ts';
import type { ChildOutcome, Reader, ReconcileContext } from './controller.ts';
import { writeStatus } from './status.ts';
import type { StatusThrottle } from './statusthrottle.ts';

export type PassSettings = {
  readonly family: Family;
  readonly read: Reader;
  readonly recorder: EventRecorder;
  readonly throttle: StatusThrottle;
  readonly author: Author;
  readonly now: Date;
  readonly log: Logger;
  readonly signal: AbortSignal;
};

/** One pass over one object: what the controller is given, and what the loop wants to know afterwards. */
export type Pass<T extends KubeObject> = {
  readonly context: ReconcileContext<T>;
  /** The object as it is after our own writes to it. */
  current(): KubeObject;
  /** Children that could not be brought about. */
  readonly failures: readonly ApiError[];
  /** Milliseconds that a status has to wait for its turn; 0: none waits. */
  statusDelayMs(): number;
};

export function createPass<T extends KubeObject>(object: T, settings: PassSettings): Pass<T> {
  const { family, recorder, author, log, throttle } = settings;
  let current: KubeObject = object;
  let statusDelayMs = 0;
  const failures: ApiError[] = [];
  const generated: KubeObject[] = [];
  const note = (outcomes: readonly ChildOutcome[]): readonly ChildOutcome[] => {
    for (const { child, error } of outcomes) {
      if (error === undefined) continue;
      failures.push(error);
      log.debug({ child, status: error.status, reason: error.reason }, `child failed: ${error.message}`);
    }
    return outcomes;
  };
  const context: ReconcileContext<T> = {
    ...{ object, read: settings.read, now: settings.now, log, signal: settings.signal },
    apply: async children => note(await all(children.map(child => applyChild(family, object, child, author)))),
    prune: async wanted => note(await pruneChildren(family, object, [...wanted, ...generated], author)),
    createOnce: async desired => {
      generated.push(asDesired(desired).object);
      return createChildOnce(family, object, desired, author);
    },
    live: child => family.live(family.ownedKindOf(child), child, author),
    deleteChild: child => deleteChild(family, object, child, author),
    deleteObject: (kind, target) => family.client.delete(kind, target, author),
    invoke: (kind, target, subresource, content) => family.client.invoke(kind, target, subresource, author, content),
    removeOwnerReference: async (kind, target, ownerUid) => {
      const ownerReferences = target.metadata.ownerReferences?.filter(({ uid }) => uid !== ownerUid) ?? [];
      await family.client.mergePatch(kind, target, { metadata: { ownerReferences } }, author);
    },
    create: async (kind, target) => {
      await family.client.create(kind, target, author);
    },
    mergePatch: async (kind, target, change) => {
      await family.client.mergePatch(kind, target, change, author);
    },
    status: async next => {
      if (isOutdated(family, current)) throw outdated(family, current);
      const { uid = '' } = current.metadata;
      statusDelayMs = throttle.delay(uid, (current.status ?? {}) as Record<string, unknown>, next);
      if (statusDelayMs > 0) return false;
      const before = current;
      current = await writeStatus(family.client, family.kind, current, next, author, log);
      if (current !== before) throttle.written(uid);
      return true;
    },
    event: (type, reason, message) => recorder.record(object, type, reason, message),
  };
  return { context, current: () => current, failures, statusDelayMs: () => statusDelayMs };
}

/** The API server would refuse a status for an object that has changed meanwhile: spare the request. */
function isOutdated(family: Family, object: KubeObject): boolean {
  return family.root.get(keyOf(object))?.metadata.resourceVersion !== object.metadata.resourceVersion;
}

function outdated(family: Family, object: KubeObject): ApiError {
  return new ApiError(409, 'Conflict', `${family.kind.kind} ${object.metadata.name} has changed since it was read`);
}

/** Waits for all, then throws the first error: nothing of a pass runs on after it. */
async function all<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  return settled.map(result => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
