import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../api/manualclock.ts';
import type { KubeObject } from '../api/object.ts';
import { Cache } from '../cache/cache.ts';
import { KindView } from '../cache/kindview.ts';
import { createReader } from '../cache/reader.ts';
import { fill } from '../cache/store.fixtures.ts';
import { Store } from '../cache/store.ts';
import { ChildRecords } from '../children/childrecords.ts';
import { Client } from '../children/client.ts';
import { Family } from '../children/family.ts';
import { Transport } from '../http/transport.ts';
import { PRIORITY } from '../queue/priority.ts';
import { KeyQueue } from '../queue/queue.ts';
import type { WatchedKind } from './controller.ts';
import { defineController } from './controller.ts';
import { Sources } from './sources.ts';

const root = { group: 'x.example', version: 'v1', kind: 'Root', plural: 'roots', namespaced: true };
const policy = { group: 'x.example', version: 'v1', kind: 'Policy', plural: 'policies', namespaced: true };
const log = pino({ level: 'silent' });

let version: number;
let queue: KeyQueue;
let orders: Store;
let say: (type: string, spec: object, status: object, uid?: string) => void;

function watching(definition: Pick<WatchedKind, 'part'>): void {
  const clock = new ManualClock();
  const connection = { server: 'http://127.0.0.1:9', credentials: async () => ({ headers: {} }) };
  const transport = new Transport({ connection, userAgent: 'test' });
  const cache = new Cache({ transport, clock, log, namespaces: undefined });
  const watched: WatchedKind = { kind: policy, toKeys: () => [{ namespace: 'ns', name: 'concerned' }], ...definition };
  const demands = [root, policy].map(kind => ({ kind, selector: '' }));
  for (const demand of demands) cache.demand(demand);
  const [roots, policies] = demands.map(demand => new KindView(cache, demand.kind, cache.sections(demand)));
  if (roots === undefined || policies === undefined) throw new Error('no views');
  orders = roots.sections[0]?.store ?? new Store();
  const client = new Client(transport, cache, 'me');
  const marks = { manager: 'me', prefix: 'x.example' };
  const family = new Family({ marks, root: roots, owned: [], client, records: new ChildRecords() });
  family.addIndexes();
  queue = new KeyQueue(clock);
  const reader = createReader('test', new Map());
  const controller = defineController({
    name: 'test',
    kind: root,
    owns: [],
    watches: [watched],
    reconcile: async () => {},
  });
  new Sources({
    ...{ definition: controller, family, read: reader, client, cache, queue, clock, log },
    watched: [{ definition: watched, view: policies }],
  }).start(new AbortController().signal);
  say = (type, spec, status, uid = 'u') => {
    version += 1;
    const metadata = { name: 'p', namespace: 'ns', uid, resourceVersion: String(version) };
    const object: KubeObject = { apiVersion: 'x.example/v1', kind: 'Policy', metadata, spec, status };
    policies.sections[0]?.store.event(type, object);
  };
}

/** How many keys have been queued since it was asked last. */
async function queued(): Promise<number> {
  const count = queue.size;
  for (let left = count; left > 0; left -= 1) queue.done((await queue.take())?.key ?? '');
  return count;
}

beforeEach(() => {
  version = 0;
});

describe('a change of something that is watched', () => {
  it('concerns those that it leads to', async () => {
    watching({});
    say('ADDED', { a: 1 }, {});
    expect(await queued()).toBe(1);
    say('MODIFIED', { a: 1 }, { count: 1 });
    expect(await queued()).toBe(1);
  });

  it('concerns nobody where the part that matters stays as it is', async () => {
    watching({ part: ({ spec }) => spec });
    say('ADDED', { a: 1 }, {});
    expect(await queued()).toBe(1);
    say('MODIFIED', { a: 1 }, { count: 1 });
    expect(await queued()).toBe(0);
    say('MODIFIED', { a: 2 }, { count: 1 });
    expect(await queued()).toBe(1);
    say('MODIFIED', { a: 2 }, { count: 1 }, 'another incarnation');
    expect(await queued()).toBe(1);
    say('DELETED', { a: 2 }, {}, 'another incarnation');
    expect(await queued()).toBe(1);
  });
});

it('takes an object that reads otherwise by a new schema for no edit: all of the kind do at once, and real edits go first', async () => {
  watching({});
  const order = (name: string, resourceVersion: string, spec: object): KubeObject => {
    return {
      apiVersion: 'x.example/v1',
      kind: 'Root',
      metadata: { name, namespace: 'ns', uid: name, resourceVersion },
      spec,
    };
  };
  fill(orders, [order('a', '1', {}), order('b', '2', {})], '3');
  await queued();
  fill(orders, [order('a', '1', { defaulted: true }), order('b', '4', { edited: true })], '5');
  expect([await queue.take(), await queue.take()]).toEqual([
    { key: 'ns/b', priority: PRIORITY.edited },
    { key: 'ns/a', priority: PRIORITY.fanOut },
  ]);
});
