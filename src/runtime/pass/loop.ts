import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from '../api/clock.ts';
import { type KubeObject, parseKey } from '../api/object.ts';
import type { Author } from '../children/client.ts';
import type { Family } from '../children/family.ts';
import { reapOrphans } from '../children/prune.ts';
import type { EventRecorder } from '../observe/events.ts';
import type { ControllerMetrics } from '../observe/metrics.ts';
import { PRIORITY } from '../queue/priority.ts';
import type { KeyQueue, Taken } from '../queue/queue.ts';
import { createPass, type Pass } from './context.ts';
import type { AnyController, Reader, Result } from './controller.ts';
import { ensureFinalizerAndLabels, hasFinalizer, removeFinalizer } from './finalizer.ts';
import { PassShare } from './passshare.ts';
import { StatusThrottle } from './statusthrottle.ts';
import { type PassOutcome, type Verdict, verdictOf } from './verdict.ts';

export type LoopSettings = {
  readonly definition: AnyController;
  readonly family: Family;
  readonly read: Reader;
  readonly queue: KeyQueue;
  readonly recorder: EventRecorder;
  readonly metrics: ControllerMetrics;
  readonly clock: Clock;
  readonly log: Logger;
};

export const DEFAULT_CONCURRENCY = 16;
/** Besides those: while a fleet is created, all of them wait for the API server, and who edits one object should not wait for them. */
export const RESERVED_FOR_EDITS = 2;
const AT_ONCE = { newsMs: 0, progressMs: 0, restMs: 0, stepMs: 0 };

/** Takes keys from the queue and reconciles them, several at once, never one key twice at once. */
export class ControllerLoop {
  readonly #settings: LoopSettings;
  readonly #stop = new AbortController();
  readonly #throttle: StatusThrottle;
  readonly #share: PassShare;
  /** UIDs of the objects that were last looked at, by key. */
  readonly #uids = new Map<string, string>();
  /** Monotonic time since when children are refused, by key. */
  readonly #refusedSince = new Map<string, number>();
  #workers: Promise<unknown> = Promise.resolve();

  constructor(settings: LoopSettings) {
    this.#settings = settings;
    this.#throttle = new StatusThrottle(settings.definition.statusIntervals ?? AT_ONCE, settings.clock);
    this.#share = new PassShare(settings.definition.passShare ?? 1, settings.clock);
  }

  start(): void {
    const { definition, queue, metrics } = this.#settings;
    metrics.watch(queue);
    const workers = Array.from({ length: definition.concurrency ?? DEFAULT_CONCURRENCY }, () => this.#work());
    const reserved = Array.from({ length: RESERVED_FOR_EDITS }, () => this.#work(PRIORITY.edited));
    this.#workers = Promise.all([...workers, ...reserved]);
  }

  /** Takes no more keys; resolves when the passes in flight have ended. */
  async drain(): Promise<void> {
    this.#settings.queue.close();
    await this.#workers;
  }

  /** Tells the passes in flight that the process must end. */
  abort(): void {
    this.#stop.abort();
  }

  async #work(least?: number): Promise<void> {
    const { queue } = this.#settings;
    for (let taken = await queue.take(least); taken !== undefined; taken = await queue.take(least)) {
      const restMs = this.#share.restMs(taken.key);
      if (restMs > 0) queue.addAfter(taken.key, restMs, taken.priority);
      else await this.#process(taken);
      queue.done(taken.key);
    }
  }

  async #process(taken: Taken): Promise<void> {
    const { clock, metrics, family } = this.#settings;
    const startedAt = clock.monotonic();
    metrics.begun();
    const object = family.root.get(parseKey(taken.key));
    const verdict = await this.#judge(taken, object);
    this.#settle(taken, verdict);
    this.#forgetFormer(taken.key, object?.metadata.uid);
    const tookMs = clock.monotonic() - startedAt;
    if (object === undefined) this.#share.forget(taken.key);
    else this.#share.passed(taken.key, tookMs);
    metrics.ended(verdict.result, tookMs / 1000, verdict.next === 'terminal');
  }

  /** What is kept by UID goes with its object: in this pass or, where no finalizer held it, before. */
  #forgetFormer(key: string, uid: string | undefined): void {
    const { family, definition } = this.#settings;
    const live = family.root.get(parseKey(key))?.metadata.uid;
    for (const former of [this.#uids.get(key), uid]) {
      if (former === undefined || former === live) continue;
      family.records.deleteOwner(former);
      this.#throttle.forget(former);
      definition.forget?.(former);
    }
    if (live === undefined) this.#uids.delete(key);
    else this.#uids.set(key, live);
  }

