/** What becomes of an order of a service on demand (MO-2, GE-2): refused with the reason, or a change that carries it out. */
import type { ChangeRequest } from '../../api/changerequest.ts';
import { type ManagedVM, ManagedVMSpec } from '../../api/managedvm.ts';
import { isNewRootOperation } from '../../api/newroot.ts';
import type { ServicePlanSpec } from '../../api/serviceplan.ts';
import {
  type OrderedService,
  type ServiceRequest,
  ServiceRequestSpec,
  type ServiceRequestStatus,
} from '../../api/servicerequest.ts';
import type { ConditionInput } from '../contract/condition.ts';
import { bounded, cut } from '../contract/excerpt.ts';
import { readable } from '../contract/readable.ts';
import { isRestoredCopy } from '../contract/restoredcopy.ts';
import { entitlements } from '../contract/service-levels.ts';
import type { StewardChange } from '../contract/stewardchange.ts';
import { orderedChange, SHORTEST_MINUTES } from './orderedchange.ts';
import { hasEnd, orderedWindow } from './orderedwindow.ts';
import { rootRefusal, type SystemOf } from './rootorder.ts';

export type OrderFacts = {
  readonly request: ServiceRequest;
  /** The ManagedVM that it names; undefined: there is none. */
  readonly target: ManagedVM | undefined;
  /** A ServicePlan by its name, if it is there and can be read. */
  readonly planOf: (name: string) => ServicePlanSpec | undefined;
  /** A system of the catalogue by its name. */
  readonly systemOf: SystemOf;
  readonly now: Date;
};

export type OrderPlan =
  | { readonly change: StewardChange; readonly refusal?: undefined }
  | { readonly change?: undefined; readonly refusal: ConditionInput };

export type OrderAssessment = {
  readonly status: Omit<ServiceRequestStatus, 'conditions'>;
  readonly conditions: readonly ConditionInput[];
};

/** Reasons of refusals that stay: what an order asked for weeks ago is not done because it has become possible since. */
const FINAL: ReadonlySet<string> = new Set([
  'NotServedYet',
  'OrderedByRestore',
  'NotIncluded',
  'TargetOff',
  'TargetPaused',
  'TargetDeleted',
  'WindowTooShort',
  'RootCannotBeMadeAnew',
  'SystemNotSuitable',
  'RescueTooLong',
  'CameFromBackup',
]);

/** The change that carries an order out, or why it is refused. */
export function planOrder({ request, target, planOf, systemOf, now }: OrderFacts): OrderPlan {
  const { spec, problem } = readable(ServiceRequestSpec, request.spec);
  if (spec === undefined) return { refusal: refused('InvalidOrder', cut(`${problem}.`, 300)) };
  const before = request.status?.conditions?.find(({ type }) => type === 'Accepted');
  if (before?.status === 'False' && FINAL.has(before.reason))
    return { refusal: refused(before.reason, before.message) };
  if (isRestoredCopy(request)) {
    const message =
      'It came back from a backup: what it ordered was done or left then, and is not done again. Order what is still wanted.';
    return { refusal: refused('CameFromBackup', message) };
  }
  const { service } = spec;
  const restored = RESTORED.get(service);
  if (restored !== undefined) {
    const message = `${service} is ordered by a Restore with ${restored}, which says what and from when (AP-13).`;
    return { refusal: refused('OrderedByRestore', message) };
  }
  if (!SERVED.has(service)) {
    const message = `${service} is not served yet. Order it as Custom: then people do it, by effort (GE-2).`;
    return { refusal: refused('NotServedYet', message) };
  }
  if (target === undefined) {
    const message = `There is no ${spec.target.kind} ${spec.target.name} in this namespace.`;
    return { refusal: refused('TargetNotFound', message) };
  }
  const refusal =
    service === 'Custom'
      ? undefined
      : (notOf(target, service) ?? tooShort(spec, now) ?? notAnew(spec, target, systemOf, now));
  if (refusal !== undefined) return { refusal };
  const pricedBy = planPricing(service, target, planOf);
  return { change: orderedChange(request, spec, { managedVM: target, pricedBy }, now) };
}

