import { expect, test } from 'vitest';
import type { ManagedApplication } from '../../api/managedapplication.ts';
import { application } from '../../domain/application/product.fixtures.ts';
import { lineOfferName } from '../../domain/change/linechange.ts';
import type { ApplicationContext } from './credentials.ts';
import { cancelLine } from './line.ts';

const name = lineOfferName(application(), '18');
const change = { name, uid: 'c1' };
const endOfLife = {
  line: '17',
  ends: '2029-11-09T00:00:00Z',
  offered: { at: '2029-05-13T00:00:00Z', to: '18', change },
};
const lineChange = { from: '17', to: '18', phase: 'Checked', message: '', change } as const;

/** The results that are written when an order goes whose offer is stored as it is given. */
async function cancelled(
  status: NonNullable<ManagedApplication['status']>,
  spec: object = {},
): Promise<readonly object[]> {
  const written: object[] = [];
  const stored = {
    metadata: { name, namespace: 'acme', uid: 'c1' },
    spec: { operation: 'LineChange', target: { uid: '7f3c' }, ...spec },
  };
  await cancelLine({
    object: { ...application(), status },
    read: { get: () => stored },
    mergePatch: (_kind: unknown, _object: unknown, patch: object) => Promise.resolve(written.push(patch)),
    now: new Date('2029-06-01T00:00:00Z'),
  } as unknown as ApplicationContext);
  return written;
}

test('GE-11: nobody is asked for a change of the line of an order that is gone, once and only where nothing was begun', async () => {
  const [only, ...more] = await cancelled({ endOfLife, lineChange });
  expect([only, more]).toEqual([{ spec: { result: expect.objectContaining({ outcome: 'Cancelled' }) } }, []]);
  expect(await cancelled({ endOfLife, lineChange: { ...lineChange, phase: 'Changing' } })).toEqual([]);
  expect(await cancelled({ endOfLife }, { result: { outcome: 'Succeeded' } })).toEqual([]);
  expect(await cancelled({ endOfLife }, { operation: undefined })).toEqual([]);
  expect(await cancelled({})).toEqual([]);
});
