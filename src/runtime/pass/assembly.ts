import type { Logger } from 'pino';
import type { Clock } from '../api/clock.ts';
import { type KubeObject, kindId } from '../api/object.ts';
import type { Cache, Demand } from '../cache/cache.ts';
import { KindView } from '../cache/kindview.ts';
import { createReader, indexName } from '../cache/reader.ts';
import { ChildRecords } from '../children/childrecords.ts';
import type { Client } from '../children/client.ts';
import { Family } from '../children/family.ts';
import { type Marks, ownerUidKey } from '../children/ownership.ts';
import type { EventRecorder } from '../observe/events.ts';
import type { Metrics } from '../observe/metrics.ts';
import { KeyQueue } from '../queue/queue.ts';
import type { AnyController, OwnedKind, WatchedKind } from './controller.ts';
import { ControllerLoop, DEFAULT_CONCURRENCY, RESERVED_FOR_EDITS } from './loop.ts';
import { Sources } from './sources.ts';

export type AssemblySettings = {
  readonly marks: Marks;
  readonly cache: Cache;
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Logger;
};

/** A controller put together: its view of the cache, its queue, its workers. */
export type Controller = {
  readonly name: string;
  /** Everything that it reads is filled, as far as it is served at all. */
  settled(): boolean;
  /** The signal ends the asking of polled sources; the workers end with the loop. */
  start(signal: AbortSignal): void;
  readonly loop: ControllerLoop;
};

/** What a controller wants cached; to be asked of all controllers before one is assembled. */
export function demandsOf(definition: AnyController, marks: Marks): Demand[] {
  return [
    { kind: definition.kind, selector: '' },
    ...definition.owns.filter(isWatched).map(owned => ownedDemand(owned, marks)),
    ...definition.watches.map(watchedDemand),
  ];
}

function isWatched(owned: OwnedKind): boolean {
  return owned.read !== 'named';
}

function ownedDemand({ kind, namespace, selector }: OwnedKind, marks: Marks): Demand {
  return { kind, namespace, selector: selector ?? ownerUidKey(marks) };
}

function watchedDemand({ kind, namespace, selector = '' }: WatchedKind): Demand {
  return { kind, namespace, selector };
}

export function assemble(definition: AnyController, settings: AssemblySettings): Controller {
  const { marks, cache, client, recorder, clock } = settings;
  const log = settings.log.child({ controller: definition.name });
  const views = viewsOf(definition, settings);
  const viewOf = (kind: { group: string; plural: string }) => views.get(`${kind.plural}.${kind.group}`);
  const root = viewOf(definition.kind) ?? new KindView(cache, definition.kind, []);
  const owned = definition.owns.map(owns => ({
    ...{ definition: owns, kind: owns.kind },
    view: isWatched(owns) ? new KindView(cache, owns.kind, cache.sections(ownedDemand(owns, marks))) : undefined,
  }));
  const family = new Family({ marks, root, owned, client, records: new ChildRecords() });
  family.addIndexes();
  const watched = definition.watches.flatMap(watch => {
    const view = viewOf(watch.kind);
    return view === undefined ? [] : [{ definition: watch, view }];
  });
  const children = owned.flatMap(({ definition: owns, view }) =>
    view === undefined ? [] : [{ definition: owns, view }],
  );
  addIndexes(definition, root, [...watched, ...children]);
  const read = createReader(definition.name, views);
  const concurrency = (definition.concurrency ?? DEFAULT_CONCURRENCY) + RESERVED_FOR_EDITS;
  const metrics = settings.metrics.controller(definition.name, concurrency);
  const queue = new KeyQueue(clock, metrics);
  const sources = new Sources({ definition, family, watched, read, client, cache, queue, clock, log });
  const loop = new ControllerLoop({ definition, family, read, queue, recorder, metrics, clock, log: settings.log });
  return {
    ...{ name: definition.name, loop },
    settled: () => [...views.values()].every(view => view.settled()),
    start: signal => {
      sources.start(signal);
      loop.start();
    },
  };
}

/** One view per kind, over all the sections that its declarations need. */
function viewsOf(definition: AnyController, { marks, cache }: AssemblySettings): Map<string, KindView> {
  const byKind = new Map<string, Demand[]>();
  for (const demand of demandsOf(definition, marks)) {
    const id = kindId(demand.kind);
    byKind.set(id, [...(byKind.get(id) ?? []), demand]);
  }
  const views = new Map<string, KindView>();
  for (const [id, demands] of byKind) {
    const [first] = demands;
    const sections = [...new Set(demands.flatMap(demand => cache.sections(demand)))];
    if (first !== undefined) views.set(id, new KindView(cache, first.kind, sections));
  }
  return views;
}

function addIndexes(
  definition: AnyController,
  root: KindView,
  others: readonly { readonly definition: Pick<WatchedKind, 'indexes'>; readonly view: KindView }[],
): void {
  const indexes: [KindView, string, (object: KubeObject) => readonly string[]][] = [
    ...Object.entries(definition.indexes ?? {}).map(([name, of]) => [root, name, of] as [KindView, string, typeof of]),
    ...others.flatMap(({ definition: { indexes = {} }, view }) =>
      Object.entries(indexes).map(([name, of]) => [view, name, of] as [KindView, string, typeof of]),
    ),
  ];
  for (const [view, name, of] of indexes) view.addIndex(indexName(definition.name, name), of);
}
