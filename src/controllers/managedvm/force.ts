import { MachineSubresources, VirtualMachine, VirtualMachineInstance } from '../../api/upstream.ts';
import { virtualMachineName } from '../../domain/contract/child.ts';
import { isConflict } from '../../runtime/api/errors.ts';
import type { Context } from './context.ts';

/**
 * Ends the instance of that uid without letting its guest shut down. KubeVirt's own call names no incarnation (RestartVMRequestHandler and
 * StopVMRequestHandler in pkg/virt-api/rest/lifecycle.go), so it is made only while the very instance is seen, and by one process once:
 * `called` are the instances that this one has called it for (docs/adr/0219).
 */
export async function force(
  { object, read, invoke, event }: Pick<Context, 'object' | 'read' | 'invoke' | 'event'>,
  uid: string | undefined,
  called: Set<string>,
): Promise<void> {
  const { namespace = '' } = object.metadata;
  const name = virtualMachineName(object);
  const [machine, instance] = [VirtualMachine, VirtualMachineInstance].map(kind => read.get(kind, { namespace, name }));
  if (uid === undefined || called.has(uid) || machine === undefined || instance?.metadata.uid !== uid) return;
  const [subresource, content] = object.spec.powerState === 'Running' ? RESTART : STOP;
  try {
    await invoke(MachineSubresources, machine, subresource, content);
    event(
      'Normal',
      'Forced',
      `The instance of VirtualMachine ${name} is ended without its shutdown, because a ChangeRequest that was agreed says so.`,
    );
  } catch (error) {
    // It is under way already, or there is nothing to end any more.
    if (!isConflict(error)) throw error;
  }
  called.add(uid);
}

const RESTART = ['restart', { gracePeriodSeconds: 0 }] as const;
const STOP = ['stop', { gracePeriod: 0 }] as const;
