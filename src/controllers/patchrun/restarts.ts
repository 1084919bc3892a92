import { VirtualMachineInstance } from '../../api/upstream.ts';
import { virtualMachineName } from '../../domain/contract/child.ts';
import { isRestarting, restartedBy, withRestart } from '../../domain/patching/restart.ts';
import type { RunContext } from './madeonce.ts';
import { orderOf } from './snapshots.ts';

/** Notes for a run which instance ends by the restart that it asks for, and says what came of it. The ManagedVM's own pass ends it. */
export async function attendRestart({ object, read, now, status }: RunContext): Promise<Date | undefined> {
  if (!isRestarting(object)) return undefined;
  const namespace = object.metadata.namespace ?? '';
  // What cannot be read is not known to be gone.
  if (read.state(VirtualMachineInstance, namespace) === 'unreadable') return restartedBy(object);
  const order = orderOf(object, read);
  const instance = order && read.get(VirtualMachineInstance, { namespace, name: virtualMachineName(order) });
  const next = withRestart(object, { order, instance }, now);
  if (next !== undefined) await status(next);
  return restartedBy(object);
}
