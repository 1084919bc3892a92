import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ResourceKind } from '../api/object.ts';
import type { Method } from '../http/transport.ts';
import type { KeyQueue, QueueObserver } from '../queue/queue.ts';

/** controller-runtime's buckets for a pass, in seconds. */
const RECONCILE_BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2,
  2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
/** client-go's buckets for the work queue: 10 ns × 10ⁿ. */
const QUEUE_BUCKETS = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000];

export type ReconcileResult = 'success' | 'error' | 'requeue' | 'requeue_after';
const RESULTS: readonly ReconcileResult[] = ['success', 'error', 'requeue', 'requeue_after'];

/** What one controller reports. */
export type ControllerMetrics = QueueObserver & {
  begun(): void;
  ended(result: ReconcileResult, seconds: number, terminal: boolean): void;
  /** Depth and running work are read when they are scraped. */
  watch(queue: KeyQueue): void;
};

/** Metrics under controller-runtime's and client-go's names, so that their dashboards and alerts work. */
export class Metrics {
  readonly #registry: Registry;
  readonly #reconciles;
  readonly #errors;
  readonly #terminal;
  readonly #seconds;
  readonly #concurrency;
  readonly #active;
  readonly #adds;
  readonly #retries;
  readonly #waited;
  readonly #worked;
  readonly #requests;
  readonly #leader;
  readonly #queues = new Map<string, KeyQueue>();
  /** By method and status: finding a counter by its labels costs more than counting. */
  readonly #requestCounters = new Map<string, { inc(): void }>();

