import { expect, test } from 'vitest';
import type { ManagedApplication } from '../../api/managedapplication.ts';
import { isEarlier } from './earlier.ts';
import { application } from './product.fixtures.ts';

const PLAN = { revision: 'sha256:1', since: '2026-01-01T00:00:00Z' };
const ordered = (second: number, uid: string, plan?: typeof PLAN): ManagedApplication => ({
  ...application(),
  metadata: { name: uid, namespace: 'acme', uid, creationTimestamp: `2026-12-01T12:00:0${second}Z` },
  ...(plan && { status: { plan } }),
});

test.each([
  ['the one that was ordered first', ordered(1, 'b'), ordered(2, 'a')],
  ['of the same second the one with the lesser UID', ordered(1, 'a'), ordered(1, 'b')],
  ['the one that is set up, of the same second too', ordered(1, 'b', PLAN), ordered(1, 'a')],
  ['of two that are set up the one that was ordered first', ordered(1, 'b', PLAN), ordered(2, 'a', PLAN)],
])('of two applications on one VM, %s was there before (AP-1)', (_, first, second) => {
  expect([isEarlier(first, second), isEarlier(second, first)]).toEqual([true, false]);
});
