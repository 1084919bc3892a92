import type { Logger } from 'pino';
import type { ApiError } from '../api/errors.ts';
import type { KubeObject, ObjectKey, ResourceKind } from '../api/object.ts';
import type { KindState } from '../cache/kindview.ts';
import type { Owner } from '../children/ownership.ts';
import type { StatusIntervals } from './statusthrottle.ts';

/** A kind whose objects a controller creates for its root objects. */
export type OwnedKind = {
  readonly kind: ResourceKind;
  /**
   * 'watch' (default): cached, and healed when someone changes it.
   * 'named': never listed, watched or got (Secrets in other people's namespaces); looked at by at most one patch that changes nothing, as a dry run, per
   * object and process start, then remembered from our own writes.
   */
  readonly read?: 'watch' | 'named';
  /** Where the children live when that is one fixed namespace; default: every watched namespace. */
  readonly namespace?: string;
  /** Label selector of the watch; default the label that names the owner's uid; '' = all. */
  readonly selector?: string;
  /** What the controller finds children by. */
  readonly indexes?: Readonly<Record<string, (object: KubeObject) => readonly string[]>>;
  /**
   * Whether an object has the name that is rendered for this owner, of which a former one may show no more than kind and metadata. Asked
   * for objects that bear no mark, so that children of older versions are known again; default: no.
   */
  readonly named?: (owner: Owner, child: KubeObject) => boolean;
  /** Whether a child that is no longer wanted is deleted; default: always. */
  readonly prune?: (child: KubeObject) => boolean;
  /** Whether a child in another namespace whose owner is gone is deleted; default: as `prune` says. */
  readonly reap?: (child: KubeObject, read: Reader) => boolean;
  /**
   * Lists that others may extend, and the fields that identify an element: `{'spec.ports': ['port', 'protocol']}`.
   * All other lists must be exactly ours.
   */
  readonly listKeys?: Readonly<Record<string, readonly string[]>>;
  /**
   * Paths of fields that the API server never lets change, for a kind that holds no state: a child that has another value there, as a
   * restore may bring it, is deleted and made anew.
   */
  readonly immutable?: readonly string[];
  /** What a child has made itself (the Jobs of a CronJob) when the child is deleted; default: it goes too. */
  readonly dependents?: 'Delete' | 'Orphan';
};

/** A kind that a controller only reads. */
export type WatchedKind = {
  readonly kind: ResourceKind;
  readonly namespace?: string;
  readonly selector?: string;
  readonly indexes?: Readonly<Record<string, (object: KubeObject) => readonly string[]>>;
  /** The part of an object whose changes concern root objects; default: all of it. A status that nobody reads is not worth a pass. */
  readonly part?: (object: KubeObject) => unknown;
  /** The root objects that a change concerns; called for the object as it was and as it is. */
  readonly toKeys: (object: KubeObject, read: Reader) => readonly ObjectKey[];
};

/** Reads from the cache: never a request. What it returns is shared: never change it in place. */
export type Reader = {
  get<T extends KubeObject>(kind: ResourceKind, key: ObjectKey): T | undefined;
  list<T extends KubeObject>(kind: ResourceKind, options?: { readonly namespace?: string }): readonly T[];
  byIndex<T extends KubeObject>(kind: ResourceKind, index: string, value: string): readonly T[];
  /** How many byIndex finds: who only counts need not look at tens of thousands. */
  count(kind: ResourceKind, index: string, value: string): number;
  /** Whether the state is `served`. */
  available(kind: ResourceKind, namespace?: string): boolean;
  /**
   * What an empty answer means, in one namespace or in all that are looked at. Only of a kind that is `served` does it mean that there is
   * nothing; what is `unreadable` must be taken neither for missing nor for gone.
   */
  state(kind: ResourceKind, namespace?: string): KindState;
  /** Why the kind is unreadable, in the API server's words; undefined where it is not. */
  refusal(kind: ResourceKind, namespace?: string): ApiError | undefined;
};

/** A child as it should be: only the fields set here are owned, everything else in the live object is left alone. */
export type DesiredChild = {
  readonly object: KubeObject;
  /** Default true. False: no controller ownerReference, so the child outlives its owner unless finalize deletes it. */
  readonly ownerReference?: boolean;
  /** Asked when an object of that name exists and is not this owner's; default: never taken over. */
  readonly adopt?: (live: KubeObject) => boolean;
  /** Asked when one of ours was left otherwise by another process; true: it stays as it is until what is wanted changes. Default: it does not. */
  readonly suffices?: (live: KubeObject) => boolean;
};

export type ChildRef = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
};

export type ChildOutcome = {
  readonly child: ChildRef;
  readonly action: 'created' | 'updated' | 'unchanged' | 'deleted' | 'failed';
  /** The live object after the action (not for deleted, failed, and unchanged 'named' children). */
  readonly object?: KubeObject;
  /** Set when failed; reasons of ours: KindMissing, KindNotReadable, NotOurs, Terminating, Unreachable. */
  readonly error?: ApiError;
};

/** What a polled source may look at beside the system that it asks. */
export type Asked = {
  readonly read: Reader;
  /** One live list of a namespace, past the cache: of a kind that changes too often to be watched. At most 500 objects. Throws ApiError. */
  list(kind: ResourceKind, namespace: string): Promise<readonly KubeObject[]>;
  /** All objects that a field selector finds, past the cache: of a kind that is too big to be watched. Throws ApiError. */
  listAll(
    kind: ResourceKind,
    where: { readonly namespace?: string | undefined; readonly fieldSelector: string },
  ): Promise<readonly KubeObject[]>;
  /** Milliseconds of the process's own clock, which nobody sets. */
  monotonic(): number;
};

