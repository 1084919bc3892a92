import { pino } from 'pino';
import { expect, test } from 'vitest';
import { Cache } from './cache.ts';
import { systemClock } from './clock.ts';
import { KindView } from './kindview.ts';
import type { KubeObject } from './object.ts';
import { Transport } from './transport.ts';

const kind = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };

function configMap(namespace: string, name: string, version: number): KubeObject {
  const metadata = { namespace, name, uid: `${namespace}/${name}`, resourceVersion: String(version) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata };
}

test('what there is in one namespace is found without looking at the others (runtime/t5_list)', () => {
  const connection = { server: 'http://nowhere.example', credentials: async () => ({ headers: {} }) };
  const transport = new Transport({ connection, userAgent: 'test' });
  const cache = new Cache({ transport, clock: systemClock, log: pino({ level: 'silent' }), namespaces: undefined });
  const demand = { kind, selector: '' };
  cache.demand(demand);
  const sections = cache.sections(demand);
  const view = new KindView(cache, kind, sections);
  const store = sections[0]?.store;
  store?.replace([configMap('a', 'one', 1), configMap('b', 'two', 2), configMap('b', 'three', 3)], '5');
  const names = (namespace?: string) => view.list(namespace).map(({ metadata }) => metadata.name);
  expect(names()).toEqual(['one', 'two', 'three']);
  if (store !== undefined)
    store.values = () => {
      throw new Error('every object was looked at');
    };
  expect(names('b')).toEqual(['two', 'three']);
  expect(names('c')).toEqual([]);
  store?.event('ADDED', configMap('c', 'four', 6));
  store?.event('DELETED', configMap('b', 'two', 7));
  expect([names('b'), names('c')]).toEqual([['three'], ['four']]);
});
