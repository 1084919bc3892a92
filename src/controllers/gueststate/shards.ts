import type { Logger } from 'pino';
import { shardOf } from '../../domain/contract/shard.ts';
import type { Clock } from '../../runtime/api/clock.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { LeaderLease } from '../../runtime/leader/lease.ts';
import type { PolledSource } from '../../runtime/pass/controller.ts';
import { askedOf, isUneven, patience, RETRY_MS, type Sharing } from './sharing.ts';

const LEASES = 'steward-guest-';

/** Name of the Lease of a shard, in the operator's namespace. */
export function shardLease(shard: number): string {
  return `${LEASES}${shard}`;
}

export function isShardLease(name: string): boolean {
  return name.startsWith(LEASES) && /^\d{1,4}$/.test(name.slice(LEASES.length));
}

export type ShardSettings = {
  readonly count: number;
  /** Where the Leases live. */
  readonly namespace: string;
  /** Unique per process. */
  readonly identity: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Logger;
  /** From 0 to below 1: by it workers want the shards in different orders. */
  readonly random?: () => number;
};

const ASKED_BY = 'managed.systems/asked-by';

/** The shards of namespaces that this worker holds, each by a Lease of its own. What it does not hold it neither works on nor writes. */
export class Shards {
  readonly #settings: ShardSettings;
  readonly #leases = new Map<number, LeaderLease>();
  readonly #held = new Set<number>();
  readonly #order: readonly number[];
  /** Who is told of each shard that is taken. */
  readonly #listeners = new Set<(shard: number) => void>();
  /** The shard that is to be given back: nothing more is begun in it. */
  #leaving: number | undefined;
  /** The one whose Lease is being given back, which is no loss. */
  #givingBack: number | undefined;
  /** When one was taken, went or was asked for last, in steady milliseconds. */
  #changedAt: number;
  #retired = false;

  constructor(settings: ShardSettings) {
    this.#settings = settings;
    const { count, clock, random = Math.random } = settings;
    this.#changedAt = clock.monotonic();
    const offset = Math.floor(random() * count);
    this.#order = Array.from({ length: count }, (_, index) => (index + offset) % count);
  }

