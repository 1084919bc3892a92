/** What class 11 of the fault suite has found: objects that another schema makes, in the store that every watch fills. */
import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../src/runtime/api/object.ts';
import { fill } from '../../src/runtime/cache/store.fixtures.ts';
import { Store } from '../../src/runtime/cache/store.ts';

const order = (name: string, resourceVersion: string, more: object): KubeObject => ({
  ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'ManagedVM' },
  metadata: { name, namespace: 'here', uid: `uid-${name}`, resourceVersion },
  ...more,
});
const systemOf = ({ spec }: KubeObject) => [(spec as { readonly operatingSystem: string }).operatingSystem];

function filled(): { store: Store; told: (string | undefined)[] } {
  const store = new Store();
  const told: (string | undefined)[] = [];
  store.addIndex('operatingSystem', systemOf);
  store.listen(({ object }) => told.push(object?.metadata.name));
  return { store, told };
}

describe('objects of other schemas in the store', () => {
  test('one that an index cannot read holds up neither itself nor its neighbours', () => {
    const { store, told } = filled();
    const wrong = order('wrong', '2', {});
    fill(store, [order('a', '1', { spec: { operatingSystem: 'debian' } }), wrong], '4');
    store.event('MODIFIED', order('wrong', '5', { spec: { operatingSystem: 'debian' } }));
    expect(told).toEqual(['a', 'wrong', 'wrong']);
    expect(store.byIndex('operatingSystem', 'debian')).toHaveLength(2);
  });

  test('a default that a new schema brings is news in a complete list, though the version is the same', () => {
    const { store, told } = filled();
    fill(store, [order('a', '1', { spec: { operatingSystem: 'debian' } })], '4');
    fill(store, [order('a', '1', { spec: { operatingSystem: 'debian', powerState: 'Running' } })], '6');
    expect(store.get('here/a')?.spec).toEqual({ operatingSystem: 'debian', powerState: 'Running' });
    expect(told).toEqual(['a', 'a']);
  });
});