  async #judge(taken: Taken, object: KubeObject | undefined): Promise<Verdict> {
    const { clock } = this.#settings;
    try {
      const outcome = object === undefined ? await this.#gone(taken) : await this.#run(taken, object);
      const refusedForMs = clock.monotonic() - (this.#refusedSince.get(taken.key) ?? clock.monotonic());
      return verdictOf({ ...outcome, refusedForMs, now: clock.now() });
    } catch (error) {
      const verdict = verdictOf({ error, failures: [], now: clock.now() });
      this.#report(taken, error, verdict);
      return verdict;
    }
  }

  #report(taken: Taken, error: unknown, verdict: Verdict): void {
    const log = this.#logFor(taken);
    const failures = this.#settings.queue.failures(taken.key);
    if (verdict.quiet) log.debug({ reason: String(error) }, 'reconcile again');
    else if (error instanceof Error)
      log.error({ failures, error: error.message, stack: error.stack }, 'reconcile failed');
    else log.error({ failures, error: String(error) }, 'reconcile failed');
  }

  #settle({ key, priority }: Taken, verdict: Verdict): void {
    const { queue, clock } = this.#settings;
    if (verdict.refused !== true) this.#refusedSince.delete(key);
    else if (!this.#refusedSince.has(key)) this.#refusedSince.set(key, clock.monotonic());
    if (verdict.next === 'retry') {
      queue.addRateLimited(key, priority, verdict.afterMs);
      return;
    }
    queue.forget(key);
    if (verdict.next === 'later') queue.addAfter(key, verdict.afterMs, LATER_PRIORITY);
  }

  #pass(taken: Taken, object: KubeObject): Pass<KubeObject> {
    const { family, read, recorder, clock } = this.#settings;
    const author = this.#author(taken);
    const log = this.#logFor(taken);
    const [now, signal, throttle] = [clock.now(), this.#stop.signal, this.#throttle];
    return createPass(object, { family, read, recorder, throttle, author, log, now, signal });
  }

  #author({ key, priority }: Taken): Author {
    return { origin: originOf(this.#settings.definition.name, key), urgent: priority >= 0 };
  }

  #logFor({ key }: Taken): Logger {
    const { namespace, name } = parseKey(key);
    const controller = this.#settings.definition.name;
    return this.#settings.log.child({ controller, namespace, name, reconcileID: randomUUID() });
  }

  async #run(taken: Taken, object: KubeObject): Promise<Outcome> {
    const { definition, family, read } = this.#settings;
    // What is held of it may be of the past. When it can be read again, it is looked at again.
    if (!family.root.available(object.metadata.namespace)) return NOTHING;
    const author = this.#author(taken);
    const { finalizer } = definition;
    const held = finalizer !== undefined && hasFinalizer(object, finalizer);
    if (object.metadata.deletionTimestamp !== undefined) {
      return held ? this.#finalize(this.#pass(taken, object), finalizer, author) : NOTHING;
    }
    await reapOrphans(family, taken.key, object, read, author);
    if (object.status === undefined) family.records.begin(object.metadata.uid ?? '');
    const labels = definition.labels?.(object) ?? {};
    const ready = await ensureFinalizerAndLabels(family.client, family.kind, object, { finalizer, labels }, author);
    const pass = this.#pass(taken, ready);
    const result = (await definition.reconcile(pass.context)) ?? undefined;
    return { result, failures: pass.failures, statusDelayMs: pass.statusDelayMs() };
  }

  async #finalize(pass: Pass<KubeObject>, finalizer: string, author: Author): Promise<Outcome> {
    const { definition, family } = this.#settings;
    const result = definition.finalize === undefined ? await pruneAll(pass) : await definition.finalize(pass.context);
    const statusDelayMs = pass.statusDelayMs();
    if (result?.done !== true) return { result: result ?? undefined, failures: pass.failures, statusDelayMs };
    await removeFinalizer(family.client, family.kind, pass.current(), finalizer, author);
    return NOTHING;
  }

  /** The object does not exist: what it may have left behind goes too. */
  async #gone(taken: Taken): Promise<Outcome> {
    const { family, read } = this.#settings;
    // Where its kind is missing, unreadable or not looked at, nothing is known about the owner: its children stay.
    if (family.root.available(parseKey(taken.key).namespace))
      await reapOrphans(family, taken.key, undefined, read, this.#author(taken));
    return NOTHING;
  }
}

type Outcome = Pick<PassOutcome, 'result' | 'failures' | 'statusDelayMs'>;
const NOTHING: Outcome = { failures: [] };

/** Live edits come before scheduled looks. */
const LATER_PRIORITY = PRIORITY.child;

/** Names who writes in a pass, so that the pass is not repeated for its own writes. */
export function originOf(controller: string, key: string): string {
  return `${controller}|${key}`;
}

/** What a controller without a finalize of its own does: everything goes. */
async function pruneAll({ context, failures }: Pass<KubeObject>): Promise<Result> {
  await context.prune([]);
  return { done: failures.length === 0 };
}