  constructor(registry: Registry) {
    this.#registry = registry;
    const registers = [registry];
    const controller = { labelNames: ['controller'] as const, registers };
    const queue = { labelNames: ['name', 'controller'] as const, registers };
    const cr = 'controller_runtime';
    this.#reconciles = new Counter({
      ...{ name: `${cr}_reconcile_total`, help: 'Reconciliations per controller and result' },
      ...{ labelNames: ['controller', 'result'] as const, registers },
    });
    this.#errors = new Counter({ name: `${cr}_reconcile_errors_total`, help: 'Reconciliation errors', ...controller });
    const terminalHelp = 'Reconciliation errors that are not retried';
    this.#terminal = new Counter({ name: `${cr}_terminal_reconcile_errors_total`, help: terminalHelp, ...controller });
    const secondsHelp = 'Seconds per reconciliation';
    const secondsName = `${cr}_reconcile_time_seconds`;
    this.#seconds = new Histogram({ name: secondsName, help: secondsHelp, buckets: RECONCILE_BUCKETS, ...controller });
    const concurrencyName = `${cr}_max_concurrent_reconciles`;
    this.#concurrency = new Gauge({ name: concurrencyName, help: 'Most concurrent reconciliations', ...controller });
    this.#active = new Gauge({ name: `${cr}_active_workers`, help: 'Reconciliations running', ...controller });
    this.#adds = new Counter({ name: 'workqueue_adds_total', help: 'Keys added', ...queue });
    this.#retries = new Counter({ name: 'workqueue_retries_total', help: 'Keys retried', ...queue });
    const waited = { name: 'workqueue_queue_duration_seconds', help: 'Seconds a key waits', buckets: QUEUE_BUCKETS };
    this.#waited = new Histogram({ ...waited, ...queue });
    const worked = {
      name: 'workqueue_work_duration_seconds',
      help: 'Seconds a key is worked on',
      buckets: QUEUE_BUCKETS,
    };
    this.#worked = new Histogram({ ...worked, ...queue });
    this.#requests = new Counter({
      ...{ name: 'rest_client_requests_total', help: 'Requests to the API server by status code and method' },
      ...{ labelNames: ['code', 'method', 'host'] as const, registers },
    });
    this.#leader = new Gauge({
      ...{ name: 'leader_election_master_status', help: '1 while this process is the leader' },
      ...{ labelNames: ['name'] as const, registers },
    });
    this.#addQueueGauges(registers);
  }

  request(host: string, method: Method, status: number): void {
    const id = `${method} ${status}`;
    const known = this.#requestCounters.get(id);
    if (known !== undefined) {
      known.inc();
      return;
    }
    const counter = this.#requests.labels({ code: status === 0 ? '<error>' : String(status), method, host });
    this.#requestCounters.set(id, counter);
    counter.inc();
  }

  leading(name: string, leads: boolean): void {
    this.#leader.set({ name }, leads ? 1 : 0);
  }

  /** `<prefix>_kind_unreadable`, 1 for each kind and namespace (empty: the whole cluster) of which the API server refuses to say what there is. */
  addUnreadable(prefix: string, unreadable: () => readonly { kind: ResourceKind; namespace: string }[]): void {
    new Gauge({
      ...{ name: `${prefix}_kind_unreadable`, help: '1 while the API server refuses to say what there is of a kind' },
      ...{ labelNames: ['group', 'kind', 'namespace'] as const, registers: [this.#registry] },
      collect() {
        this.reset();
        for (const { kind, namespace } of unreadable()) this.set({ group: kind.group, kind: kind.kind, namespace }, 1);
      },
    });
  }

  /** `<prefix>_lease_refused`: such a process can never lead, and nobody does where all are refused. */
  addLease(prefix: string, lease: { readonly refusal: unknown }): void {
    new Gauge({
      ...{ name: `${prefix}_lease_refused`, help: '1 while the API server does not let this process have the lease' },
      registers: [this.#registry],
      collect() {
        this.set(lease.refusal === undefined ? 0 : 1);
      },
    });
  }

  controller(name: string, concurrency: number): ControllerMetrics {
    const labels = { name, controller: name };
    this.#concurrency.set({ controller: name }, concurrency);
    // From 0, so that rates are right from the first event on.
    const results = new Map(RESULTS.map(result => [result, this.#reconciles.labels({ controller: name, result })]));
    for (const counter of results.values()) counter.inc(0);
    for (const counter of [this.#errors, this.#terminal]) counter.inc({ controller: name }, 0);
    const active = this.#active.labels(name);
    active.set(0);
    const seconds = this.#seconds.labels(name);
    const [waited, worked] = [this.#waited.labels(name, name), this.#worked.labels(name, name)];
    const [adds, retries] = [this.#adds.labels(labels), this.#retries.labels(labels)];
    adds.inc(0);
    retries.inc(0);
    return {
      added: () => adds.inc(),
      retried: () => retries.inc(),
      taken: ms => waited.observe(ms / 1000),
      done: ms => worked.observe(ms / 1000),
      begun: () => active.inc(),
      ended: (result, took, terminal) => {
        active.dec();
        seconds.observe(took);
        results.get(result)?.inc();
        if (result === 'error') this.#errors.inc({ controller: name });
        if (terminal) this.#terminal.inc({ controller: name });
      },
      watch: queue => this.#queues.set(name, queue),
    };
  }

  #addQueueGauges(registers: Registry[]): void {
    const gauge = (name: string, help: string, value: (queue: KeyQueue) => number) => {
      const queues = this.#queues;
      new Gauge({
        ...{ name, help, labelNames: ['name', 'controller'] as const, registers },
        collect() {
          for (const [controller, queue] of queues) this.set({ name: controller, controller }, value(queue));
        },
      });
    };
    const running = (queue: KeyQueue) => queue.working().map(ms => ms / 1000);
    const unfinished = 'workqueue_unfinished_work_seconds';
    const longest = 'workqueue_longest_running_processor_seconds';
    gauge('workqueue_depth', 'Keys that could be taken', queue => queue.depth);
    gauge(unfinished, 'Seconds of work in progress, summed', queue => running(queue).reduce((a, b) => a + b, 0));
    gauge(longest, 'Seconds that the longest running work has taken', queue => Math.max(0, ...running(queue)));
  }
}
