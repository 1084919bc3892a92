import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { type Clock, systemClock } from './api/clock.ts';
import { NotLeader } from './api/errors.ts';
import { kindId } from './api/object.ts';
import { Cache } from './cache/cache.ts';
import { Client } from './children/client.ts';
import type { Connection } from './http/connection.ts';
import { type Intercept, Transport } from './http/transport.ts';
import { LeaderLease, type LeaseSettings } from './leader/lease.ts';
import { EventRecorder } from './observe/events.ts';
import { Metrics } from './observe/metrics.ts';
import { assemble, type Controller, demandsOf } from './pass/assembly.ts';
import type { AnyController } from './pass/controller.ts';

export type OperatorSettings = {
  readonly connection: Connection;
  readonly controllers: readonly AnyController[];
  /** Value of `app.kubernetes.io/managed-by` on children, and reporting controller of events. */
  readonly name: string;
  /** Prefix of labels and annotations, for instance an API group. */
  readonly prefix: string;
  /** Default: name. */
  readonly fieldManager?: string;
  /** Namespaces to serve; default, and when empty: the whole cluster. */
  readonly namespaces?: readonly string[];
  /** Without a lease the process is always the leader. */
  readonly lease?: LeaseSettings;
  readonly log: Logger;
  /** Default systemClock. */
  readonly clock?: Clock;
  /** Metrics are registered here; default: a registry of its own. */
  readonly registry?: Registry;
  /** Calls in flight at once; default 32. */
  readonly inFlight?: number;
  /** How old the last complete list may be when a watch ends; default 1 h. */
  readonly relistAfterMs?: number;
  /** Least life of one watch in seconds; default 300. */
  readonly watchSeconds?: number;
  /** How long a watch may outlive its end in silence; default 30 s. */
  readonly graceMs?: number;
  /** Default `name`. */
  readonly userAgent?: string;
  /** Fault injection at the edge, for tests. */
  readonly intercept?: Intercept;
};

export type Operator = {
  /** Caches are filled, and nothing keeps the process from leading: true on a warm standby too. */
  ready(): boolean;
  /** False only when the process should be restarted (leadership lost, stopped). */
  live(): boolean;
  leading(): boolean;
  /** Resolves when the operator has ended by itself or by stop(): with the error when leadership was lost. */
  readonly stopped: Promise<Error | undefined>;
  /** Ends intake, finishes passes in flight (at most 20 s), releases the lease, closes every connection. */
  stop(): Promise<void>;
};

/** How long passes in flight may take to end. */
const DRAIN_MS = 20_000;
/** How long passes may take that have lost their connection. */
const ABANDON_MS = 2_000;
/** How often it is looked whether the caches of a controller are filled. */
const SETTLE_MS = 20;

/** Starts watching and, once leading, reconciling. Resolves at once; readiness is asked with ready(). */
export async function startOperator(settings: OperatorSettings): Promise<Operator> {
  const operator = new RunningOperator(settings);
  operator.start();
  return {
    ready: () => operator.ready(),
    live: () => operator.live(),
    leading: () => operator.leading(),
    stopped: operator.stopped,
    stop: () => operator.stop(),
  };
}

class RunningOperator {
  readonly stopped: Promise<Error | undefined>;
  readonly #settings: OperatorSettings;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #metrics: Metrics;
  readonly #transport: Transport;
  readonly #cache: Cache;
  readonly #recorder: EventRecorder;
  readonly #controllers: readonly Controller[];
  readonly #lease: LeaderLease | undefined;
  /** Ends the watches. */
  readonly #ending = new AbortController();
  /** Ends the renewal of the lease, and with it reconciling. */
  readonly #stopping = new AbortController();
  readonly #started: Controller[] = [];
  #leading = false;
  #stop: Promise<void> | undefined;
  #resolveStopped: (error: Error | undefined) => void = () => {};

