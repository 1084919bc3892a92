import type { Logger } from 'pino';
import type { Clock } from '../api/clock.ts';
import { ApiError, isApiError, isExpired, isForbidden, isInvalid, isNotFound } from '../api/errors.ts';
import { apiVersionOf, collectionPath, type KubeObject, keyOf, keyString, type ResourceKind } from '../api/object.ts';
import type { Transport } from '../http/transport.ts';
import { Backoff } from './backoff.ts';
import { type Question, Scope } from './scope.ts';
import type { Listing, Store } from './store.ts';
import { parseWatchEvent, splitLines, strip, versionIn } from './watchstream.ts';

export type ReflectorSettings = {
  readonly kind: ResourceKind;
  /** '' = the whole cluster. */
  readonly namespace: string;
  /** Default: everything. */
  readonly scope?: Scope;
  readonly fieldSelector?: string;
  /** Only names and metadata are asked for. */
  readonly metadataOnly?: boolean;
  readonly store: Store;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told when it has become known what there is, that the kind is missing, or that the API server refuses to say; and when that ends. */
  readonly onChange?: () => void;
  /** In [0, 1); default Math.random. */
  readonly random?: () => number;
  /** How old the last complete list may be when a watch ends; the list is then made anew. Default 1 h. */
  readonly relistAfterMs?: number;
  /** Least life of one watch in seconds; the server ends it within twice that. Default 300. */
  readonly watchSeconds?: number;
  /** How long a watch may outlive its end in silence. Default 30 s. */
  readonly graceMs?: number;
};

const PAGE = 500;
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';
/** Server-side life of a watch: random in 5…10 min, so that watches do not end together. */
const WATCH_SECONDS = 300;
/** A watch that outlives its own end by this much is dead. */
const GRACE_MS = 30_000;
const FIRST_BACKOFF_MS = 800;
const LONGEST_BACKOFF_MS = 30_000;
/** A watch that lasted this long worked: the back-off starts anew. At worst one attempt in ten seconds. */
const HEALTHY_MS = 10_000;
/** A watch that ends sooner is not a normal end: without a pause it would be a busy loop. */
const SHORTEST_WATCH_MS = 1_000;
/** A server that starts, or whose replicas do not know of a new role yet, refuses now and then; so many refusals in a row are meant. */
const REFUSALS = 3;
/** The same for a 500 where the watch has worked before: some two minutes, in which a webhook or an etcd comes back. */
const FAILURES = 8;
const METADATA_ACCEPT = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const METADATA_LIST_ACCEPT = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/**
 * Keeps a store equal to what the API server holds: list, then watch from there, for ever. Lists come as a watch
 * (WatchList) or, from servers that refuse it, in pages. The store keeps its content while there is no connection.
 */
export class Reflector {
  readonly #settings: ReflectorSettings;
  readonly #scope: Scope;
  readonly #random: () => number;
  readonly #backoff: Backoff;
  #watchList = true;
  /** Where the next watch starts; undefined: a complete list is needed. */
  #version: string | undefined;
  #listedAt = 0;
  #relistAfter = 0;
  #synced = false;
  #missing = false;
  #refusals = 0;
  #refusal: ApiError | undefined;
  #wake = new AbortController();
  #outdated = new AbortController();

  constructor(settings: ReflectorSettings) {
    this.#settings = settings;
    this.#scope = settings.scope ?? new Scope('');
    this.#random = settings.random ?? Math.random;
    this.#backoff = new Backoff(FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS, this.#random);
  }

  get synced(): boolean {
    return this.#synced;
  }

  /** The last attempt at a list was answered by 404: this version of the kind is not served. */
  get missing(): boolean {
    return this.#missing;
  }

  /**
   * The API server answers, and refuses (401, 403, 500): what is held is empty or of the past. One that does not answer, or has too much to
   * do (429, 503), says nothing about this kind.
   */
  get refusal(): ApiError | undefined {
    return this.#refusal;
  }

  /** Ends a back-off and begins it anew: there is reason to believe that the server now answers, or will in a moment. */
  kick(): void {
    this.#backoff.reset();
    this.#wake.abort();
  }

