/** A change in the namespace of a customer, and decisions on it. */
import type { Approval, ApprovalSpec } from '../../api/approval.ts';
import type { ChangeRequest, ChangeRequestSpec } from '../../api/changerequest.ts';
import { assessChange, type ChangeFacts } from './changestatus.ts';
import type { Ground } from './ground.ts';
import { planHashOf } from './planhash.ts';

export const apiVersion = 'managed.systems/v1alpha1';
export const at = (clock: string) => new Date(`2026-12-01T${clock}:00Z`);

/** anna and ben decide for the customer, carl answers questions; argo speaks for others. */
export const ground: Ground = {
  contract: 'acme',
  contacts: [
    { name: 'anna', user: 'oidc:anna', roles: ['Approver', 'Technical'] },
    { name: 'ben', roles: ['Approver'] },
    { name: 'carl', roles: ['Technical'] },
  ],
  bridges: [{ user: 'system:serviceaccount:argocd:argocd', name: 'Argo CD' }],
};

export function changeOf(spec: Partial<ChangeRequestSpec> = {}, uid = 'c0ffee'): ChangeRequest {
  return {
    apiVersion,
    kind: 'ChangeRequest',
    metadata: { name: 'chg-1', namespace: 'acme', uid, generation: 1, creationTimestamp: '2026-12-01T08:00:00Z' },
    spec: {
      title: 'Grow the data disk',
      class: 'Normal',
      target: { kind: 'ManagedVM', name: 'shop-db' },
      plan: ['Set spec.disks[data].size to 200Gi', 'Grow the file system'],
      reason: 'The disk is 91 % full',
      risk: { rating: 'Low', reasons: ['Done many times'] },
      window: { notBefore: '2026-12-01T20:00:00Z', notAfter: '2026-12-01T22:00:00Z' },
      wayBack: 'None: a disk does not shrink',
      agreement: { parties: [{ party: 'Customer' }] },
      requestedBy: 'kim',
      ...spec,
    },
  };
}

/** One that is pre-approved. */
export function standard(spec: Partial<ChangeRequestSpec> = {}): ChangeRequest {
  const change = changeOf({ class: 'Standard', preApprovedBy: { kind: 'BackupPolicy', name: 'daily' }, ...spec });
  const { agreement: _agreement, ...rest } = change.spec;
  return { ...change, spec: rest };
}

let count = 0;
export function decisionOn(
  change: ChangeRequest,
  decidedBy: string,
  clock: string,
  spec: Partial<ApprovalSpec> = {},
): Approval {
  count += 1;
  return {
    apiVersion,
    kind: 'Approval',
    metadata: {
      name: `a-${String(count).padStart(4, '0')}`,
      namespace: 'acme',
      generation: 1,
      creationTimestamp: `2026-12-01T${clock}:00Z`,
    },
    spec: {
      changeRef: change.metadata.name,
      planHash: planHashOf(change),
      party: 'Customer',
      decision: 'Approve',
      decidedBy,
      ...spec,
    },
  };
}

/** What is said of a change, as `Agreed=True/Agreed`. */
export function told(
  change: ChangeRequest,
  approvals: readonly Approval[],
  clock: string,
  facts: Partial<ChangeFacts> = {},
) {
  const assessment = assessChange({ change, approvals, customer: ground, now: at(clock), ...facts });
  const said = new Map(assessment.conditions.map(({ type, status, reason }) => [type, `${status}/${reason}`]));
  const messages = new Map(assessment.conditions.map(({ type, message }) => [type, message]));
  return {
    ...assessment,
    says: (type: string) => said.get(type),
    message: (type: string) => messages.get(type) ?? '',
    /** Reasons of the decisions by their writer, the newest first. */
    reasons: (assessment.status.approvals ?? []).map(({ by, reason }) => `${by}: ${reason}`),
  };
}
