import { InstanceSubresources, VirtualMachineInstance } from '../../api/upstream.ts';
import { virtualMachineName } from '../../domain/contract/child.ts';
import { instant } from '../../domain/contract/condition.ts';
import { messageOf } from '../../runtime/http/exchange.ts';
import type { Context } from './context.ts';

/** Whether KubeVirt has let go, as far as it says, and what it said against it. */
export type Thaw = { readonly asked: boolean; readonly failure?: { readonly error: unknown } };

/**
 * Lets go of file systems that have been held still since then; undefined: there is nothing to do. KubeVirt's unfreeze harms none that are not
 * held, so a call that is late, or repeated because its answer was lost, does nothing.
 */
export async function thaw(
  { object, read, invoke, event }: Pick<Context, 'object' | 'read' | 'invoke' | 'event'>,
  since: Date | undefined,
): Promise<Thaw> {
  const name = virtualMachineName(object);
  const instance = read.get(VirtualMachineInstance, { namespace: object.metadata.namespace ?? '', name });
  if (since === undefined || instance === undefined) return { asked: false };
  try {
    await invoke(InstanceSubresources, instance, 'unfreeze');
  } catch (error) {
    const words = `KubeVirt does not let go of the file systems of ${name}, which have been held still since ${instant(since)}: ${messageOf(error)}`;
    event('Warning', 'GuestNotThawed', words);
    return { asked: false, failure: { error } };
  }
  const words = `The file systems of ${name} had been held still since ${instant(since)}; KubeVirt was asked to let go. A backup that was made meanwhile counts as crash-consistent.`;
  event('Warning', 'GuestThawed', words);
  return { asked: true };
}
