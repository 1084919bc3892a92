import { describe, expect, it, vi } from 'vitest';
import { VirtualMachineInstance } from '../../api/upstream.ts';
import { instance, managedVM } from '../../domain/managedvm/assessment.fixtures.ts';
import { ApiError } from '../../runtime/api/errors.ts';
import type { Context } from './context.ts';
import { restart } from './restart.ts';

const cached = instance();
const why = 'changes wait for it';

function contextOf(deleteObject: Context['deleteObject']) {
  const event = vi.fn();
  const read = { get: () => cached };
  return { event, context: { object: managedVM(), read, deleteObject, event } as unknown as Context };
}

describe('a restart (MO-8)', () => {
  it('ends the instance it was decided on, by its uid, and says so', async () => {
    const deleteObject = vi.fn(async () => {});
    const { context, event } = contextOf(deleteObject);
    await restart(context, { uid: 'vmi-uid', why });
    expect(deleteObject).toHaveBeenCalledExactlyOnceWith(VirtualMachineInstance, cached);
    expect(event).toHaveBeenCalledExactlyOnceWith('Normal', 'Restarting', expect.stringContaining('shop-db'));
  });

  it('is over where another instance runs already, and nobody is told of a second one', async () => {
    const { context, event } = contextOf(async () => {
      throw new ApiError(409, 'Conflict', 'Precondition failed: UID in precondition: a, UID in object meta: b');
    });
    await restart(context, { uid: 'vmi-uid', why });
    expect(event).not.toHaveBeenCalled();
  });

  it('that got no answer is an error, so that the pass is repeated', async () => {
    const { context } = contextOf(async () => {
      throw new ApiError(0, 'Unreachable', 'ECONNRESET');
    });
    await expect(restart(context, { uid: 'vmi-uid', why })).rejects.toThrow('ECONNRESET');
  });

  it('is not asked for where none is due, or where the cache has moved on to another instance', async () => {
    const deleteObject = vi.fn(async () => {});
    await restart(contextOf(deleteObject).context, { uid: undefined, why });
    await restart(contextOf(deleteObject).context, { uid: 'former-uid', why });
    expect(deleteObject).not.toHaveBeenCalled();
  });
});
