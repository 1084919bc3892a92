/** The change that carries an order out (MO-2, GE-2). */
import type { ChangeRequestSpec } from '../../api/changerequest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { ServiceRequest, ServiceRequestSpec } from '../../api/servicerequest.ts';
import { nameBetween, virtualMachineName } from '../contract/child.ts';
import { cut } from '../contract/excerpt.ts';
import { changeBySteward, type StewardChange } from '../contract/stewardchange.ts';
import { machineWork } from './machinework.ts';
import { RESTART_WITHIN } from './operation.ts';
import { hasEnd, orderedWindow } from './orderedwindow.ts';
import { rootWork } from './rootorder.ts';

/** What an order is for. */
export type OrderTarget = {
  readonly managedVM: ManagedVM;
  /** The ServicePlan that prices the service for it, and so pre-approves it; undefined: none does. */
  readonly pricedBy: string | undefined;
};

type Work = Pick<ChangeRequestSpec, 'title' | 'plan' | 'operation' | 'urgent' | 'system' | 'risk' | 'wayBack'>;
type Consent = Pick<ChangeRequestSpec, 'class' | 'preApprovedBy' | 'agreement'>;

/** What a PatchRun needs at least, from its first look to its checks. */
export const SHORTEST_MINUTES = 60;
/** Within what time after its end an emergency must be agreed to. */
const AFTERWARDS = '72h';

/** The uid makes the name one that nobody could take beforehand, and another one for an order of the same name. */
export function changeNameOf({ metadata: { name, uid = '' } }: ServiceRequest): string {
  return nameBetween('', name, `-${uid.slice(0, 8)}`);
}

export function orderedChange(
  request: ServiceRequest,
  spec: ServiceRequestSpec,
  target: OrderTarget,
  now: Date,
): StewardChange {
  const { namespace, name } = request.metadata;
  const { reason, notBefore, requestedBy } = spec;
  const window = hasEnd(spec.service) ? orderedWindow(spec, now) : notBefore && { notBefore };
  return changeBySteward(changeNameOf(request), namespace, {
    ...workOf(spec, target),
    ...consentTo(spec, target.pricedBy),
    target: { ...spec.target, uid: target.managedVM.metadata.uid ?? '' },
    reason: cut(`Ordered by ${requestedBy} as ServiceRequest ${name}: ${reason}`, 500),
    ...(window && { window }),
  });
}

function workOf(spec: ServiceRequestSpec, target: OrderTarget): Work {
  switch (spec.service) {
    case 'Restart':
      return restartOf(spec, target);
    case 'ForcedStop':
    case 'LiveMigration':
    case 'Snapshot':
      return machineWork(spec.service, spec, target.managedVM);
    case 'PatchRun':
      return patchRunOf(spec);
    case 'Rebuild':
    case 'Migration':
    case 'Rescue':
      return rootWork(spec, target.managedVM);
    default:
      return customWork(spec);
  }
}

/** Whoever does the work writes the exact plan over what was ordered. */
function customWork({ target, description = '' }: ServiceRequestSpec): Work {
  return {
    title: cut(`Custom work for ${target.kind} ${target.name}`, 120),
    plan: [description],
    risk: { rating: 'Medium', reasons: ['Nobody has rated the work yet.'] },
    wayBack: 'Not planned yet.',
  };
}

function restartOf({ target }: ServiceRequestSpec, { managedVM }: OrderTarget): Work {
  return {
    title: cut(`Restart of ${target.kind} ${target.name}`, 120),
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

function patchRunOf({ target, urgent }: ServiceRequestSpec): Work {
  const whose = `${target.kind} ${target.name}`;
  const what =
    urgent === undefined
      ? 'what the policies of its patches approve and their rings have proven, as in a window of theirs'
      : `${urgentWords(urgent)}, without waiting for its minimum age and for rings to prove it; what is denied or excluded stays as it is`;
  const unproven = urgent === undefined ? [] : ['No ring has run with the content before (MO-11).'];
  return {
    title: cut(`${urgent === undefined ? 'Extra' : 'Emergency'} PatchRun of ${whose}`, 120),
    operation: 'PatchRun',
    ...(urgent && { urgent }),
    plan: [
      ...inLines(`Steward begins one PatchRun in the guest and installs ${what}.`),
      'The guest is rebooted where the policy has it so; what is installed is read back.',
    ],
    risk: {
      rating: 'Medium',
      reasons: ['Packages change in a guest that works, outside the windows of its policy.', ...unproven],
    },
    wayBack:
      'As the policy has it for a guest that is not healthy afterwards (rollback); else packages are put back by hand.',
  };
}

function urgentWords({ packages = [], advisories = [] }: NonNullable<ServiceRequestSpec['urgent']>): string {
  const named = [
    ...(packages.length > 0 ? [`the newest of ${packages.join(', ')}`] : []),
    ...(advisories.length > 0 ? [`what mends ${advisories.join(', ')}`] : []),
  ];
  return named.length === 0 ? 'every update for security' : named.join(', and ');
}

/** What is agreed to is said whole: a long step goes on in the next line of the plan. */
function inLines(text: string): string[] {
  const lines = text.match(/.{1,480}(?= |$)|.{1,480}/g) ?? [];
  return lines.map(line => line.trim()).filter(line => line !== '');
}

/** What both sides have agreed to in a price list is pre-approved by it, where nobody has to write a plan first. */
export function consentTo(
  { service, urgent }: Pick<ServiceRequestSpec, 'service' | 'urgent'>,
  pricedBy: string | undefined,
): Consent {
  const parties: NonNullable<Consent['agreement']>['parties'] = [{ party: 'Provider' }, { party: 'Customer' }];
  if (urgent !== undefined) return { class: 'Emergency', agreement: { parties, afterwardsWithin: AFTERWARDS } };
  // A migration is always agreed with the customer (GE-11).
  return service === 'Custom' || service === 'Migration' || pricedBy === undefined
    ? { class: 'Normal', agreement: { parties } }
    : { class: 'Standard', preApprovedBy: { kind: 'ServicePlan', name: pricedBy } };
}
