import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from '../api/clock.ts';
import { isNotFound } from '../api/errors.ts';
import { collectionPath, type KubeObject, pathOf, type ResourceKind } from '../api/object.ts';
import { formatMicroTime } from '../api/time.ts';
import type { Transport } from '../http/transport.ts';

const EVENT: ResourceKind = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};

/** A repetition within this time joins the series (client-go tools/events). */
const SERIES_MS = 360_000;
const MOST_SERIES = 1000;
const MOST_QUEUED = 1000;
const LONGEST_NOTE = 1024;

export type EventType = 'Normal' | 'Warning';

type Series = {
  readonly namespace: string;
  readonly name: string;
  count: number;
  /** What the API server knows of the count. */
  written: number;
  lastAt: number;
  lastTime: string;
};
type Job = () => Promise<void>;

/**
 * Writes events.k8s.io/v1 Events in the background, one at a time: best effort, never in the way of a pass. The first
 * repetition of an event starts a series; further ones are counted and written when the series ends or every 6 min.
 */
export class EventRecorder {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #controller: string;
  readonly #instance: string;
  readonly #series = new Map<string, Series>();
  readonly #jobs: Job[] = [];
  #working: Promise<void> | undefined;

  /** `controller` and `instance` say who reports. */
  constructor(transport: Transport, clock: Clock, log: Logger, controller: string, instance: string) {
    this.#transport = transport;
    this.#clock = clock;
    this.#log = log;
    this.#controller = controller;
    this.#instance = instance;
  }

  record(object: KubeObject, type: EventType, reason: string, message: string): void {
    const note = message.slice(0, LONGEST_NOTE);
    const id = `${object.metadata.uid ?? object.metadata.name}|${type}|${reason}|${note}`;
    const now = this.#clock.now();
    this.#expire();
    const known = this.#series.get(id);
    if (known === undefined) this.#begin(id, object, type, reason, note, now);
    else this.#repeat(id, known, now);
  }

  /** Writes what is queued. */
  async flush(): Promise<void> {
    for (const series of this.#series.values()) this.#write(series);
    await this.#working;
  }

  #begin(id: string, object: KubeObject, type: EventType, reason: string, note: string, now: Date): void {
    const namespace = object.metadata.namespace ?? 'default';
    const name = `${object.metadata.name.slice(0, 230)}.${randomBytes(8).toString('hex')}`;
    const series = {
      namespace,
      name,
      count: 1,
      written: 1,
      lastAt: this.#clock.monotonic(),
      lastTime: formatMicroTime(now),
    };
    this.#series.set(id, series);
    const { apiVersion, kind, metadata } = object;
    const body = {
      ...{ apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name, namespace } },
      ...{ eventTime: series.lastTime, type, reason, note, action: reason },
      ...{ reportingController: this.#controller, reportingInstance: this.#instance.slice(0, 128) },
      regarding: { apiVersion, kind, ...only(metadata, 'name', 'namespace', 'uid', 'resourceVersion') },
    };
    const path = collectionPath(EVENT, namespace);
    this.#enqueue(() => this.#call('POST', path, 'application/json', body));
  }

  #repeat(id: string, series: Series, now: Date): void {
    // To the end: the map is in the order of last use.
    this.#series.delete(id);
    this.#series.set(id, series);
    series.count += 1;
    series.lastAt = this.#clock.monotonic();
    series.lastTime = formatMicroTime(now);
    if (series.count === 2) this.#write(series);
  }

  #write(series: Series): void {
    if (series.count === series.written) return;
    series.written = series.count;
    const body = { series: { count: series.count, lastObservedTime: series.lastTime } };
    const path = pathOf(EVENT, series);
    this.#enqueue(() => this.#call('PATCH', path, 'application/merge-patch+json', body));
  }

  /** Ends series that have been quiet, oldest first, and the oldest ones when there are too many. */
  #expire(): void {
    const now = this.#clock.monotonic();
    for (const [id, series] of this.#series) {
      if (now - series.lastAt < SERIES_MS && this.#series.size < MOST_SERIES) break;
      this.#write(series);
      this.#series.delete(id);
    }
  }

  #enqueue(job: Job): void {
    if (this.#jobs.length >= MOST_QUEUED) return;
    this.#jobs.push(job);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      await job().catch((error: unknown) => {
        // The namespace may be gone, the object deleted: an Event is not worth more than a line.
        if (!isNotFound(error)) this.#log.debug({ error: String(error) }, 'event not written');
      });
    }
  }

  async #call(method: 'POST' | 'PATCH', path: string, contentType: string, body: unknown): Promise<void> {
    await this.#transport.call({ method, path, contentType, body: JSON.stringify(body) });
  }
}

function only<T extends object, K extends keyof T>(object: T, ...keys: K[]): Partial<T> {
  const picked: Partial<T> = {};
  for (const key of keys) if (object[key] !== undefined) picked[key] = object[key];
  return picked;
}
