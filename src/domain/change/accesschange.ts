/** The change by which a customer's rights in a guest are withheld for a managed application, or given back after the last one (AP-9, MO-8). */
import type { ChangeRequestSpec } from '../../api/changerequest.ts';
import type { ManagedApplication } from '../../api/managedapplication.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { cut } from '../contract/excerpt.ts';
import { changeBySteward, endedBySteward, type StewardChange } from '../contract/stewardchange.ts';
import type { OperationStep } from './operation.ts';

export type AccessOperation = 'WithholdAccess' | 'ReturnAccess';

export function isAccessOperation(operation: ChangeRequestSpec['operation']): operation is AccessOperation {
  return operation === 'WithholdAccess' || operation === 'ReturnAccess';
}

const PREFIX: Readonly<Record<AccessOperation, string>> = { WithholdAccess: 'access', ReturnAccess: 'access-back' };

/** One for each order, whoever makes it; the uid makes the name one that nobody could take beforehand. */
export function accessChangeName(operation: AccessOperation, { metadata }: ManagedApplication): string {
  const { name, uid = '' } = metadata;
  return `${PREFIX[operation]}-${name.replace(/[.]/g, '-')}-${uid.slice(0, 8)}`;
}

/** Ordered with the application: who orders one on a VM, or deletes the last one there, agrees to what AP-9 says of it. */
export function accessChange(
  operation: AccessOperation,
  application: ManagedApplication,
  { metadata: { name: vm, uid = '' }, spec }: ManagedVM,
): StewardChange {
  const { name, namespace } = application.metadata;
  const users = spec.access?.users?.map(user => user.name) ?? [];
  const whose = users.length === 0 ? 'No account of spec.access' : `Of spec.access: ${users.join(', ')}`;
  return changeBySteward(accessChangeName(operation, application), namespace, {
    ...WORK[operation](vm, cut(whose, 300)),
    class: 'Standard',
    operation,
    target: { kind: 'ManagedVM', name: vm, uid },
    preApprovedBy: { kind: 'ManagedApplication', name },
    reason: cut(
      operation === 'WithholdAccess'
        ? `ManagedApplication ${name} is ordered on this VM, and where an application is managed the provider alone holds root (AP-9).`
        : `ManagedApplication ${name} was the last one on this VM, and is taken out of it: provider and customer share root there again (MO-8).`,
      500,
    ),
  });
}

type Work = Pick<ChangeRequestSpec, 'title' | 'plan' | 'risk' | 'wayBack'>;

const WORK: Readonly<Record<AccessOperation, (vm: string, whose: string) => Work>> = {
  WithholdAccess: (vm, whose) => ({
    title: cut(`Access to the guest of ManagedVM ${vm} is the provider's alone`, 120),
    plan: [
      `${whose} can log in no more; their homes and files stay.`,
      'Accounts, keys and rights to become root that are not the provider’s are closed, and kept closed.',
      'The guest is looked into again: in it only the provider can log in or become root.',
    ],
    risk: { rating: 'Low', reasons: ['Whoever works in the guest by hand is shut out; nothing restarts.'] },
    wayBack: 'Access is given back when the last managed application of the VM is deleted.',
  }),
  ReturnAccess: (vm, whose) => ({
    title: cut(`Access to the guest of ManagedVM ${vm} is shared again`, 120),
    plan: [`${whose} can log in again, with the rights that the order of the VM says.`],
    risk: { rating: 'Low', reasons: ['The customer may be root in the guest again.'] },
    wayBack: 'Access is withheld again when a managed application is ordered on the VM.',
  }),
};

/** How far it is: what the ManagedVM says of its guest decides, and nothing that the change says of itself. */
export function accessStep(
  { operation, target, result }: ChangeRequestSpec,
  managedVM: ManagedVM | undefined,
  now: Date,
): OperationStep | undefined {
  if (!isAccessOperation(operation) || result !== undefined) return undefined;
  const over = (outcome: 'Succeeded' | 'Cancelled', says: string): OperationStep => ({
    says,
    result: endedBySteward(outcome, says, now),
  });
  const isGone = managedVM === undefined || managedVM.metadata.uid !== target.uid;
  if (isGone || managedVM.metadata.deletionTimestamp !== undefined)
    return over(
      'Cancelled',
      `ManagedVM ${target.name} of uid ${target.uid} is gone: nobody's access to it is changed.`,
    );
  return operation === 'WithholdAccess' ? withheld(managedVM, over) : returned(managedVM, over);
}

type Over = (outcome: 'Succeeded', says: string) => OperationStep;

function withheld({ metadata: { name }, status }: ManagedVM, over: Over): OperationStep {
  const sole = conditionOf(status, 'SoleRoot');
  if (status?.soleRoot === undefined || sole === undefined)
    return { says: `ManagedVM ${name} has not been told yet that the provider alone is to hold root in its guest.` };
  // What the guest itself says is all there; rights in the cluster, and what was before, are no matter of accounts.
  const isClosed = ['RootAlone', 'RootAttested', 'RootReachable', 'FormerCustomerRoot', 'EvidenceIncomplete'].includes(
    sole.reason,
  );
  return isClosed ? over('Succeeded', sole.message) : { says: sole.message };
}

function returned({ metadata: { name }, status }: ManagedVM, over: Over): OperationStep {
  const set = conditionOf(status, 'Configured');
  if (status?.soleRoot !== undefined || set?.status !== 'True')
    return {
      says: `The accounts that the order of ManagedVM ${name} names are not all there yet: ${set?.message ?? 'its guest was not looked into yet.'}`,
    };
  return over('Succeeded', `In the guest of ManagedVM ${name} access is as its order says. ${set.message}`);
}

function conditionOf(status: ManagedVM['status'], type: string) {
  return status?.conditions?.find(condition => condition.type === type);
}
