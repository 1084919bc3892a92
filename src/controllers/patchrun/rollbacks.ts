import type { ManagedVM } from '../../api/managedvm.ts';
import type { PatchRun } from '../../api/patchrun.ts';
import {
  PersistentVolumeClaim,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineRestore,
  VirtualMachineSnapshot,
} from '../../api/upstream.ts';
import { virtualMachineName } from '../../domain/contract/child.ts';
import { lastOf } from '../../domain/patching/attempts.ts';
import {
  isTurningBack,
  type RollbackFacts,
  restoreFor,
  restoreName,
  rollbackAct,
} from '../../domain/patching/rollback.ts';
import { ROLLBACK_MS } from '../../domain/patching/run.ts';
import type { ResourceKind } from '../../runtime/api/object.ts';
import { madeOnce, type RunContext } from './madeonce.ts';
import { orderOf } from './snapshots.ts';

/** What a rollback stands on: where one of these cannot be read, what is missing is not known to be gone, and nothing is done. */
const NEEDED: readonly ResourceKind[] = [
  VirtualMachine,
  VirtualMachineInstance,
  PersistentVolumeClaim,
  VirtualMachineSnapshot,
  VirtualMachineRestore,
];

/** Turns the VM back where a run asks for it, a step at a time; each begins when the change of an object tells that the one before has ended. */
export async function attendRollback(context: RunContext, runs: readonly PatchRun[]): Promise<Date | undefined> {
  const { object, read, now, status, deleteChild } = context;
  const step = lastOf(object, 'rollback');
  if (step === undefined) return undefined;
  const namespace = object.metadata.namespace ?? '';
  const deadline = isTurningBack(object) ? new Date(Date.parse(step.began) + ROLLBACK_MS) : undefined;
  if (NEEDED.some(kind => read.state(kind, namespace) === 'unreadable')) return deadline;
  const facts = factsOf(context, runs);
  const act = rollbackAct(object, facts, now);
  if (act.act === 'write') await status(act.status);
  if (act.act === 'restore') await restore(context, facts.order);
  if (act.act === 'remove') {
    const made = read.get(VirtualMachineRestore, { namespace, name: restoreName(object) });
    if (made !== undefined) await deleteChild(made);
  }
  return deadline;
}

function factsOf({ object, read }: RunContext, runs: readonly PatchRun[]): RollbackFacts {
  const namespace = object.metadata.namespace ?? '';
  const order = orderOf(object, read);
  const machine = order === undefined ? undefined : { namespace, name: virtualMachineName(order) };
  const named = { namespace, name: restoreName(object) };
  return {
    order,
    virtualMachine: machine && read.get(VirtualMachine, machine),
    instance: machine && read.get(VirtualMachineInstance, machine),
    snapshot: read.get(VirtualMachineSnapshot, named),
    restore: read.get(VirtualMachineRestore, named),
    claim: name => read.get(PersistentVolumeClaim, { namespace, name }),
    runs,
  };
}

async function restore(context: RunContext, order: ManagedVM | undefined): Promise<void> {
  const { object, status } = context;
  const before = object.status;
  if (order === undefined || before === undefined) return;
  const made = await madeOnce(context, 'rollback', restoreFor(object, virtualMachineName(order)));
  if (made !== undefined) await status({ ...before, rollback: { ...before.rollback, restore: made.metadata.uid } });
}
