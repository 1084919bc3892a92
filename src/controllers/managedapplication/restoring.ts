import { type ChangeRequest, changeRequest } from '../../api/changerequest.ts';
import type { ManagedApplication } from '../../api/managedapplication.ts';
import { type Restore, restore } from '../../api/restore.ts';
import type { Restoring } from '../../domain/application/restoresteps.ts';
import { at, listAt, textAt } from '../../domain/contract/json.ts';
import type { Restored } from '../../domain/policies/keptdata.ts';
import { isCopy, SEAL } from '../../domain/restore/begin.ts';
import type { KubeObject, ObjectKey } from '../../runtime/api/object.ts';
import type { ControllerDefinition, Reader } from '../../runtime/pass/controller.ts';

type Ordered = ManagedApplication & KubeObject;
type RestoreOrder = Restore & KubeObject;

/** Restores by the application whose data they restore. */
const RESTORES_INDEX = 'restoresOf';

/** The restore that its guest is to carry out: agreed to, of this very application, and no copy of another. Of several, which there never are, the first. */
export function restoringOf({ metadata }: Ordered, read: Reader): Restoring | undefined {
  const { namespace = '', name, uid } = metadata;
  const orders = read.byIndex<RestoreOrder>(restore, RESTORES_INDEX, `${namespace}/${name}`);
  const [first] = orders
    .filter(order => isSealed(order) && order.status?.managedApplication === uid && order.status?.phase === 'Restoring')
    .toSorted((a, b) => ((a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1));
  const since = first?.status?.steps?.find(step => step.name === 'agreed')?.at;
  const of = first?.status?.point?.time;
  const { uid: order } = first?.metadata ?? {};
  return order === undefined || of === undefined || since === undefined ? undefined : { order, of, since };
}

/** A restore of this very application that has succeeded, by its uid, and the change by which it was agreed to. */
export function restoredOf({ metadata }: Ordered, uid: string, read: Reader): Restored | undefined {
  const { namespace = '', name, uid: application } = metadata;
  const orders = read.byIndex<RestoreOrder>(restore, RESTORES_INDEX, `${namespace}/${name}`);
  const order = orders.find(each => each.metadata.uid === uid && isSealed(each));
  const { status } = order ?? {};
  if (order === undefined || status?.managedApplication !== application || status?.phase !== 'Succeeded')
    return undefined;
  const found = read.get<ChangeRequest & KubeObject>(changeRequest, { namespace, name: status.change?.name ?? '' });
  // A name proves nothing: it is the very one that was agreed to.
  const change = found?.metadata.uid === status.change?.uid ? found : undefined;
  return { name: order.metadata.name, ...(change && { change }) };
}

function isSealed(order: RestoreOrder): boolean {
  return !isCopy(order) && order.metadata.annotations?.[SEAL] !== undefined;
}

export const RESTORES: NonNullable<ControllerDefinition<Ordered>['watches']>[number] = {
  kind: restore,
  indexes: {
    [RESTORES_INDEX]: order => applicationOf(order).map(({ namespace, name }) => `${namespace}/${name}`),
  },
  part: ({ status }) => textAt(status, 'phase'),
  toKeys: applicationOf,
};

/** Changes by which restores of data were agreed to: once the customer accepts one, the data of before go. */
export const RESTORE_CHANGES: NonNullable<ControllerDefinition<Ordered>['watches']>[number] = {
  kind: changeRequest,
  part: ({ spec, status }) => [at(spec, 'result', 'finishedAt'), acceptedIn(status)],
  toKeys: ({ metadata, spec }) => {
    const isOfData = textAt(spec, 'operation') === 'Restore' && textAt(spec, 'target', 'kind') === 'ManagedApplication';
    return isOfData ? [{ namespace: metadata.namespace ?? '', name: textAt(spec, 'target', 'name') ?? '' }] : [];
  },
};

const acceptedIn = (status: unknown) => listAt(status, 'conditions').find(each => textAt(each, 'type') === 'Accepted');

function applicationOf(order: KubeObject): readonly ObjectKey[] {
  const name = textAt(order, 'spec', 'managedApplicationRef');
  return name === undefined ? [] : [{ namespace: order.metadata.namespace ?? '', name }];
}
