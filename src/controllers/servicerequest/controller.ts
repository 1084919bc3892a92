import { type ChangeRequest, changeRequest } from '../../api/changerequest.ts';
import { type ManagedVM, ManagedVMSpec, managedVM } from '../../api/managedvm.ts';
import { OperatingSystemSpec, operatingSystem } from '../../api/operatingsystem.ts';
import { type ServicePlan, ServicePlanSpec, servicePlan } from '../../api/serviceplan.ts';
import { type ServiceRequest, serviceRequest } from '../../api/servicerequest.ts';
import { assessFailure, assessOrder, assessRefusal, planOrder } from '../../domain/change/order.ts';
import { changeNameOf } from '../../domain/change/orderedchange.ts';
import { excerpt } from '../../domain/contract/excerpt.ts';
import { isApiError } from '../../runtime/api/errors.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import {
  type ControllerDefinition,
  defineController,
  type Reader,
  type ReconcileContext,
} from '../../runtime/pass/controller.ts';
import { readOnce } from '../contracts.ts';
import { reportRecord, STATUS_INTERVALS } from '../report.ts';

type Request = ServiceRequest & KubeObject;

const TARGET_INDEX = 'target';

const orderedIn = readOnce(ManagedVMSpec);
const pricesIn = readOnce(ServicePlanSpec);
const systemIn = readOnce(OperatingSystemSpec);

/** Makes of each order of a service on demand the change that carries it out, once, and says how that goes (MO-2, GE-2). */
export function serviceRequestController(): ControllerDefinition<Request> {
  return defineController<Request>({
    name: 'servicerequest',
    kind: serviceRequest,
    statusIntervals: STATUS_INTERVALS,
    indexes: { [TARGET_INDEX]: ({ metadata, spec }) => [`${metadata.namespace}/${spec?.target?.name}`] },
    owns: [
      {
        kind: changeRequest,
        selector: '',
        named: (owner, { metadata }) => metadata.name === changeNameOf(owner as Request),
      },
    ],
    watches: [
      {
        kind: managedVM,
        part: ({ metadata, spec }) => [metadata.uid, orderedIn(spec).problem],
        toKeys: ({ metadata: { namespace = '', name } }, read) =>
          read.byIndex(serviceRequest, TARGET_INDEX, `${namespace}/${name}`).map(keyOf),
      },
      // By its prices the change is made, and afterwards they are of no concern.
      { kind: servicePlan, toKeys: () => [] },
      { kind: operatingSystem, part: () => undefined, toKeys: () => [] },
    ],
    reconcile: async context => {
      const { namespace = '' } = context.object.metadata;
      const isUnreadable = [changeRequest, managedVM, servicePlan, operatingSystem].some(
        kind => context.read.state(kind, kind.namespaced ? namespace : '') === 'unreadable',
      );
      // What cannot be read is neither missing nor gone.
      if (isUnreadable) return;
      const made = context.object.status?.change;
      if (made === undefined) await carryOut(context);
      else await reportRecord(context, assessOrder(context.object, made, changeNamed(context.read, namespace, made)));
    },
  });
}

/** The change is made once, and belongs to people from then on: Steward neither heals it nor makes another. */
async function carryOut(context: ReconcileContext<Request>): Promise<void> {
  const { object, read, now } = context;
  const { change, refusal } = planOrder({
    ...{ request: object, target: targetOf(object, read), now },
    planOf: name => {
      const plan = read.get<ServicePlan & KubeObject>(servicePlan, { namespace: '', name });
      return plan && pricesIn(plan.spec).spec;
    },
    systemOf: name => systemIn(read.get(operatingSystem, { namespace: '', name })?.spec).spec,
  });
  if (refusal !== undefined) {
    await reportRecord(context, assessRefusal(object, refusal));
    return;
  }
  const live = await context.createOnce(change).catch(async (error: unknown) => {
    if (isApiError(error)) await reportRecord(context, assessFailure(object, excerpt(error.message)));
    throw error;
  });
  const made = { name: live.metadata.name, uid: live.metadata.uid ?? '' };
  await reportRecord(context, assessOrder(object, made, live as ChangeRequest & KubeObject));
}

function targetOf({ metadata, spec }: Request, read: Reader): (ManagedVM & KubeObject) | undefined {
  return read.get(managedVM, { namespace: metadata.namespace ?? '', name: String(spec?.target?.name ?? '') });
}

/** Of the name and of the very uid: another of its name is not what carries the order out. */
function changeNamed(
  read: Reader,
  namespace: string,
  { name, uid }: { readonly name: string; readonly uid: string },
): (ChangeRequest & KubeObject) | undefined {
  const found = read.get<ChangeRequest & KubeObject>(changeRequest, { namespace, name });
  return found?.metadata.uid === uid ? found : undefined;
}
