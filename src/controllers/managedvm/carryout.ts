import { PersistentVolumeClaim } from '../../api/upstream.ts';
import type { OfBackup } from '../../domain/backup/facts.ts';
import { oldestBackup } from '../../domain/backup/oldestbackup.ts';
import type { WantedChild } from '../../domain/contract/child.ts';
import type { Outcome } from '../../domain/contract/outcome.ts';
import type { Wanted } from '../../domain/contract/promise.ts';
import type { OfGuest } from '../../domain/guest/facts.ts';
import { keySight, keysToDrop, keyToMake } from '../../domain/guest/rotation.ts';
import { recordView } from '../../domain/guest/view.ts';
import { claimsOfMachine } from '../../domain/machine/diskhold.ts';
import type { MachineFacts } from '../../domain/machine/facts.ts';
import { orderProblem } from '../../domain/machine/order.ts';
import { wantedBy } from '../../domain/managedvm/children.ts';
import type { Promises } from '../../domain/managedvm/promises.ts';
import type { OwnedKind, Reader } from '../../runtime/pass/controller.ts';
import type { Context, Parts } from './context.ts';
import { moveKeys } from './keymove.ts';
import { dropKeys, ensureKeys } from './keys.ts';
import { labelInstance, prepareTakeover } from './takeover.ts';

/** Applies and prunes the children that the promises want; of an order that is paused it only looks at them. */
export async function carryOut<F extends OfGuest & OfBackup>(
  context: Context,
  promises: Promises<F>,
  facts: F,
  { settings, ownership }: Pick<Parts, 'settings' | 'ownership'>,
): Promise<readonly Outcome[]> {
  const { object: managedVM, read, now } = context;
  const { machine } = facts;
  // Whatever else is wrong with the order, its keys are state.
  const moved = managedVM.spec.paused === undefined ? await moveKeys(context, settings.keys) : [];
  if (orderProblem(managedVM, machine) !== undefined) return moved;
  if (managedVM.spec.paused !== undefined) {
    return standing(wantedBy(promises, { managedVM, facts, now })?.apply ?? [], ownership.kinds, read);
  }
  await prepareTakeover(context, machine);
  await keepDisks(context, machine);
  const facing = { managedVM, observed: machine, sight: keySight(recordView(managedVM, facts)) };
  const keys = await ensureKeys(context, settings.keys, machine, keyToMake(facing));
  const withKeys = { ...facts, machine: { ...machine, live: { ...machine.live, keys } } };
  const wanted = wantedBy(promises, { managedVM, facts: withKeys, now });
  if (wanted === undefined) return moved;
  const applied = await context.apply(wanted.apply);
  await labelInstance(context, machine);
  const dropped = await dropKeys(context, settings.keys, keysToDrop(facing, oldestBackup(managedVM, facts.backup)));
  return [...moved, ...applied, ...dropped, ...(await context.prune([...wanted.apply, ...wanted.keep]))];
}

/** Disks stay when the machine goes, whoever has given them to it. */
async function keepDisks({ removeOwnerReference, read }: Context, { holds, live }: MachineFacts): Promise<void> {
  const machine = live.virtualMachine?.metadata.uid;
  if (machine === undefined) return;
  const claims = claimsOfMachine(holds, live.livePVCs, machine).flatMap(({ metadata: { namespace = '', name } }) => {
    return read.get(PersistentVolumeClaim, { namespace, name }) ?? [];
  });
  await Promise.all(claims.map(claim => removeOwnerReference(PersistentVolumeClaim, claim, machine)));
}

/** The children that are there, as applying them would have found them: what an order that is paused is judged by. */
function standing(wanted: Wanted['apply'], kinds: readonly OwnedKind[], read: Reader): readonly Outcome[] {
  return wanted.flatMap(child => {
    const { kind, metadata } = asObject(child);
    const { namespace, name } = metadata;
    const owned = kinds.find(each => each.kind.kind === kind && (each.namespace ?? namespace) === namespace);
    const object = owned && owned.read !== 'named' ? read.get(owned.kind, { namespace, name }) : undefined;
    return object === undefined ? [] : [{ child: { kind, namespace, name }, action: 'unchanged', object }];
  });
}

function asObject(child: WantedChild) {
  return 'object' in child && !('apiVersion' in child) ? child.object : child;
}
