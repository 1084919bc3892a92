import { z } from 'zod';
import { GROUP, Label, nameFitsLabel, VERSION } from './common.ts';
import type { KindDefinition, Resource } from './kind.ts';
import { LabelSelector } from './labelselector.ts';
import { PatchDeadlines } from './patchdeadlines.ts';
import { PATCH_POLICY_COLUMNS, patchPolicyStatus } from './patchpolicyfields.ts';
import {
  Approval,
  FreshRecoveryPoint,
  Keep,
  Postponable,
  ProviderRings,
  Reboot,
  Resume,
  Rollback,
  ripeBeforeDue,
  Snapshot,
  Suspend,
} from './patchrules.ts';
import { PatchSteps } from './patchsteps.ts';
import { namedList, withRules } from './rules.ts';
import { WINDOW_FIELDS, WINDOW_RULES } from './windowtimes.ts';

const InlineWindow = withRules(
  z.strictObject({ name: Label.max(20).describe('Name of the window, e.g. nightly.'), ...WINDOW_FIELDS }),
  ...WINDOW_RULES,
);

export const ClusterPatchPolicySpec = withRules(
  z.strictObject({
    namespaceSelector: LabelSelector.describe(
      'Labels of the namespaces whose ManagedVMs it applies to; {} is every namespace.',
    ),
    windows: namedList(InlineWindow, { min: 1, max: 8 }).describe(
      'When guests are patched that have no PatchPolicy (MO-3).',
    ),
    approve: Approval.prefault({}).describe('What is installed.'),
    deadlines: PatchDeadlines.prefault({ Critical: '72h', Important: '336h', Other: '720h' }).describe(
      'When a missing patch is overdue, from its being first seen.',
    ),
    rings: ProviderRings.describe('Who is patched after whom: each ring proves the content for the next (MO-11).'),
    reboot: Reboot.prefault('IfRequired'),
    rollback: Rollback.prefault('Propose'),
    snapshot: Snapshot.prefault(false),
    recoveryPoint: FreshRecoveryPoint.optional(),
    steps: PatchSteps.optional(),
    keep: Keep.prefault('9480h'),
    postponable: Postponable.optional(),
    suspend: Suspend,
    resume: Resume.optional(),
  }),
  ripeBeforeDue,
).describe("The provider's standard.");
export type ClusterPatchPolicySpec = z.infer<typeof ClusterPatchPolicySpec>;

export const ClusterPatchPolicyStatus = patchPolicyStatus('ManagedVMs whose patches it proves, by PatchPolicies too.');
export type ClusterPatchPolicyStatus = z.infer<typeof ClusterPatchPolicyStatus>;

export type ClusterPatchPolicy = Resource<ClusterPatchPolicySpec, ClusterPatchPolicyStatus>;

export const clusterPatchPolicy: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'ClusterPatchPolicy',
  plural: 'clusterpatchpolicies',
  singular: 'clusterpatchpolicy',
  shortNames: ['cpp'],
  namespaced: false,
  description:
    "The provider's standard of patching (MO-3): what is installed, when, in which rings, and when it is overdue. It proves the content of every PatchPolicy (MO-11).",
  spec: ClusterPatchPolicySpec,
  status: ClusterPatchPolicyStatus,
  validations: [nameFitsLabel],
  selectableFields: [],
  printerColumns: [
    { name: 'Updates', type: 'string', jsonPath: '.spec.approve.updates', description: 'What is installed.' },
    { name: 'VMs', type: 'integer', jsonPath: '.status.managedVMs', description: 'ManagedVMs that it applies to.' },
    ...PATCH_POLICY_COLUMNS,
  ],
};
