import { describe, expect, it, vi } from 'vitest';
import { InstanceSubresources } from '../../api/upstream.ts';
import { instance, managedVM } from '../../domain/managedvm/assessment.fixtures.ts';
import { ApiError } from '../../runtime/api/errors.ts';
import type { Context } from './context.ts';
import { thaw } from './thaw.ts';

const since = new Date('2026-11-30T01:00:00Z');
const cached = instance();

function contextOf(invoke: Context['invoke'], read: object = { get: () => cached }) {
  const event = vi.fn();
  return { event, context: { object: managedVM(), read, invoke, event } as unknown as Context };
}

describe('AP-13: a guest that stays frozen', () => {
  it('is let go by KubeVirt, and that is told', async () => {
    const invoke = vi.fn(async () => {});
    const { context, event } = contextOf(invoke);
    expect(await thaw(context, since)).toEqual({ asked: true });
    expect(invoke).toHaveBeenCalledExactlyOnceWith(InstanceSubresources, cached, 'unfreeze');
    expect(event).toHaveBeenCalledExactlyOnceWith(
      'Warning',
      'GuestThawed',
      expect.stringContaining('since 2026-11-30T01:00:00Z'),
    );
  });

  it('that KubeVirt does not let go is told with its words, and what it said is not lost', async () => {
    const error = new ApiError(500, 'InternalError', 'dial tcp: connection refused');
    const { context, event } = contextOf(async () => {
      throw error;
    });
    expect(await thaw(context, since)).toEqual({ asked: false, failure: { error } });
    expect(event).toHaveBeenCalledExactlyOnceWith(
      'Warning',
      'GuestNotThawed',
      expect.stringContaining('connection refused'),
    );
  });

  it.each([
    ['nothing is due', undefined, cached],
    ['there is no instance any more', since, undefined],
  ])('is not asked for where %s', async (_, due, found) => {
    const invoke = vi.fn(async () => {});
    const { context } = contextOf(invoke, { get: () => found });
    expect(await thaw(context, due)).toEqual({ asked: false });
    expect(invoke).not.toHaveBeenCalled();
  });
});
