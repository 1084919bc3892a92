import { describe, expect, it, vi } from 'vitest';
import { managedVM } from '../../domain/managedvm/assessment.fixtures.ts';
import { ApiError } from '../../runtime/api/errors.ts';
import type { Context } from './context.ts';
import { force } from './force.ts';

type Seen = { readonly uid?: string; readonly powerState?: 'Running' | 'Stopped'; readonly error?: Error };

/** A pass in which the instance of that uid is there. */
function passOver({ uid, powerState = 'Running', error }: Seen) {
  const invoke = vi.fn(async () => {
    if (error !== undefined) throw error;
  });
  const get = (kind: { kind: string }) =>
    kind.kind === 'VirtualMachine' ? { metadata: {} } : uid === undefined ? undefined : { metadata: { uid } };
  const context = { object: managedVM({ powerState }), read: { get }, invoke, event: vi.fn() } as unknown as Context;
  return { context, calls: () => invoke.mock.calls as unknown as readonly (readonly unknown[])[] };
}

describe('MO-2: KubeVirt is asked to end an instance by force', () => {
  it.each([
    ['Running', 'restart', { gracePeriodSeconds: 0 }],
    ['Stopped', 'stop', { gracePeriod: 0 }],
  ] as const)('that is to be %s by %s, once in the life of a process', async (powerState, subresource, content) => {
    const { context, calls } = passOver({ uid: 'one', powerState });
    const called = new Set<string>();
    await force(context, 'one', called);
    await force(context, 'one', called);
    expect(calls().map(call => call.slice(2))).toEqual([[subresource, content]]);
  });

  it.each([
    ['nothing is to be ended', { uid: 'one' }, undefined],
    ['another runs by now', { uid: 'two' }, 'one'],
    ['none runs', {}, 'one'],
  ])('and not where %s', async (_, seen, uid) => {
    const { context, calls } = passOver(seen);
    await force(context, uid, new Set());
    expect(calls()).toEqual([]);
  });

  it('again where it could not be asked, and not where it is under way', async () => {
    const called = new Set<string>();
    const failing = passOver({ uid: 'one', error: new ApiError(500, 'InternalError', 'x') });
    await expect(force(failing.context, 'one', called)).rejects.toThrow();
    expect(called.size).toBe(0);
    const underWay = passOver({ uid: 'one', error: new ApiError(409, 'Conflict', 'x') });
    await force(underWay.context, 'one', called);
    expect(called).toEqual(new Set(['one']));
  });
});
