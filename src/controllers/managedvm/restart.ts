import { VirtualMachineInstance } from '../../api/upstream.ts';
import { virtualMachineName } from '../../domain/contract/child.ts';
import { isConflict } from '../../runtime/api/errors.ts';
import type { Context } from './context.ts';

/** The instance that must end, by its uid, if one must. */
export type Ending = { readonly uid: string | undefined; readonly why: string };

/**
 * Ends the instance of that uid, and no other; virt-controller then starts the next one from the template (runStrategy Always).
 * Not KubeVirt's restart: that ends whatever instance there is when the call arrives, so a call that is late, or repeated because its
 * answer was lost, restarts a guest that has just started (docs/adr/0051).
 */
export async function restart({ object, read, deleteObject, event }: Context, { uid, why }: Ending): Promise<void> {
  if (uid === undefined) return;
  const name = virtualMachineName(object);
  const instance = read.get(VirtualMachineInstance, { namespace: object.metadata.namespace ?? '', name });
  if (instance?.metadata.uid !== uid) return;
  try {
    await deleteObject(VirtualMachineInstance, instance);
  } catch (error) {
    if (isConflict(error)) return;
    throw error;
  }
  event('Normal', 'Restarting', `VirtualMachine ${name} is restarted, because ${why}.`);
}
