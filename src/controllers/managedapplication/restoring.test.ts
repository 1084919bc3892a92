import { describe, expect, it } from 'vitest';
import type { ManagedApplication } from '../../api/managedapplication.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Reader } from '../../runtime/pass/controller.ts';
import { restoringOf } from './restoring.ts';

const orders = { metadata: { name: 'orders', namespace: 'acme', uid: 'app' } } as ManagedApplication & KubeObject;
const restore = (change: { metadata?: object; status?: object } = {}) => ({
  metadata: {
    ...{ name: 'again', namespace: 'acme', uid: 'r1', annotations: { 'managed.systems/restore-uid': 'r1' } },
    ...change.metadata,
  },
  status: {
    ...{ phase: 'Restoring', managedApplication: 'app', point: { name: 'd', uid: 'd', time: '2026-12-01T02:00:00Z' } },
    steps: [{ name: 'agreed', at: '2026-12-01T11:00:00Z' }],
    ...change.status,
  },
});
const found = (...all: readonly object[]) => restoringOf(orders, { byIndex: () => all } as unknown as Reader);
const RESTORING = { order: 'r1', of: '2026-12-01T02:00:00Z', since: '2026-12-01T11:00:00Z' };

describe('the restore that a guest is told of (AP-13)', () => {
  it('is the one that is agreed to and not over, also while its order is being deleted', () => {
    expect(found(restore())).toEqual(RESTORING);
    expect(found(restore({ metadata: { deletionTimestamp: '2026-12-01T11:30:00Z' } }))).toEqual(RESTORING);
  });

  it.each([
    ['waits for agreement', { status: { phase: 'Pending' } }],
    ['is over', { status: { phase: 'Succeeded' } }],
    ['is of an application of before, of the same name', { status: { managedApplication: 'former' } }],
    ['was copied from another, with its status', { metadata: { uid: 'r2' } }],
    ['was brought back by Velero', { metadata: { labels: { 'velero.io/restore-name': 'all' } } }],
    ['was never looked at by us', { metadata: { annotations: {} } }],
  ])('is none that %s', (_, change) => {
    expect(found(restore(change))).toBeUndefined();
  });
});
