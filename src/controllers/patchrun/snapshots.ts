import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import type { PatchRun } from '../../api/patchrun.ts';
import { VirtualMachine, VirtualMachineRestore, VirtualMachineSnapshot } from '../../api/upstream.ts';
import { virtualMachineName } from '../../domain/contract/child.ts';
import { snapshotAct, snapshotFor, snapshotName, withSnapshot } from '../../domain/patching/snapshot.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { failStep, madeOnce, type RunContext } from './madeonce.ts';

type Run = PatchRun & KubeObject;

/**
 * Makes the snapshot that a run asks for, says in the run what KubeVirt says of it, and removes it when nobody may want to go back to it any
 * more. When to look again, if time alone decides.
 */
export async function attendSnapshot(context: RunContext): Promise<Date | undefined> {
  const { object, read, now, deleteChild, event } = context;
  const made = read.get(VirtualMachineSnapshot, {
    namespace: object.metadata.namespace ?? '',
    name: snapshotName(object),
  });
  const { namespace = '' } = object.metadata;
  const restores = read.list(VirtualMachineRestore, { namespace });
  const act = snapshotAct(object, made !== undefined, restores, now);
  switch (act.act) {
    case 'observe':
      await observe(context, await create(context));
      return undefined;
    case 'nothing':
      return undefined;
    case 'keep':
      return act.until;
    case 'remove':
      if (made === undefined) return undefined;
      await deleteChild(made);
      event('Normal', 'SnapshotRemoved', `VirtualMachineSnapshot ${made.metadata.name} is removed: its time is over.`);
      return undefined;
  }
}

/** Undefined where it cannot be made, which the run then says. */
async function create(context: RunContext): Promise<KubeObject | undefined> {
  const { object, read } = context;
  const machine = machineOf(object, read);
  if (machine !== undefined) return madeOnce(context, 'snapshot', snapshotFor(object, machine.metadata.name));
  await failStep(context, 'snapshot', 'the virtual machine is gone');
  return undefined;
}

async function observe({ object, read, now, status }: RunContext, made: KubeObject | undefined): Promise<void> {
  if (made === undefined) return;
  const facts = {
    virtualMachine: machineOf(object, read),
    disks: (orderOf(object, read)?.spec.disks ?? []).map(({ name }) => name),
  };
  const next = withSnapshot(object, made, facts, now);
  if (next !== undefined) await status(next);
}

/** The ManagedVM that the run is of, and none that has its name today. */
export function orderOf({ metadata, spec }: Run, read: RunContext['read']): (ManagedVM & KubeObject) | undefined {
  const key = { namespace: metadata.namespace ?? '', name: spec.managedVM.name };
  const found = read.get<ManagedVM & KubeObject>(managedVM, key);
  return found?.metadata.uid === spec.managedVM.uid ? found : undefined;
}

function machineOf(run: Run, read: RunContext['read']): KubeObject | undefined {
  const order = orderOf(run, read);
  return (
    order && read.get(VirtualMachine, { namespace: run.metadata.namespace ?? '', name: virtualMachineName(order) })
  );
}
