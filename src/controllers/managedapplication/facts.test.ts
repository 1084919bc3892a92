import { expect, test } from 'vitest';
import { managedVM } from '../../api/managedvm.ts';
import { application } from '../../domain/application/product.fixtures.ts';
import type { KubeObject, ResourceKind } from '../../runtime/api/object.ts';
import type { Reader } from '../../runtime/pass/controller.ts';
import { factsOf, machineOf } from './facts.ts';

/** A fake: a cache that has nothing but a ManagedVM as it is given. */
function cacheWith(vm: object): Reader {
  const get = (kind: ResourceKind) => (kind.kind === managedVM.kind ? vm : undefined);
  return { get, byIndex: () => [] } as unknown as Reader;
}

const order = application() as ReturnType<typeof application> & KubeObject;

test('a ManagedVM that was stored without an order is none to install in, and is still there to be taken out of (AP-1)', () => {
  const cache = cacheWith({ metadata: { name: 'shop-db', namespace: 'acme', uid: 'u' } });
  expect(factsOf(order, cache, 'steward-keys').managedVM).toBeUndefined();
  expect(machineOf(order, cache)).toBeDefined();
});
