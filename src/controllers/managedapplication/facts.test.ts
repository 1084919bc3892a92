import { expect, test } from 'vitest';
import { changeRequest } from '../../api/changerequest.ts';
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

test.each<[string, object, boolean]>([
  ['Steward’s, for this order', { operation: 'LineChange', target: { uid: '7f3c' } }, true],
  ['somebody else’s of its name', { target: { uid: '7f3c' } }, false],
  ['one for another order', { operation: 'LineChange', target: { uid: 'other' } }, false],
  ['another operation', { operation: 'Restart', target: { uid: '7f3c' } }, false],
])(
  'GE-11: a change of the line is told by what Steward alone may write, and not by its name: %s',
  (_, spec, isOurs) => {
    const change = { metadata: { name: 'line-shop-orders', namespace: 'acme', uid: 'c1' }, spec };
    const get = (kind: ResourceKind) => (kind.kind === changeRequest.kind ? change : undefined);
    const cache = { get, byIndex: () => [] } as unknown as Reader;
    const lineChange = { from: '15', to: '17', phase: 'Checked', message: '', change: { name: 'line-shop-orders' } };
    const asked = { ...order, status: { lineChange } } as typeof order;
    expect(factsOf(asked, cache, 'steward-keys').lineChangeRequest !== undefined).toBe(isOurs);
  },
);
