import { SUBJECT } from '../contract/alert.ts';
import type * as contract from '../contract/finding.ts';
import type { ConditionMeaning, ReasonMeaning, SharedReason } from '../contract/reasons.ts';
import { entitlements } from '../contract/service-levels.ts';
import { COMPLIANCE_REASONS } from './compliancereasons.ts';

/** What is said of patches (MO-3). */
export const CONDITIONS = {
  PatchCompliant: {
    meaning:
      'No update is overdue, blocked past its deadline, failed or waiting for a reboot, by the policy that applies (MO-3, MO-10). What is not known is never True.',
    shares: ['NotIncluded', 'PoweredOff', 'KindNotReadable', 'NamespaceNotObserved', 'WaitingForCustomer'],
    restsOn: ['PatchPolicy', 'ClusterPatchPolicy', 'MaintenanceWindow', 'GuestState', 'PatchRun', 'PatchBaseline'],
    counts: ({ serviceLevel }) => entitlements(serviceLevel).patching,
    alert: {
      ...{ alert: 'ManagedVMPatchesOverdue', for: '1h', severity: 'warning' },
      summary: '{{ $labels.managed_vm }}: patches are not in time',
      description: `${SUBJECT} has not been PatchCompliant for an hour; its condition of that name says which updates are missing, since when and why.`,
    },
  },
} as const satisfies Readonly<Record<string, ConditionMeaning>>;
export type ConditionType = keyof typeof CONDITIONS;

export const REASONS = {
  ...COMPLIANCE_REASONS,

  // Which policy applies.
  NoPatchPolicy: {
    on: ['PatchCompliant'],
    meaning: 'The level includes patching, but no ClusterPatchPolicy selects the namespace.',
    action: 'Provider: write a ClusterPatchPolicy whose namespaceSelector selects it.',
  },
  PatchPoliciesConflict: {
    on: ['PatchCompliant'],
    meaning: 'Several ClusterPatchPolicies select the namespace, and nothing says which applies.',
    action: 'Provider: name one in spec.patching.policyRef of the ServicePlan, or let only one select the namespace.',
  },
  PatchPolicyNotFound: {
    on: ['PatchCompliant'],
    meaning: 'The policy that spec.patchPolicyRef names does not exist.',
    action: 'Create it, or name another; without spec.patchPolicyRef the ClusterPatchPolicy of the namespace applies.',
    orderers: true,
    cooperation: true,
  },
  PatchPolicyNotPermitted: {
    on: ['PatchCompliant'],
    meaning: 'The ClusterPatchPolicy that spec.patchPolicyRef names does not select the namespace.',
    action: 'Name one that does, or none.',
    orderers: true,
    cooperation: true,
  },
  PatchPlanningNotIncluded: {
    on: ['PatchCompliant'],
    meaning: 'spec.patchPolicyRef names a PatchPolicy, and the level does not include individual planning (MO-4).',
    action: 'Take spec.patchPolicyRef away, or order AdvancedMonitoringAndPatching.',
    orderers: true,
    cooperation: true,
  },
  InvalidPatchPolicy: {
    on: ['PatchCompliant'],
    meaning: 'The policy was stored under another schema and cannot be read.',
    action: 'See Ready of the policy, and correct it.',
  },
  PatchPoliciesNotInstalled: {
    on: ['PatchCompliant'],
    meaning: 'The kinds of patching are not served.',
    action: "Provider: install Steward's CRDs.",
  },

  // When it is patched.
  WindowNotFound: {
    on: ['PatchCompliant'],
    meaning: 'None of the MaintenanceWindows that the PatchPolicy names exists.',
    action: 'Create one of them, or name others in spec.windowRefs of the PatchPolicy.',
    orderers: true,
    cooperation: true,
  },
  WindowNotUsable: {
    on: ['PatchCompliant'],
    meaning: 'None of the windows of the policy can be worked by.',
    action: 'See Ready of the policy and of its MaintenanceWindows.',
  },
} as const satisfies Readonly<Record<string, ReasonMeaning>>;

export type Reason = keyof typeof REASONS | SharedReason;
export type Verdict = contract.Verdict<Reason>;
