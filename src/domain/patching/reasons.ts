import { SUBJECT } from '../contract/alert.ts';
import type * as contract from '../contract/finding.ts';
import type { ConditionMeaning, ReasonMeaning, SharedReason } from '../contract/reasons.ts';
import { entitlements } from '../contract/service-levels.ts';
import { COMPLIANCE_REASONS } from './compliancereasons.ts';

/** What is said of patches (MO-3). */
export const CONDITIONS = {
  PatchCompliant: {
    meaning: 'No patch is overdue (MO-3).',
    shares: ['NotIncluded'],
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

  // What is not promised, or not known.
  NoPatchPolicy: {
    on: ['PatchCompliant'],
    meaning: 'The level includes patching, but no policy says what and when.',
    action: 'Name a policy in spec.patchPolicyRef.',
  },
  PatchingNotAvailable: {
    on: ['PatchCompliant'],
    meaning: 'This installation does not patch yet, so compliance cannot be known.',
    action: 'Ask the provider.',
  },
} as const satisfies Readonly<Record<string, ReasonMeaning>>;

export type Reason = keyof typeof REASONS | SharedReason;
export type Verdict = contract.Verdict<Reason>;