/** Orders that must say more than a ServiceRequest can, and have a kind of their own. */
const RESTORED: ReadonlyMap<OrderedService, string> = new Map([
  ['Restore', 'target.inPlace or target.newName'],
  ['RestoreDrill', 'target.sandbox'],
  ['Clone', 'target.newName'],
]);

const SERVED: ReadonlySet<OrderedService> = new Set<OrderedService>([
  'Custom',
  'Restart',
  'ForcedStop',
  'LiveMigration',
  'Snapshot',
  'PatchRun',
  'Rebuild',
  'Migration',
  'Rescue',
]);

/** What is not done to a VM, and what must be ordered again. */
const WORDS: ReadonlyMap<OrderedService, readonly [string, string]> = new Map([
  ['Restart', ['restart', 'restart']],
  ['ForcedStop', ['stop', 'ForcedStop']],
  ['LiveMigration', ['move', 'LiveMigration']],
  ['Snapshot', ['snapshot', 'Snapshot']],
  ['PatchRun', ['patch', 'PatchRun']],
  ['Rebuild', ['make anew', 'Rebuild']],
  ['Migration', ['migrate', 'Migration']],
  ['Rescue', ['rescue', 'Rescue']],
]);

/** Why Steward does not do it to this VM. */
function notOf({ metadata, spec: stored }: ManagedVM, service: OrderedService): ConditionInput | undefined {
  const name = `ManagedVM ${metadata.name}`;
  const [what, order] = WORDS.get(service) ?? ['do', 'service'];
  const { spec } = readable(ManagedVMSpec, stored);
  if (spec === undefined) return refused('TargetInvalid', `${name} cannot be read: see its condition Ready.`);
  if (metadata.deletionTimestamp !== undefined)
    return refused('TargetDeleted', `${name} is being deleted: there is nothing to ${what}.`);
  if (service === 'PatchRun' && !entitlements(spec.serviceLevel).patching) {
    return refused('NotIncluded', `${name} is at service level ${spec.serviceLevel}, which is never patched (MO-3).`);
  }
  // What is off as ordered may be snapshotted, and what does not shut down as ordered be stopped.
  if (spec.powerState === 'Stopped' && service !== 'Snapshot' && service !== 'ForcedStop') {
    return refused('TargetOff', `${name} is powered off as ordered. Set spec.powerState to Running to start it.`);
  }
  if (spec.paused === undefined) return undefined;
  return refused('TargetPaused', `${name} is paused by spec.paused. Order the ${order} again when that is gone.`);
}

function notAnew(
  spec: ServiceRequestSpec,
  target: ManagedVM,
  systemOf: SystemOf,
  now: Date,
): ConditionInput | undefined {
  if (!isNewRootOperation(spec.service)) return undefined;
  const refusal = rootRefusal(spec, target, systemOf, now);
  return refusal && refused(refusal.reason, refusal.message);
}

/** A guest is not begun where it could not be brought to an end. */
function tooShort(spec: ServiceRequestSpec, now: Date): ConditionInput | undefined {
  if (!hasEnd(spec.service)) return undefined;
  const { notBefore, notAfter } = orderedWindow(spec, now);
  const minutes = Math.floor((Date.parse(notAfter) - Math.max(Date.parse(notBefore), now.getTime())) / 60_000);
  if (minutes >= SHORTEST_MINUTES) return undefined;
  const message = `From ${notBefore} to ${notAfter} there are ${Math.max(0, minutes)} minutes left, and a ${spec.service} takes ${SHORTEST_MINUTES}: set another spec.notAfter.`;
  return refused('WindowTooShort', message);
}

/** The plan in force for the target, if its price list has the service. */
export function planPricing(
  service: OrderedService,
  { status }: ManagedVM,
  planOf: OrderFacts['planOf'],
): string | undefined {
  const isInForce = status?.conditions?.some(({ type, status: is }) => type === 'Contracted' && is === 'True') === true;
  const plan = isInForce ? status?.service?.plan : undefined;
  const priced = plan === undefined ? undefined : planOf(plan)?.prices.onDemand;
  return priced?.some(each => each.service === service) === true ? plan : undefined;
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
