import { DataVolume, VirtualMachine, VirtualMachineInstance } from '../../api/upstream.ts';
import { MANAGED_VM_LABEL, virtualMachineName } from '../../domain/contract/child.ts';
import { at } from '../../domain/contract/json.ts';
import { isAdopted } from '../../domain/machine/adoption.ts';
import type { MachineFacts } from '../../domain/machine/facts.ts';
import { isNotFound } from '../../runtime/api/errors.ts';
import { apiVersionOf, type KubeObject } from '../../runtime/api/object.ts';
import type { Context } from './context.ts';

/**
 * Before a VirtualMachine is taken over: `running` becomes the run strategy that it means, for the two exclude each other; its templates of
 * DataVolumes go, and so do the references of these to it, or its disks would go with it. None of this touches the guest.
 */
export async function prepareTakeover(context: Context, { adopting, live, holds }: MachineFacts): Promise<void> {
  const { read, mergePatch, removeOwnerReference } = context;
  const { namespace = '' } = context.object.metadata;
  const machine =
    live.virtualMachine && read.get(VirtualMachine, { namespace, name: live.virtualMachine.metadata.name });
  if (!adopting || machine === undefined) return;
  const change = {
    ...(at(machine, 'spec', 'running') !== undefined && {
      running: null,
      runStrategy: at(machine, 'spec', 'running') === true ? 'Always' : 'Halted',
    }),
    ...(at(machine, 'spec', 'dataVolumeTemplates') !== undefined && { dataVolumeTemplates: null }),
  };
  if (Object.keys(change).length > 0) await mergePatch(VirtualMachine, machine, { spec: change });
  const dataVolumes = [...holds.values()].flatMap(
    ({ claim }) => read.get(DataVolume, { namespace, name: claim }) ?? [],
  );
  const uid = machine.metadata.uid ?? '';
  const theirs = dataVolumes.filter(({ metadata }) => metadata.ownerReferences?.some(owner => owner.uid === uid));
  await Promise.all(theirs.map(dataVolume => removeOwnerReference(DataVolume, dataVolume, uid)));
}

/**
 * The running instance of a machine that was taken over gets the label by which instances are watched: KubeVirt gives the labels of a
 * template to the next one only.
 */
export async function labelInstance(context: Context, machine: MachineFacts): Promise<void> {
  const { object, mergePatch } = context;
  const isThere = at(machine.live.virtualMachine, 'status', 'created') === true;
  if (!isAdopted(object, machine) || machine.virtualMachineInstance !== undefined || !isThere) return;
  const instance: KubeObject = {
    ...{ apiVersion: apiVersionOf(VirtualMachineInstance), kind: VirtualMachineInstance.kind },
    metadata: { name: virtualMachineName(object), namespace: object.metadata.namespace ?? '' },
  };
  try {
    await mergePatch(VirtualMachineInstance, instance, {
      metadata: { labels: { [MANAGED_VM_LABEL]: object.metadata.name } },
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
