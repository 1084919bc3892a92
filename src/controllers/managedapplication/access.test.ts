import { expect, test } from 'vitest';
import { application } from '../../domain/application/product.fixtures.ts';
import { accessChangeName } from '../../domain/change/accesschange.ts';
import { managedVM } from '../../domain/managedvm/assessment.fixtures.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { cancelAccess, recordAccess } from './access.ts';
import type { ApplicationContext } from './credentials.ts';

const order = application() as ReturnType<typeof application> & KubeObject;
const change = (spec: object) => ({
  metadata: { name: accessChangeName('WithholdAccess', order), namespace: 'acme', uid: 'c1' },
  spec,
});

/** A fake: a cache with one ChangeRequest, and what is written. */
function contextWith(found: object | undefined) {
  const written: object[] = [];
  const context = {
    ...{ object: order, now: new Date('2026-12-01T12:00:00Z'), read: { get: () => found } },
    apply: (children: readonly { object: object }[]) => {
      written.push(...children.map(({ object }) => object));
      return Promise.resolve([{}]);
    },
    mergePatch: (_kind: object, _object: object, patch: object) => {
      written.push(patch);
      return Promise.resolve();
    },
  } as unknown as ApplicationContext;
  return { context, written };
}

test.each<[string, object | undefined, number]>([
  ['there is none', undefined, 1],
  ['Steward has made it', change({ operation: 'WithholdAccess' }), 0],
  ['somebody else has one of that name', change({}), 1],
])('AP-9: what is done to somebody’s access is recorded where %s', async (_, found, times) => {
  const { context, written } = contextWith(found);
  await recordAccess('WithholdAccess', context, managedVM());
  expect(written).toHaveLength(times);
});

test.each<[string, object | undefined, number]>([
  ['there is none', undefined, 0],
  ['it is open', change({ operation: 'WithholdAccess' }), 1],
  ['it has its result', change({ operation: 'WithholdAccess', result: { outcome: 'Succeeded' } }), 0],
  ['it is somebody else’s', change({}), 0],
])('AP-9: of an order that is gone before, the record is closed where %s', async (_, found, times) => {
  const { context, written } = contextWith(found);
  await cancelAccess(context);
  expect(written).toHaveLength(times);
});
