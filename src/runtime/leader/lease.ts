import type { Logger } from 'pino';
import type { Clock } from '../api/clock.ts';
import { type ApiError, isAlreadyExists, isApiError, isConflict, isNotFound } from '../api/errors.ts';
import {
  apiVersionOf,
  collectionPath,
  compareResourceVersions,
  type KubeObject,
  pathOf,
  type ResourceKind,
} from '../api/object.ts';
import { formatMicroTime } from '../api/time.ts';
import { Reflector } from '../cache/reflector.ts';
import { Store } from '../cache/store.ts';
import { messageOf } from '../http/exchange.ts';
import type { Transport } from '../http/transport.ts';
import { freeFrom, heldBy, isSameHold, type LeaseSpec, writableUntil } from './leaseterms.ts';

export type LeaseSettings = {
  readonly namespace: string;
  readonly name: string;
  /** Unique per process. */
  readonly identity: string;
  /** Milliseconds; default 15 000 / 10 000 / 2 000 (client-go). */
  readonly durationMs?: number;
  readonly renewDeadlineMs?: number;
  readonly retryMs?: number;
  /** How long the lease must have been seen free before it is taken: those with less to do come first. Asked each time; default 0. */
  readonly patienceMs?: () => number;
  /** Annotation by which one who has none asks the holder for the lease. Whether he gives it is his to decide; default: nobody asks. */
  readonly askAnnotation?: string;
};

