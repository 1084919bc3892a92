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
import { excerpt } from '../../domain/contract/excerpt.ts';
import {
  isTurningBack,
  type RollbackFacts,
  restoreFor,
  restoreName,
  rollbackAct,
} from '../../domain/patching/rollback.ts';
import { lastOf, ROLLBACK_MS } from '../../domain/patching/run.ts';
import { withEnd } from '../../domain/patching/runstatus.ts';
import { isApiError, isTransient } from '../../runtime/api/errors.ts';
import type { KubeObject, ResourceKind } from '../../runtime/api/object.ts';
import type { ReconcileContext } from '../../runtime/pass/controller.ts';
import { orderOf } from './snapshots.ts';

type Run = PatchRun & KubeObject;
type Context = ReconcileContext<Run>;

/** What a rollback stands on: where one of these cannot be read, what is missing is not known to be gone, and nothing is done. */
const NEEDED: readonly ResourceKind[] = [
  VirtualMachine,
  VirtualMachineInstance,
  PersistentVolumeClaim,
  VirtualMachineSnapshot,
  VirtualMachineRestore,
];

/** Turns the VM back where a run asks for it, a step at a time; each begins when the change of an object tells that the one before has ended. */
export async function attendRollback(context: Context, runs: readonly Run[]): Promise<Date | undefined> {
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

function factsOf({ object, read }: Context, runs: readonly Run[]): RollbackFacts {
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

async function restore({ object, now, createOnce, status }: Context, order: ManagedVM | undefined): Promise<void> {
  const before = object.status;
  if (order === undefined || before === undefined) return;
  try {
    const { metadata } = await createOnce(restoreFor(object, virtualMachineName(order)));
    await status({ ...before, rollback: { ...before.rollback, restore: metadata.uid } });
  } catch (error) {
    // What no retry can cure: KubeVirt's admission, a kind that is not served, a name that is another's.
    if (isTransient(error) || !isApiError(error)) throw error;
    const detail = `it was refused: ${excerpt(error.message, 200)}`;
    await status(withEnd(before, 'rollback', { verdict: 'Failed', detail }, now));
  }
}