  /** Takes what is free, and holds it until `signal` aborts. */
  start(signal: AbortSignal): void {
    for (const shard of this.#order) void this.#keep(shard, signal);
  }

  /** Whether a write about the namespace, sent now, is ours to make. */
  holds(namespace: string): boolean {
    const shard = shardOf(namespace, this.#settings.count);
    if (this.#retired || shard === this.#leaving) return false;
    return this.#held.has(shard) && this.#leases.get(shard)?.valid() === true;
  }

  leaseOf(namespace: string): string {
    return shardLease(shardOf(namespace, this.#settings.count));
  }

  get held(): number {
    return this.#held.size;
  }

  /** Whether the API server keeps this process from some Lease: it can never work on that shard. */
  get refused(): boolean {
    return [...this.#leases.values()].some(lease => lease.refusal !== undefined);
  }

  /** Tells one controller of the shards that are taken, each once: their objects have waited for it. */
  source<T extends KubeObject>(): PolledSource<T> {
    const taken = new Set<number>();
    let wake = () => {};
    this.#listeners.add(shard => {
      taken.add(shard);
      wake();
    });
    const next = (signal: AbortSignal) =>
      new Promise<void>(resolve => {
        const end = () => {
          signal.removeEventListener('abort', end);
          resolve();
        };
        wake = end;
        signal.addEventListener('abort', end);
        if (signal.aborted) end();
      });
    return {
      name: 'shards',
      everyMs: 0,
      ask: async (_, signal) => {
        if (taken.size === 0) await next(signal);
        const told = new Set(taken);
        taken.clear();
        return ({ metadata }) => told.has(shardOf(metadata.namespace ?? '', this.#settings.count));
      },
    };
  }

  /**
   * Gives a shard back where others shall have it, asked again and again: at first nothing more is begun in one, and the next time its Lease
   * is free, unless something is still done in its guests. Asks for one where this worker has none. `workedIn`: namespaces where this worker
   * holds the lease of a VM.
   */
  async shareOut(workedIn: () => readonly string[]): Promise<void> {
    if (this.#retired) return;
    if (this.#leaving !== undefined) return this.#giveBack(this.#leaving, workedIn());
    const holders = this.#holders();
    const others = [...holders.values()];
    const sharing = {
      held: this.#held.size,
      others: others.map(shards => shards.length),
      settledMs: this.#settledMs(),
    };
    const asked = askedOf(sharing);
    if (asked !== undefined) await this.#ask(others[asked] ?? []);
    else this.#leaving = this.#toSpare(sharing, holders, this.#shardsOf(workedIn()));
  }

  async #ask(shards: readonly number[]): Promise<void> {
    // Not always the same: in one of them its holder may be busy for long.
    const { random = Math.random } = this.#settings;
    const shard = shards[Math.floor(random() * shards.length)];
    this.#changedAt = this.#settings.clock.monotonic();
    if (shard !== undefined) await this.#leases.get(shard)?.ask();
  }

  #toSpare(sharing: Sharing, holders: ReadonlyMap<string, unknown>, busy: ReadonlySet<number>): number | undefined {
    if (sharing.held < 2) return undefined;
    const free = [...this.#held].filter(shard => !busy.has(shard));
    const isAsked = (shard: number) => {
      const asker = this.#leases.get(shard)?.askedBy;
      return asker !== undefined && !holders.has(asker);
    };
    return free.find(isAsked) ?? (isUneven(sharing) ? free[0] : undefined);
  }

  async #giveBack(shard: number, workedIn: readonly string[]): Promise<void> {
    if (this.#held.has(shard) && !this.#shardsOf(workedIn).has(shard)) {
      this.#givingBack = shard;
      await this.#leases.get(shard)?.release();
    }
    this.#leaving = undefined;
    // What waited goes on, where it is ours still.
    this.#tell(shard);
  }

  #shardsOf(namespaces: readonly string[]): ReadonlySet<number> {
    return new Set(namespaces.map(namespace => shardOf(namespace, this.#settings.count)));
  }

  /** The shards of each other worker that holds any. */
  #holders(): ReadonlyMap<string, readonly number[]> {
    const held = [...this.#leases].flatMap(([shard, { holder }]) => (holder === undefined ? [] : [{ shard, holder }]));
    const byHolder = Map.groupBy(held, ({ holder }) => holder);
    return new Map([...byHolder].map(([holder, each]) => [holder, each.map(({ shard }) => shard)]));
  }

  #settledMs(): number {
    return this.#settings.clock.monotonic() - this.#changedAt;
  }

  #tell(shard: number): void {
    for (const listener of this.#listeners) listener(shard);
  }

  /** From now on nothing is ours any more, though the Leases are kept until {@link release}: what is under way comes to its end first. */
  retire(): void {
    this.#retired = true;
  }

  /** Gives all Leases back, so that others take them at once. */
  async release(): Promise<void> {
    this.retire();
    await Promise.all([...this.#leases.values()].map(lease => lease.release()));
  }

  async #keep(shard: number, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#settings;
    while (!signal.aborted) {
      const ended = new AbortController();
      const lease = this.#newLease(shard);
      this.#leases.set(shard, lease);
      const watching = AbortSignal.any([signal, ended.signal]);
      if (await lease.acquire(watching)) {
        this.#held.add(shard);
        this.#changedAt = clock.monotonic();
        log.info({ shard }, 'shard taken');
        this.#tell(shard);
        const lost = await lease.renew(watching);
        this.#held.delete(shard);
        this.#changedAt = clock.monotonic();
        if (this.#givingBack === shard) log.info({ shard }, 'shard given back');
        else if (lost) log.warn({ shard }, 'shard lost');
        if (this.#givingBack === shard) this.#givingBack = undefined;
      }
      ended.abort();
    }
  }

  #newLease(shard: number): LeaderLease {
    const { namespace, identity, transport, clock, log } = this.#settings;
    const patienceMs = () => RETRY_MS * this.#patience(shard);
    const times = { retryMs: RETRY_MS, patienceMs };
    const settings = { namespace, name: shardLease(shard), identity, ...times, askAnnotation: ASKED_BY };
    return new LeaderLease(settings, transport, clock, log);
  }

  #patience(shard: number): number {
    const free = this.#order.filter(each => !this.#held.has(each) && this.#leases.get(each)?.holder === undefined);
    return patience(shard, this.#held.size, free);
  }
}
