import { isDrill, isRestored, type RestoreStatus, restore } from '../../api/restore.ts';
import type { ServicePlanSpec } from '../../api/serviceplan.ts';
import { PersistentVolume, PersistentVolumeClaim } from '../../api/upstream.ts';
import { applicationRestoreChange } from '../../domain/change/applicationrestorechange.ts';
import { planPricing } from '../../domain/change/order.ts';
import { restoreChange } from '../../domain/change/restorechange.ts';
import { excerpt } from '../../domain/contract/excerpt.ts';
import { advance, fail, type RestoreAct, untested, withDisk } from '../../domain/restore/acts.ts';
import { SEAL } from '../../domain/restore/begin.ts';
import { restoreConditions } from '../../domain/restore/conditions.ts';
import type { RestoreFacts } from '../../domain/restore/facts.ts';
import { isApiError, isTransient } from '../../runtime/api/errors.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { ReconcileContext } from '../../runtime/pass/controller.ts';
import { reportRecord } from '../report.ts';
import { type Ordered, planOf, type VM } from './facts.ts';

export type Context = ReconcileContext<Ordered>;

/** Does one thing of a Restore. False: there was nothing to do; else it is looked at again at once, for own writes come back by no event. */
export async function carryOut(
  context: Context,
  act: RestoreAct,
  facts: Omit<RestoreFacts, 'volume'>,
): Promise<boolean> {
  const { object, mergePatch, deleteObject } = context;
  switch (act.act) {
    case 'nothing':
      return false;
    case 'write':
      await say(context, act.status);
      return true;
    case 'seal':
      await mergePatch(restore, object, { metadata: { annotations: { [SEAL]: object.metadata.uid ?? '' } } });
      return true;
    case 'change':
      await makeChange(context, facts.order as VM | undefined);
      return true;
    case 'request':
      await ask(context, act.object);
      return true;
    case 'changeVolume':
      await mergePatch(PersistentVolume, act.volume as KubeObject, act.change);
      return true;
    case 'release':
      await deleteObject(PersistentVolumeClaim, act.claim as KubeObject);
      return true;
    case 'makeClaim':
      await makeClaim(context, act.disk, act.object);
      return true;
    case 'makeMachine':
      await makeMachine(context, act.object);
      return true;
  }
}

/** One status write, with the conditions that follow from it; a drill that did not work is an event too. */
async function say(context: Context, status: RestoreStatus): Promise<void> {
  const { spec, metadata } = context.object;
  const { generation } = metadata;
  const isLost = isRestored(status.phase) && status.phase !== 'Succeeded';
  if (isDrill(spec) && isLost) context.event('Warning', `Drill${status.phase}`, status.message ?? '');
  const { conditions: _, ...said } = { ...status, ...(generation !== undefined && { observedGeneration: generation }) };
  await reportRecord(context, { status: said, conditions: restoreConditions(status) });
}

/** Made once, and people's from then on: Steward neither heals it nor makes another. */
async function makeChange(context: Context, order: VM | undefined): Promise<void> {
  const { object, read } = context;
  const pricedBy = order && planPricing('Restore', order, (): ServicePlanSpec | undefined => planOf(order, read));
  const render = object.spec.managedApplicationRef === undefined ? restoreChange : applicationRestoreChange;
  const change = render(object, pricedBy);
  if (change === undefined || object.status === undefined) return;
  const made = await context.createOnce(change);
  await say(context, { ...object.status, change: { name: made.metadata.name, uid: made.metadata.uid ?? '' } });
}

async function ask(context: Context, request: KubeObject): Promise<void> {
  const { object, now } = context;
  if (object.status === undefined) return;
  const made = await context.createOnce(request);
  const engine = { name: made.metadata.name, uid: made.metadata.uid ?? '' };
  await say(context, {
    ...advance(object.status, 'Restoring', 'begun', `Velero restores from Backup ${object.status.point?.name}.`, now),
    engine,
  });
}

/** No owner refers to it: what it holds outlives the order, as every disk does. */
async function makeClaim(context: Context, disk: string, object: KubeObject): Promise<void> {
  const { status } = context.object;
  if (status === undefined) return;
  const [outcome] = await context.apply([{ object, ownerReference: false }]);
  const { name, uid } = outcome?.object?.metadata ?? {};
  if (name !== undefined && uid !== undefined)
    await say(context, withDisk(status, disk, { after: { claim: name, uid } }));
  if (outcome?.error?.reason !== 'NotOurs') return;
  const why = `PersistentVolumeClaim ${object.metadata.name} of disk ${disk} cannot be made: ${excerpt(outcome.error.message, 200)}.`;
  await say(context, fail(status, why, context.now).status);
}

/** What quota or admission refuses in the sandbox says nothing of the backup. */
async function makeMachine(context: Context, object: KubeObject): Promise<void> {
  const { status } = context.object;
  if (status === undefined) return;
  try {
    const { metadata } = await context.createOnce(object);
    const machine = { name: metadata.name, uid: metadata.uid ?? '' };
    const message = 'The guest boots in the sandbox, with its link down.';
    await say(context, { ...advance(status, 'Starting', 'started', message, context.now), drill: { machine } });
  } catch (error) {
    if (isTransient(error) || !isApiError(error)) throw error;
    const why = `VirtualMachine ${object.metadata.namespace}/${object.metadata.name} cannot be made: ${excerpt(error.message, 200)}.`;
    await say(context, untested(status, why, context.now).status);
  }
}