  /** The kind reads otherwise from now on, as after a change of its schema: what is held is listed anew. */
  refresh(): void {
    this.#outdated.abort();
  }

  /** Runs until `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#settings;
    while (!signal.aborted) {
      const startedAt = clock.monotonic();
      const failure = await this.#once(signal);
      if (signal.aborted) break;
      const lasted = clock.monotonic() - startedAt;
      if (lasted > HEALTHY_MS) this.#backoff.reset();
      if (failure === undefined && lasted > SHORTEST_WATCH_MS) continue;
      const delay = Math.max(this.#backoff.next(), (failure?.retryAfter ?? 0) * 1000);
      this.#report(failure, delay);
      await this.#pause(delay, signal);
    }
    this.#synced = false;
  }

  async #once(signal: AbortSignal): Promise<ApiError | undefined> {
    const { clock } = this.#settings;
    const old = this.#version !== undefined && clock.monotonic() - this.#listedAt > this.#relistAfter;
    if (old || this.#outdated.signal.aborted) this.#version = undefined;
    if (this.#outdated.signal.aborted) this.#outdated = new AbortController();
    try {
      if (this.#version !== undefined) await this.#watch(this.#version, signal);
      else if (this.#watchList) await this.#watch(undefined, signal);
      else await this.#list(signal);
      return undefined;
    } catch (error) {
      // Ended by ourselves, to begin anew after a pause: a new schema takes the API server a moment.
      if (this.#outdated.signal.aborted) return undefined;
      return this.#learn(error);
    }
  }

  #learn(error: unknown): ApiError {
    const failure = isApiError(error) ? error : new ApiError(0, 'Unreachable', String(error), { cause: error });
    if (this.#version === undefined) this.#setMissing(failure.status === 404);
    if (isInvalid(failure) && this.#version === undefined && this.#watchList) this.#watchList = false;
    if (failure.status === 410 || failure.reason === 'Expired' || failure.reason === 'Gone') this.#version = undefined;
    if (isRefusal(failure)) this.#refused(failure);
    else if (failure.status >= 400 && failure.status < 429) this.#answered();
    return failure;
  }

  #setMissing(missing: boolean): void {
    if (this.#missing === missing) return;
    this.#missing = missing;
    this.#settings.onChange?.();
  }

  #refused(failure: ApiError): void {
    this.#refusals += 1;
    if (this.#refusals < (this.#synced && failure.status !== 403 ? FAILURES : REFUSALS)) return;
    const told = this.#refusal?.message === failure.message;
    this.#refusal = failure;
    if (!told) this.#settings.onChange?.();
  }

  #answered(): void {
    this.#refusals = 0;
    if (this.#refusal === undefined) return;
    this.#refusal = undefined;
    this.#settings.onChange?.();
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    this.#wake = new AbortController();
    await this.#settings.clock.sleep(ms, AbortSignal.any([signal, this.#wake.signal]));
  }

  #report(failure: ApiError | undefined, delayMs: number): void {
    if (failure === undefined) return;
    const { log, kind, namespace } = this.#settings;
    const { status, reason, message } = failure;
    const context = { kind: kind.kind, namespace, status, reason, delayMs: Math.round(delayMs) };
    if (isForbidden(failure)) log.error(context, `watch refused: ${message}`);
    else if (isNotFound(failure) || isExpired(failure) || isInvalid(failure))
      log.debug(context, `watch ended: ${message}`);
    else log.warn(context, `watch failed: ${message}`);
  }

  /** One watch to its end; without a version it begins with every object there is. */
  async #watch(version: string | undefined, signal: AbortSignal): Promise<void> {
    const { watchSeconds = WATCH_SECONDS, graceMs = GRACE_MS } = this.#settings;
    const seconds = Math.round(watchSeconds * (1 + this.#random()));
    const from =
      version === undefined
        ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
        : { resourceVersion: version };
    const asked = this.#scope.ask();
    const timeoutSeconds = String(seconds);
    const path = this.#path({ watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds, ...from }, asked);
    const handler = this.#handler(version === undefined ? this.#settings.store.beginList() : undefined, asked);
    const dead = new AbortController();
    const timer = setTimeout(() => dead.abort(), seconds * 1000 + graceMs);
    try {
      const lines = splitLines(handler);
      const sink = (chunk: Buffer) => {
        timer.refresh();
        lines(chunk);
      };
      const accept = this.#settings.metadataOnly === true ? METADATA_ACCEPT : 'application/json';
      const ended = AbortSignal.any([signal, dead.signal, this.#outdated.signal]);
      // Without a version it is the complete list that is waited for.
      const onOpen = () => version !== undefined && this.#answered();
      await this.#settings.transport.stream({ path, accept, onOpen }, sink, ended);
    } finally {
      clearTimeout(timer);
    }
    if (this.#version === undefined)
      throw new ApiError(0, 'Unreachable', 'the watch ended before the list was complete');
  }

  #handler(begun: Listing | undefined, asked: Question): (line: Buffer) => void {
    const { store } = this.#settings;
    let listing = begun;
    return line => {
      const known = listing === undefined ? versionIn(line) : undefined;
      if (known !== undefined && store.repeats(known)) {
        this.#version = known;
        return;
      }
      const { type, object } = parseWatchEvent(line);
      const version = object.metadata.resourceVersion ?? '';
      if (type === 'BOOKMARK') {
        if (listing === undefined) store.bookmark(version);
        else if (object.metadata.annotations?.[INITIAL_EVENTS_END] === 'true') {
          this.#complete(listing, version);
          listing = undefined;
        } else return;
      } else if (listing !== undefined) {
        if (type === 'DELETED' || !asked.holds(object)) store.unlisted(listing, keyString(keyOf(object)));
        else store.listed(listing, strip(object));
        return;
      } else {
        if (type === 'DELETED') this.#scope.forget(keyString(keyOf(object)));
        store.event(asked.holds(object) ? type : 'DELETED', strip(object));
      }
      this.#version = version;
    };
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { store } = this.#settings;
    const asked = this.#scope.ask();
    const listing = store.beginList();
    let version = '';
    for (let token = ''; !signal.aborted; ) {
      const page = await this.#page(token, asked);
      for (const item of page.items) if (asked.holds(item)) store.listed(listing, strip(item));
      version = page.version;
      token = page.token;
      if (token === '') break;
    }
    if (signal.aborted) return;
    this.#complete(listing, version);
    await this.#watch(version, signal);
  }

  async #page(token: string, asked: Question): Promise<{ items: KubeObject[]; version: string; token: string }> {
    const { kind, transport, metadataOnly } = this.#settings;
    const path = this.#path({ limit: String(PAGE), ...(token === '' ? {} : { continue: token }) }, asked);
    const accept = metadataOnly === true ? { accept: METADATA_LIST_ACCEPT } : {};
    const { value } = await transport.call({ method: 'GET', path, ...accept });
    const list = value as { metadata?: { resourceVersion?: string; continue?: string }; items?: KubeObject[] | null };
    // Items of built-in lists come without these two.
    const named = { apiVersion: apiVersionOf(kind), kind: kind.kind };
    return {
      items: (list.items ?? []).map(item => ({ ...item, ...(metadataOnly === true ? {} : named) })),
      version: list.metadata?.resourceVersion ?? '',
      token: list.metadata?.continue ?? '',
    };
  }

  #complete(listing: Listing, version: string): void {
    const { store, clock, onChange, relistAfterMs = 3_600_000 } = this.#settings;
    this.#missing = false;
    store.endList(listing, version);
    this.#version = version;
    this.#listedAt = clock.monotonic();
    this.#relistAfter = relistAfterMs * (1 + this.#random());
    this.#answered();
    if (this.#synced) return;
    this.#synced = true;
    onChange?.();
  }

  #path(query: Record<string, string>, { selector }: Question): string {
    const { kind, namespace, fieldSelector = '' } = this.#settings;
    const parameters = new URLSearchParams(query);
    if (selector !== '') parameters.set('labelSelector', selector);
    if (fieldSelector !== '') parameters.set('fieldSelector', fieldSelector);
    return `${collectionPath(kind, namespace)}?${parameters}`;
  }
}

function isRefusal({ status }: ApiError): boolean {
  return status === 401 || status === 403 || status === 500;
}
