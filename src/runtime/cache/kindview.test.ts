import { pino } from 'pino';
import { expect, test } from 'vitest';
import { systemClock } from '../api/clock.ts';
import type { KubeObject } from '../api/object.ts';
import { Transport } from '../http/transport.ts';
import { Cache, type Section } from './cache.ts';
import { KindView } from './kindview.ts';
import { fill } from './store.fixtures.ts';
import { Store } from './store.ts';

const kind = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };

function configMap(namespace: string, name: string, version: number): KubeObject {
  const metadata = { namespace, name, uid: `${namespace}/${name}`, resourceVersion: String(version) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata };
}

/** A cache of ConfigMaps in these namespaces (undefined: all); nothing is asked of a server. */
function cacheOf(namespaces: readonly string[] | undefined): { cache: Cache; sections: readonly Section[] } {
  const connection = { server: 'http://nowhere.example', credentials: async () => ({ headers: {} }) };
  const transport = new Transport({ connection, userAgent: 'test' });
  const cache = new Cache({ transport, clock: systemClock, log: pino({ level: 'silent' }), namespaces });
  const demand = { kind, selector: '' };
  cache.demand(demand);
  return { cache, sections: cache.sections(demand) };
}

/** Whoever looks at it has looked at too much. */
function forbid(store: Store, ...methods: ('values' | 'get' | 'byIndex')[]): void {
  for (const method of methods)
    store[method] = () => {
      throw new Error('everything was looked at');
    };
}

test('what there is in one namespace is found without looking at the others (runtime/t5_list)', () => {
  const { cache, sections } = cacheOf(undefined);
  const view = new KindView(cache, kind, sections);
  const store = sections[0]?.store ?? new Store();
  fill(store, [configMap('a', 'one', 1), configMap('b', 'two', 2), configMap('b', 'three', 3)], '5');
  const names = (namespace?: string) => view.list(namespace).map(({ metadata }) => metadata.name);
  expect(names()).toEqual(['one', 'two', 'three']);
  forbid(store, 'values');
  expect(names('b')).toEqual(['two', 'three']);
  expect(names('c')).toEqual([]);
  store.event('ADDED', configMap('c', 'four', 6));
  store.event('DELETED', configMap('b', 'two', 7));
  expect([names('b'), names('c')]).toEqual([['three'], ['four']]);
});

test('how many there are of a value is told without looking at them, as they come and go', () => {
  const { cache, sections } = cacheOf(undefined);
  const view = new KindView(cache, kind, sections);
  const store = sections[0]?.store ?? new Store();
  view.addIndex('namespace', ({ metadata }) => [metadata.namespace ?? '']);
  fill(store, [configMap('a', 'one', 1), configMap('b', 'two', 2), configMap('b', 'three', 3)], '5');
  forbid(store, 'values', 'get', 'byIndex');
  const counts = () => ['a', 'b', 'c'].map(namespace => view.count('namespace', namespace));
  expect(counts()).toEqual([1, 2, 0]);
  store.event('ADDED', configMap('c', 'four', 6));
  store.event('DELETED', configMap('a', 'one', 7));
  expect(counts()).toEqual([0, 2, 1]);
});

test('of thousands of namespaces with a watch of their own a read and a write look at one (runtime/t7_watches)', () => {
  const { cache, sections } = cacheOf(Array.from({ length: 2000 }, (_, index) => `ns-${index}`));
  const view = new KindView(cache, kind, sections);
  const [first, ...others] = sections;
  for (const { store } of others) forbid(store, 'get', 'values', 'byIndex');
  if (first !== undefined) fill(first.store, [configMap('ns-0', 'one', 1)], '5');
  expect(view.get({ namespace: 'ns-0', name: 'one' })?.metadata.name).toBe('one');
  expect(view.list('ns-0')).toHaveLength(1);
  expect(cache.holding(kind, configMap('ns-0', 'one', 1))).toEqual([first]);
});
