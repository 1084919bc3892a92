import { hash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from '../../runtime/api/clock.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { LeaderLease } from '../../runtime/leader/lease.ts';
import type { PolledSource } from '../../runtime/pass/controller.ts';

const LEASES = 'steward-guest-';

/** In which of `count` shards a namespace is, from 0. All workers, and who reads what they write, must count the same. */
export function shardOf(namespace: string, count: number): number {
  return hash('sha256', namespace, 'buffer').readUInt32BE(0) % count;
}

/** Name of the Lease of a shard, in the operator's namespace. */
export function shardLease(shard: number): string {
  return `${LEASES}${shard}`;
}

export function isShardLease(name: string): boolean {
  return name.startsWith(LEASES) && /^\d{1,4}$/.test(name.slice(LEASES.length));
}

/**
 * How many retry periods a worker leaves a free shard to others: as many as it holds shards, and then one after the other, so that two that
 * start at once share, and one alone has all of them soon. `order`: the order in which it wants those that it does not hold.
 */
export function patience(shard: number, held: ReadonlySet<number>, order: readonly number[]): number {
  const wanted = order.filter(each => !held.has(each));
  return held.size + Math.max(0, wanted.indexOf(shard));
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

const RETRY_MS = 2_000;

/** The shards of namespaces that this worker holds, each by a Lease of its own. What it does not hold it neither works on nor writes. */
export class Shards {
  readonly #settings: ShardSettings;
  readonly #leases = new Map<number, LeaderLease>();
  readonly #held = new Set<number>();
  readonly #order: readonly number[];
  /** Every shard that was ever taken, in that order, and who waits for the next. */
  readonly #taken: number[] = [];
  readonly #waiting = new Set<() => void>();
  #retired = false;

  constructor(settings: ShardSettings) {
    this.#settings = settings;
    const { count, random = Math.random } = settings;
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
    return !this.#retired && this.#held.has(shard) && this.#leases.get(shard)?.valid() === true;
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
    let told = 0;
    return {
      name: 'shards',
      everyMs: 0,
      ask: async (_, signal) => {
        if (told === this.#taken.length) await this.#nextTaken(signal);
        const taken = new Set(this.#taken.slice(told));
        told = this.#taken.length;
        return ({ metadata }) => taken.has(shardOf(metadata.namespace ?? '', this.#settings.count));
      },
    };
  }

  #nextTaken(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const end = () => {
        signal.removeEventListener('abort', end);
        this.#waiting.delete(end);
        resolve();
      };
      this.#waiting.add(end);
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
    });
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
    const { log } = this.#settings;
    while (!signal.aborted) {
      const ended = new AbortController();
      const lease = this.#newLease(shard);
      this.#leases.set(shard, lease);
      const watching = AbortSignal.any([signal, ended.signal]);
      if (await lease.acquire(watching)) {
        this.#held.add(shard);
        log.info({ shard }, 'shard taken');
        this.#taken.push(shard);
        for (const tell of [...this.#waiting]) tell();
        const lost = await lease.renew(watching);
        this.#held.delete(shard);
        if (lost) log.warn({ shard }, 'shard lost');
      }
      ended.abort();
    }
  }

  #newLease(shard: number): LeaderLease {
    const { namespace, identity, transport, clock, log } = this.#settings;
    const patienceMs = () => RETRY_MS * patience(shard, this.#held, this.#order);
    const settings = { namespace, name: shardLease(shard), identity, retryMs: RETRY_MS, patienceMs };
    return new LeaderLease(settings, transport, clock, log);
  }
}
