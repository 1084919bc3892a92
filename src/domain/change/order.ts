/** What becomes of an order of a service on demand (MO-2, GE-2): refused with the reason, or a change that carries it out. */
import type { ChangeRequest, ChangeRequestSpec } from '../../api/changerequest.ts';
import { GROUP, VERSION } from '../../api/common.ts';
import { type ServiceRequest, ServiceRequestSpec, type ServiceRequestStatus } from '../../api/servicerequest.ts';
import type { ConditionInput } from '../contract/condition.ts';
import { bounded, cut } from '../contract/excerpt.ts';
import { readable } from '../contract/readable.ts';

export type OrderFacts = {
  readonly request: ServiceRequest;
  /** UID of the ManagedVM that it names; undefined: there is none. */
  readonly target: string | undefined;
};

export type OrderPlan =
  | { readonly change: ReturnType<typeof changeFor>; readonly refusal?: undefined }
  | { readonly change?: undefined; readonly refusal: ConditionInput };

export type OrderAssessment = {
  readonly status: Omit<ServiceRequestStatus, 'conditions'>;
  readonly conditions: readonly ConditionInput[];
};

/** By this name Steward requests what it writes itself; admission lets nobody else use it. */
export const STEWARD = 'steward';

/** The change that carries an order out, or why it is refused. */
export function planOrder({ request, target }: OrderFacts): OrderPlan {
  const { spec, problem } = readable(ServiceRequestSpec, request.spec);
  if (spec === undefined) return { refusal: refused('InvalidOrder', cut(`${problem}.`, 300)) };
  if (spec.service !== 'Custom') {
    const message = `${spec.service} is not served yet. Order it as Custom: then people do it, by effort (GE-2).`;
    return { refusal: refused('NotServedYet', message) };
  }
  if (target === undefined) {
    return {
      refusal: refused('TargetNotFound', `There is no ${spec.target.kind} ${spec.target.name} in this namespace.`),
    };
  }
  return { change: changeFor(request, spec, target) };
}

/** The uid makes the name one that nobody could take beforehand, and another one for an order of the same name. */
export function changeNameOf({ metadata: { name, uid = '' } }: ServiceRequest): string {
  return `${name.slice(0, 54).replace(/[.-]+$/, '')}-${uid.slice(0, 8)}`;
}

/** Both parties agree to the exact plan, which whoever does the work writes over what was ordered. */
function changeFor(request: ServiceRequest, spec: ServiceRequestSpec, uid: string) {
  const { namespace, name } = request.metadata;
  const { target, description = '', reason, notBefore, requestedBy } = spec;
  const change: ChangeRequestSpec = {
    title: cut(`Custom work for ${target.kind} ${target.name}`, 120),
    class: 'Normal',
    target: { ...target, uid },
    plan: [description],
    reason: cut(`Ordered by ${requestedBy} as ServiceRequest ${name}: ${reason}`, 500),
    risk: { rating: 'Medium', reasons: ['Nobody has rated the work yet.'] },
    ...(notBefore && { window: { notBefore } }),
    wayBack: 'Not planned yet.',
    agreement: { parties: [{ party: 'Provider' }, { party: 'Customer' }] },
    requestedBy: STEWARD,
  };
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'ChangeRequest',
    metadata: { name: changeNameOf(request), ...(namespace && { namespace }) },
    spec: change,
  };
}

/** What a refused order says. */
export function assessRefusal(request: ServiceRequest, { reason, message }: ConditionInput): OrderAssessment {
  return {
    status: seen(request),
    conditions: [
      ...stalled(reason, message),
      refused(reason, message),
      { type: 'Done', status: 'False', reason, message },
    ],
  };
}

/** What the change could not be made for, in the API server's words; it is tried again. */
export function assessFailure(request: ServiceRequest, why: string): OrderAssessment {
  const reason = 'ChangeNotMade';
  const message = bounded(`The ChangeRequest that would carry it out could not be made: ${why}.`);
  return {
    status: seen(request),
    conditions: [
      { type: 'Ready', status: 'False', reason, message },
      { type: 'Reconciling', status: 'True', reason, message },
      { type: 'Accepted', status: 'Unknown', reason, message },
    ],
  };
}

/** What an order says of the change that carries it out; undefined: the change that it once had is gone. A record is never made anew. */
export function assessOrder(
  request: ServiceRequest,
  made: NonNullable<ServiceRequestStatus['change']>,
  change: ChangeRequest | undefined,
): OrderAssessment {
  const accepted = {
    type: 'Accepted',
    status: 'True',
    reason: 'ChangeMade',
    message: `ChangeRequest ${made.name} carries it out.`,
  } as const;
  const status = { ...seen(request), change: made };
  if (change === undefined) {
    const message = `ChangeRequest ${made.name} with uid ${made.uid}, which carried it out, is gone; no other is made in its place. Order again what is still wanted.`;
    return {
      status,
      conditions: [
        ...stalled('ChangeLost', message),
        accepted,
        { type: 'Done', status: 'Unknown', reason: 'ChangeLost', message },
      ],
    };
  }
  const { waitingFor, conditions = [] } = change.status ?? {};
  const effort = change.spec.result?.effort;
  const said = (type: string): ConditionInput => {
    const found = conditions.find(each => each.type === type);
    if (found === undefined)
      return {
        type,
        status: 'Unknown',
        reason: 'NotJudgedYet',
        message: `ChangeRequest ${made.name} has not been judged yet.`,
      };
    return {
      type,
      status: found.status,
      reason: found.reason,
      message: bounded(`ChangeRequest ${made.name}: ${found.message}`),
    };
  };
  const ready = said('Ready');
  return {
    status: { ...status, ...(waitingFor && { waitingFor }), ...(effort && { effort }) },
    conditions: [
      ...(ready.status === 'False' ? stalled(ready.reason, ready.message) : [ready]),
      accepted,
      said('Done'),
    ],
  };
}

function seen({ metadata: { generation } }: ServiceRequest): { observedGeneration?: number } {
  return generation === undefined ? {} : { observedGeneration: generation };
}

function refused(reason: string, message: string): ConditionInput {
  return { type: 'Accepted', status: 'False', reason, message };
}

function stalled(reason: string, message: string): ConditionInput[] {
  return [
    { type: 'Ready', status: 'False', reason, message },
    { type: 'Stalled', status: 'True', reason, message },
  ];
}
