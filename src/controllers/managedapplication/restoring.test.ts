import { describe, expect, it } from 'vitest';
import type { ManagedApplication } from '../../api/managedapplication.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Reader } from '../../runtime/pass/controller.ts';
import { RESTORE_CHANGES, restoredOf, restoringOf } from './restoring.ts';

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

describe('the restore by which data of before are kept (GE-13)', () => {
  const change = (uid: string) => ({ metadata: { name: 'restore-again', uid } });
  const over = (more: { metadata?: object; status?: object } = {}) =>
    restore({ ...more, status: { phase: 'Succeeded', change: { name: 'restore-again', uid: 'c' }, ...more.status } });
  const of = (order: object, there: object | undefined = change('c'), uid = 'r1') =>
    restoredOf(orders, uid, { byIndex: () => [order], get: () => there } as unknown as Reader);

  it('is the one of that uid that has succeeded, with the very change that was agreed to', () => {
    expect(of(over())).toEqual({ name: 'again', change: change('c') });
    expect(of(over(), change('another'))).toEqual({ name: 'again' });
  });

  it.each([
    ['is another', over(), 'r2'],
    ['has not succeeded', over({ status: { phase: 'Failed' } }), 'r1'],
    ['is of an application of before, of the same name', over({ status: { managedApplication: 'former' } }), 'r1'],
    ['was copied from another, with its status', over({ metadata: { uid: 'r2' } }), 'r2'],
  ])('is none that %s', (_, order, uid) => {
    expect(of(order, undefined, uid)).toBeUndefined();
  });

  it('wakes its application where its change is accepted, and no other change does', () => {
    const target = { kind: 'ManagedApplication', name: 'orders' };
    const keys = (spec: object) =>
      RESTORE_CHANGES.toKeys(
        {
          ...{ apiVersion: 'v1', kind: 'ChangeRequest' },
          metadata: { namespace: 'acme', name: 'c' },
          spec,
        } as KubeObject,
        {} as Reader,
      );
    expect(keys({ operation: 'Restore', target })).toEqual([{ namespace: 'acme', name: 'orders' }]);
    expect(keys({ operation: 'LineChange', target })).toEqual([]);
    expect(keys({ operation: 'Restore', target: { kind: 'ManagedVM', name: 'orders' } })).toEqual([]);
  });
});
