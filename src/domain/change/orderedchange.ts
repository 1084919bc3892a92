/** The change that carries an order out (MO-2, GE-2). */
import type { ChangeRequestSpec } from '../../api/changerequest.ts';
import { GROUP, VERSION } from '../../api/common.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { ServiceRequest, ServiceRequestSpec } from '../../api/servicerequest.ts';
import { virtualMachineName } from '../contract/child.ts';
import { cut } from '../contract/excerpt.ts';
import { RESTART_WITHIN, STEWARD } from './operation.ts';

/** What an order is for. */
export type OrderTarget = {
  readonly managedVM: ManagedVM;
  /** The ServicePlan that prices the service for it, and so pre-approves it; undefined: none does. */
  readonly pricedBy: string | undefined;
};

export type OrderedChange = {
  readonly apiVersion: string;
  readonly kind: 'ChangeRequest';
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: ChangeRequestSpec;
};

type Work = Pick<ChangeRequestSpec, 'title' | 'plan' | 'operation' | 'risk' | 'wayBack'>;
type Consent = Pick<ChangeRequestSpec, 'class' | 'preApprovedBy' | 'agreement'>;

/** The uid makes the name one that nobody could take beforehand, and another one for an order of the same name. */
export function changeNameOf({ metadata: { name, uid = '' } }: ServiceRequest): string {
  return `${name.slice(0, 54).replace(/[.-]+$/, '')}-${uid.slice(0, 8)}`;
}

export function orderedChange(request: ServiceRequest, spec: ServiceRequestSpec, target: OrderTarget): OrderedChange {
  const { namespace, name } = request.metadata;
  const { reason, notBefore, requestedBy } = spec;
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'ChangeRequest',
    metadata: { name: changeNameOf(request), ...(namespace && { namespace }) },
    spec: {
      ...workOf(spec, target),
      ...consentTo(spec, target),
      target: { ...spec.target, uid: target.managedVM.metadata.uid ?? '' },
      reason: cut(`Ordered by ${requestedBy} as ServiceRequest ${name}: ${reason}`, 500),
      ...(notBefore && { window: { notBefore } }),
      requestedBy: STEWARD,
    },
  };
}

function workOf({ service, target, description = '' }: ServiceRequestSpec, { managedVM }: OrderTarget): Work {
  const whose = `${target.kind} ${target.name}`;
  if (service !== 'Restart') {
    // Whoever does the work writes the exact plan over what was ordered.
    return {
      title: cut(`Custom work for ${whose}`, 120),
      plan: [description],
      risk: { rating: 'Medium', reasons: ['Nobody has rated the work yet.'] },
      wayBack: 'Not planned yet.',
    };
  }
  return {
    title: cut(`Restart of ${whose}`, 120),
    operation: 'Restart',
    plan: [
      cut(
        `Steward ends the instance of VirtualMachine ${virtualMachineName(managedVM)} that runs then: its guest is shut down.`,
        500,
      ),
      `The next instance starts from the template, with every setting that waits for a restart, and runs within ${RESTART_WITHIN}.`,
    ],
    risk: { rating: 'Low', reasons: ['What runs in the guest is away until it has booted again.'] },
    wayBack: 'None: a restart cannot be undone. Disks stay as they are.',
  };
}

/** What both sides have agreed to in a price list is pre-approved by it, where nobody has to write a plan first. */
function consentTo({ service }: ServiceRequestSpec, { pricedBy }: OrderTarget): Consent {
  return service === 'Custom' || pricedBy === undefined
    ? { class: 'Normal', agreement: { parties: [{ party: 'Provider' }, { party: 'Customer' }] } }
    : { class: 'Standard', preApprovedBy: { kind: 'ServicePlan', name: pricedBy } };
}