export const LEASE: ResourceKind = {
  ...{ group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' },
  ...{ plural: 'leases', namespaced: true },
};

const DEFAULTS = {
  ...{ durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 },
  ...{ patienceMs: () => 0, askAnnotation: '' },
};

type Observed = { readonly lease: KubeObject; readonly spec: LeaseSpec };

/**
 * Leader election as client-go does it, by one Lease. Only this process's monotonic clock decides: another's lease is
 * over when it has not changed for its duration as we saw it, and ours when we have not renewed it for the deadline.
 * The watch tells a standby at once when the lease is released; no one polls.
 */
export class LeaderLease {
  readonly #settings: Required<LeaseSettings>;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #reflector: Reflector;
  readonly #store = new Store();
  #observed: Observed | undefined;
  /** Without having asked for the lease once, nothing can be said about it. */
  #known = false;
  /** Monotonic ms from which on the lease may be taken: another holder's time, counted from when we saw it renewed. */
  #freeAt = Number.NEGATIVE_INFINITY;
  /** Monotonic ms until which we may write; what was asked for before counts, not when the answer came. */
  #validUntil = Number.NEGATIVE_INFINITY;
  #refusal: ApiError | undefined;
  /** What was last told of failures, so that it is told once. */
  #told = '';
  #changed = new AbortController();
  #taking: Promise<boolean> = Promise.resolve(false);

  constructor(settings: LeaseSettings, transport: Transport, clock: Clock, log: Logger) {
    this.#settings = { ...DEFAULTS, ...settings };
    this.#transport = transport;
    this.#clock = clock;
    this.#log = log;
    const { namespace, name } = settings;
    const fieldSelector = `metadata.name=${name}`;
    const store = this.#store;
    this.#reflector = new Reflector({ kind: LEASE, namespace, fieldSelector, store, transport, clock, log });
    store.listen(({ object }) => this.#observe(object));
  }

  /** Whether a write sent now is within our time. */
  valid(): boolean {
    return !this.#expired() && this.#observed?.spec.holderIdentity === this.#settings.identity;
  }

  /** Who else holds it now, as far as is seen. */
  get holder(): string | undefined {
    const holder = this.#observed?.spec.holderIdentity ?? '';
    const isOthers = holder !== '' && holder !== this.#settings.identity;
    return isOthers && this.#clock.monotonic() < this.#freeAt ? holder : undefined;
  }

  /** Who has asked for it, whether he is still there or not. */
  get askedBy(): string | undefined {
    const { askAnnotation, identity } = this.#settings;
    const asker = this.#observed?.lease.metadata.annotations?.[askAnnotation];
    return asker === identity ? undefined : asker;
  }

  /** Asks its holder for it, unless somebody has. Best effort. */
  async ask(): Promise<void> {
    const { askAnnotation, identity } = this.#settings;
    const observed = this.#observed;
    if (observed === undefined || observed.lease.metadata.annotations?.[askAnnotation] !== undefined) return;
    const annotations = { ...observed.lease.metadata.annotations, [askAnnotation]: identity };
    const lease = { ...observed.lease, metadata: { ...observed.lease.metadata, annotations } };
    await this.#put({ ...observed, lease }, observed.spec).catch((error: unknown) => {
      this.#log.debug({ error: String(error) }, 'lease not asked for');
    });
  }

  /** The API server does not let this process read or write the lease: it can never lead. */
  get refusal(): ApiError | undefined {
    return this.#refusal;
  }

  /** Resolves to true when we lead, to false when `signal` aborted first. The watch goes on until `signal` aborts. */
  async acquire(signal: AbortSignal): Promise<boolean> {
    void this.#reflector.run(signal);
    while (!signal.aborted) {
      this.#changed = new AbortController();
      const watching = this.#reflector.synced;
      // Without a watch (not there yet, or not allowed) the lease is asked for, as client-go does.
      if (!watching || !this.#known) await this.#look();
      const wait = this.#freeAt + this.#settings.patienceMs() - this.#clock.monotonic();
      if (wait <= 0 && this.#known && (await this.#take())) return true;
      const { retryMs } = this.#settings;
      await this.#pause(wait <= 0 ? retryMs : watching ? wait : Math.min(wait, retryMs), signal);
    }
    return false;
  }

  /** Renews until `signal` aborts or the lease is lost; resolves to whether it was lost. */
  async renew(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      this.#changed = new AbortController();
      if (!this.#stolen() && !this.#expired()) await this.#take();
      if (this.#stolen() || this.#expired()) return this.#lose();
      const left = this.#validUntil - this.#clock.monotonic();
      await this.#pause(Math.min(this.#settings.retryMs, left), signal);
    }
    return false;
  }

  /** Gives the lease up, so that another takes it at once. Best effort. */
  async release(): Promise<void> {
    await this.#taking;
    const observed = this.#observed;
    if (!this.valid() || observed?.spec.holderIdentity !== this.#settings.identity) return;
    this.#validUntil = Number.NEGATIVE_INFINITY;
    const now = formatMicroTime(this.#clock.now());
    const spec = { ...observed.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: now, acquireTime: now };
    await this.#put(this.#answered(observed, spec), spec).catch((error: unknown) => {
      this.#log.warn({ error: String(error) }, 'lease not released');
    });
  }

  #lose(): boolean {
    this.#validUntil = Number.NEGATIVE_INFINITY;
    return true;
  }

  #expired(): boolean {
    return this.#clock.monotonic() >= this.#validUntil;
  }

  #stolen(): boolean {
    const holder = this.#observed?.spec.holderIdentity;
    return holder !== undefined && holder !== this.#settings.identity;
  }

  /** Writes ourselves in as holder, anew or again. */
  #take(): Promise<boolean> {
    this.#taking = this.#write();
    return this.#taking;
  }

  async #write(): Promise<boolean> {
    const sentAt = this.#clock.monotonic();
    const old = this.#observed;
    const { identity, durationMs } = this.#settings;
    const spec = heldBy(identity, old?.spec, { durationMs, time: formatMicroTime(this.#clock.now()) });
    try {
      await (old === undefined ? this.#post(spec) : this.#put(this.#answered(old, spec), spec));
      this.#validUntil = writableUntil(sentAt, this.#settings.renewDeadlineMs);
      this.#succeeded();
      return true;
    } catch (error) {
      await this.#learn(error, old === undefined);
      return false;
    }
  }

  async #learn(error: unknown, created: boolean): Promise<void> {
    // The watch is behind.
    if (isConflict(error) || isAlreadyExists(error)) return this.#look();
    // Somebody has deleted it; one that cannot be created is another matter: its namespace is missing.
    if (isNotFound(error) && !created) this.#observed = undefined;
    else this.#failed(error, 'lease not written');
  }

  #failed(error: unknown, what: string): void {
    const refused = isApiError(error) && error.status >= 400 && error.status < 500 && error.status !== 429;
    if (refused) this.#refusal = error;
    const { namespace, name } = this.#settings;
    const line = `${what}: ${messageOf(error)}`;
    const level = line === this.#told ? 'debug' : refused ? 'error' : 'warn';
    this.#told = line;
    this.#log[level]({ lease: `${namespace}/${name}` }, line);
  }

  #succeeded(): void {
    this.#refusal = undefined;
    if (this.#told !== '') this.#log.info('lease written again');
    this.#told = '';
  }

  async #look(): Promise<void> {
    try {
      this.#observe(await this.#call('GET', pathOf(LEASE, this.#settings)));
    } catch (error) {
      if (isNotFound(error)) this.#missing();
      else this.#failed(error, 'lease not read');
    }
  }

  /** Nobody has ever had it, or somebody has deleted it: it is free from now on, or when its holder's time is over. */
  #missing(): void {
    this.#known = true;
    if (this.#freeAt === Number.NEGATIVE_INFINITY) this.#freeAt = this.#clock.monotonic();
  }

  async #post(spec: LeaseSpec): Promise<void> {
    const { namespace, name } = this.#settings;
    const lease = { apiVersion: apiVersionOf(LEASE), kind: LEASE.kind, metadata: { namespace, name }, spec };
    this.#observe(await this.#call('POST', collectionPath(LEASE, namespace), lease));
  }

  async #put({ lease }: Pick<Observed, 'lease'>, spec: LeaseSpec): Promise<void> {
    this.#observe(await this.#call('PUT', pathOf(LEASE, this.#settings), { ...lease, spec }));
  }

  /** Nobody asks any more once it has gone from one to another. */
  #answered({ lease, spec }: Observed, next: LeaseSpec): Pick<Observed, 'lease'> {
    const { [this.#settings.askAnnotation]: asked, ...annotations } = lease.metadata.annotations ?? {};
    if (asked === undefined || spec.holderIdentity === next.holderIdentity) return { lease };
    return { lease: { ...lease, metadata: { ...lease.metadata, annotations } } };
  }

  async #call(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<KubeObject> {
    const content = body === undefined ? {} : { body: JSON.stringify(body), contentType: 'application/json' };
    // Of a lease that we hold no renewal may take longer than it is ours.
    const left = this.#validUntil - this.#clock.monotonic();
    const timeoutMs = Math.min(this.#settings.renewDeadlineMs / 2, left > 0 ? left : Number.POSITIVE_INFINITY);
    const { value } = await this.#transport.call({ method, path, exempt: true, timeoutMs, ...content });
    return value as KubeObject;
  }

  #observe(lease: KubeObject | undefined): void {
    const before = this.#observed;
    this.#known = true;
    if (lease !== undefined && before !== undefined && !isNewer(lease, before.lease)) return;
    this.#observed = lease === undefined ? undefined : { lease, spec: (lease.spec ?? {}) as LeaseSpec };
    const spec = this.#observed?.spec;
    const now = this.#clock.monotonic();
    const holder = spec?.holderIdentity ?? '';
    // A lease that was deleted is not free before its time: its holder may still be writing. One that was only asked for was not renewed.
    if (spec !== undefined && !(before !== undefined && isSameHold(spec, before.spec)))
      this.#freeAt = freeFrom(spec, this.#settings.identity, now);
    if (holder !== (before?.spec.holderIdentity ?? '')) this.#changed.abort();
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(ms, AbortSignal.any([signal, this.#changed.signal]));
  }
}

function isNewer(lease: KubeObject, known: KubeObject): boolean {
  if (lease.metadata.uid !== known.metadata.uid) return true;
  return compareResourceVersions(lease.metadata.resourceVersion ?? '', known.metadata.resourceVersion ?? '') > 0;
}