  constructor(settings: OperatorSettings) {
    const { connection, name, log, lease, clock = systemClock, registry = new Registry(), userAgent = name } = settings;
    refuseSharedChildren(settings.controllers);
    this.#settings = settings;
    this.#clock = clock;
    this.#log = log;
    this.stopped = new Promise(resolve => {
      this.#resolveStopped = resolve;
    });
    this.#metrics = new Metrics(registry);
    const { host } = new URL(connection.server);
    this.#transport = new Transport({
      ...{ connection, userAgent, clock, intercept: settings.intercept, inFlight: settings.inFlight ?? 32 },
      onAnswer: (method, status) => this.#metrics.request(host, method, status),
    });
    const { relistAfterMs, watchSeconds, graceMs } = settings;
    const namespaces = settings.namespaces?.length === 0 ? undefined : settings.namespaces;
    this.#cache = new Cache({
      transport: this.#transport,
      clock,
      log,
      namespaces,
      relistAfterMs,
      watchSeconds,
      graceMs,
    });
    this.#recorder = new EventRecorder(this.#transport, clock, log, name, lease?.identity ?? name);
    this.#lease = lease === undefined ? undefined : new LeaderLease(lease, this.#transport, clock, log);
    this.#controllers = this.#assemble();
  }

  start(): void {
    this.#transport.setWriteGate(() => this.#mayWrite());
    this.#cache.start(this.#ending.signal);
    this.#lead().catch((error: unknown) => this.#fail(error instanceof Error ? error : new Error(String(error))));
  }

  ready(): boolean {
    return this.#stop === undefined && this.#cache.synced() && this.#lease?.refusal === undefined;
  }

  live(): boolean {
    return this.#stop === undefined;
  }

  leading(): boolean {
    return this.#leading && this.#mayWrite();
  }

  stop(): Promise<void> {
    this.#stop ??= this.#end().then(() => this.#resolveStopped(undefined));
    return this.#stop;
  }

  #mayWrite(): boolean {
    return this.#lease === undefined ? this.#leading : this.#lease.valid();
  }

  #assemble(): Controller[] {
    const { name, prefix, controllers, fieldManager = name } = this.#settings;
    const marks = { manager: name, prefix };
    for (const definition of controllers) for (const demand of demandsOf(definition, marks)) this.#cache.demand(demand);
    const client = new Client(this.#transport, this.#cache, fieldManager);
    this.#metrics.addUnreadable(name, () => this.#cache.unreadable());
    const common = { marks, client, cache: this.#cache, recorder: this.#recorder, metrics: this.#metrics };
    return controllers.map(definition => assemble(definition, { ...common, clock: this.#clock, log: this.#log }));
  }

  /** Caches first, the lease then: a new leader begins with its first write. */
  async #lead(): Promise<void> {
    const signal = this.#stopping.signal;
    const { name } = this.#settings;
    this.#metrics.leading(name, false);
    if (this.#lease !== undefined) this.#metrics.addLease(name, this.#lease);
    while (!this.#cache.synced() && !signal.aborted) await this.#clock.sleep(SETTLE_MS, signal);
    if (this.#lease !== undefined && !(await this.#lease.acquire(this.#ending.signal))) return;
    if (signal.aborted) return;
    this.#leading = true;
    this.#metrics.leading(name, true);
    this.#log.info('leading');
    void this.#startControllers(signal);
    if (this.#lease === undefined || !(await this.#lease.renew(signal))) return;
    await this.#fail(new NotLeader());
  }

  /** Each controller starts when what it reads is there: one upstream API that is out of order holds up only its own. */
  async #startControllers(signal: AbortSignal): Promise<void> {
    let waiting = [...this.#controllers];
    while (waiting.length > 0 && !signal.aborted) {
      const [settled, others] = [waiting.filter(c => c.settled()), waiting.filter(c => !c.settled())];
      for (const controller of settled) {
        controller.start(signal);
        this.#started.push(controller);
      }
      waiting = others;
      if (waiting.length > 0) await this.#clock.sleep(SETTLE_MS, signal);
    }
  }

  /** Leadership is lost, and with it everything this process believes about its writes: end, and be started anew. */
  async #fail(error: Error): Promise<void> {
    if (this.#stop !== undefined) return;
    this.#log.error({ error: error.message }, 'operator ends');
    this.#metrics.leading(this.#settings.name, false);
    this.#stop = this.#close().then(() => this.#resolveStopped(error));
    await this.#stop;
  }

  async #end(): Promise<void> {
    this.#log.info('stopping');
    const drained = Promise.all(this.#started.map(({ loop }) => loop.drain())).then(() => this.#recorder.flush());
    const timer = new AbortController();
    await Promise.race([drained, this.#clock.sleep(DRAIN_MS, timer.signal)]);
    timer.abort();
    this.#stopping.abort();
    await this.#lease?.release();
    await this.#close();
  }

  async #close(): Promise<void> {
    this.#leading = false;
    this.#stopping.abort();
    for (const { loop } of this.#started) loop.abort();
    this.#ending.abort();
    await this.#transport.close();
    const ended = Promise.all(this.#started.map(({ loop }) => loop.drain()));
    await Promise.race([ended, this.#clock.sleep(ABANDON_MS)]);
  }
}

/** Two controllers that own the same kind for the same root kind would prune each other's children. */
function refuseSharedChildren(controllers: readonly AnyController[]): void {
  const owners = new Map<string, string>();
  for (const { name, kind, owns } of controllers) {
    for (const owned of owns) {
      const pair = `${kindId(kind)} → ${kindId(owned.kind)}`;
      const other = owners.get(pair);
      if (other !== undefined && other !== name) throw new Error(`${other} and ${name} both own ${pair}`);
      owners.set(pair, name);
    }
  }
}