/** What cannot, or need not, be watched, and so is asked again and again what it knows about root objects. */
export type PolledSource<T extends KubeObject> = {
  readonly name: string;
  /** Milliseconds from one answer to the next question. */
  readonly everyMs: number;
  /**
   * Asks once; must end by itself. Resolves with the objects for which an answer is another one than before. An error that
   * it throws is logged, and concerns nobody: what failing means is for the source to decide.
   */
  readonly ask: (now: Date, signal: AbortSignal, asked: Asked) => Promise<(object: T) => boolean>;
};

/** When to look again (in any case, also after an event); `done` ends a finalize. */
export type Result = { readonly requeueAt?: Date | undefined; readonly done?: boolean | undefined };

export type ReconcileContext<T extends KubeObject> = {
  readonly object: T;
  readonly read: Reader;
  /** Wall clock at the start of the pass. */
  readonly now: Date;
  readonly log: Logger;
  /** Aborts when the process must end. */
  readonly signal: AbortSignal;

  /**
   * Server-side apply of all children at once; what already is as desired costs no request.
   * A child that fails does not fail the others and nothing is thrown: its outcome is 'failed', and the runtime
   * retries the object by itself. An object that is not ours is left alone (reason NotOurs).
   */
  apply(children: readonly (KubeObject | DesiredChild)[]): Promise<readonly ChildOutcome[]>;
  /** Deletes this owner's children that are not in `wanted`. Failures as in apply. */
  prune(wanted: readonly (KubeObject | DesiredChild)[]): Promise<readonly ChildOutcome[]>;
  /** Creates, never overwrites: returns the live object where it exists. For generated content such as keys. Throws ApiError (NotOurs, …). */
  createOnce(object: KubeObject): Promise<KubeObject>;
  /** A child as the API server has it now, past the cache: for what must be proved before something is deleted. Throws ApiError. */
  live(object: KubeObject): Promise<KubeObject | undefined>;
  /** Deletes exactly this incarnation (uid), where it is this owner's own; gone already is fine. */
  deleteChild(object: KubeObject): Promise<void>;
  /**
   * Deletes an object as it was read that is nobody's child here, exactly this incarnation; gone already is fine.
   * Throws ApiError (Conflict: the name is another's now).
   */
  deleteObject(kind: ResourceKind, object: KubeObject): Promise<void>;
  /**
   * Takes the reference to another owner off an object as it was read, so that it does not go when that one does.
   * Throws ApiError (Conflict: the object changed meanwhile).
   */
  removeOwnerReference(kind: ResourceKind, object: KubeObject, ownerUid: string): Promise<void>;
  /**
   * Asks for what one of an object's subresources does: a PUT, of `content` or of none, which names no incarnation. Waits half a minute at most. Throws
   * ApiError.
   */
  invoke(
    kind: ResourceKind,
    object: KubeObject,
    subresource: string,
    content?: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  /** Creates an object that is nobody's child and that nobody here watches: a record. Throws ApiError (AlreadyExists: there is one of its name). */
  create(kind: ResourceKind, object: KubeObject): Promise<void>;
  /** Merges fields into an object of somebody else's, in the version that was read. Throws ApiError (Conflict: there is a newer one). */
  mergePatch(kind: ResourceKind, object: KubeObject, change: Readonly<Record<string, unknown>>): Promise<void>;
  /**
   * Replaces the whole status by one write; none when it is equal. False: the write waits for its turn
   * (statusIntervals), and the object is reconciled again by then. Throws ApiError (Conflict: the object changed meanwhile).
   */
  status(next: Readonly<Record<string, unknown>>): Promise<boolean>;
  /** An Event on the object: best effort, repeated ones become a series. */
  event(type: 'Normal' | 'Warning', reason: string, message: string): void;
};

export type ControllerDefinition<T extends KubeObject> = {
  readonly name: string;
  readonly kind: ResourceKind;
  /** Added before any child exists, removed when finalize is done. */
  readonly finalizer?: string;
  /** Labels that are kept on the object itself, for those who select by them; undefined: not there. Written together with the finalizer. */
  readonly labels?: (object: T) => Readonly<Record<string, string | undefined>>;
  readonly indexes?: Readonly<Record<string, (object: T) => readonly string[]>>;
  readonly owns: readonly OwnedKind[];
  readonly watches: readonly WatchedKind[];
  /** Systems that have something to say about root objects, and are asked rather than watched. */
  readonly polls?: readonly PolledSource<T>[];
  /** Objects reconciled at once, besides two that somebody has just edited; default 16. One object is never reconciled twice at once. */
  readonly concurrency?: number;
  /**
   * Greatest share of time, above 0, that passes over one object may take. For objects that sum up many others, whose changes all concern
   * them; default 1.
   */
  readonly passShare?: number;
  /** How fast status writes of one object may follow one another. Default: at once. */
  readonly statusIntervals?: StatusIntervals;
  // biome-ignore lint/suspicious/noConfusingVoidType: a reconcile that wants nothing returns nothing
  readonly reconcile: (context: ReconcileContext<T>) => Promise<Result | void>;
  /** Called while the object is being deleted and our finalizer is on it, until it returns `{done: true}`. */
  // biome-ignore lint/suspicious/noConfusingVoidType: as above
  readonly finalize?: (context: ReconcileContext<T>) => Promise<Result | void>;
  /** Called after an object with this UID has gone, whoever comes under its name: what is remembered of it elsewhere goes too. */
  readonly forget?: (uid: string) => void;
};

/** A definition of any root type, as the operator takes it. */
// biome-ignore lint/suspicious/noExplicitAny: functions of T are contravariant, so no other type holds them all
export type AnyController = ControllerDefinition<any>;

export function defineController<T extends KubeObject>(definition: ControllerDefinition<T>): ControllerDefinition<T> {
  return definition;
}
