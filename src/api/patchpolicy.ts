import { z } from 'zod';
import { GROUP, nameFitsLabel, ObjectName, VERSION } from './common.ts';
import type { KindDefinition, Resource } from './kind.ts';
import { PatchDeadlines } from './patchdeadlines.ts';
import { PATCH_POLICY_COLUMNS, patchPolicyStatus } from './patchpolicyfields.ts';
import {
  CustomerRings,
  FreshRecoveryPoint,
  Keep,
  NarrowerApproval,
  Postponable,
  Reboot,
  Resume,
  Rollback,
  ripeBeforeDue,
  Snapshot,
  Suspend,
} from './patchrules.ts';
import { PatchSteps } from './patchsteps.ts';
import { stringSet, withRules } from './rules.ts';

export const PatchPolicySpec = withRules(
  z.strictObject({
    windowRefs: stringSet(ObjectName.max(63), { min: 1, max: 8 }).describe(
      'MaintenanceWindows of this namespace in which guests are patched (MO-4).',
    ),
    approve: NarrowerApproval.optional().describe('What is installed of what the provider has approved.'),
    deadlines: PatchDeadlines.optional().describe("When a missing patch is overdue, if sooner than by the provider's."),
    rings: CustomerRings.optional().describe("Who is patched after whom, once the provider's rings have proven it."),
    reboot: Reboot.optional(),
    rollback: Rollback.optional(),
    snapshot: Snapshot.optional(),
    recoveryPoint: FreshRecoveryPoint.optional(),
    steps: PatchSteps.optional(),
    keep: Keep.optional(),
    postponable: Postponable.optional(),
    suspend: Suspend,
    resume: Resume.optional(),
  }),
  ripeBeforeDue,
).describe("Individual planning (MO-4): stricter than the provider's ClusterPatchPolicy, never looser (MO-11).");
export type PatchPolicySpec = z.infer<typeof PatchPolicySpec>;

export const PatchPolicyStatus = patchPolicyStatus('ManagedVMs that are patched by it.');
export type PatchPolicyStatus = z.infer<typeof PatchPolicyStatus>;

export type PatchPolicy = Resource<PatchPolicySpec, PatchPolicyStatus>;

export const patchPolicy: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'PatchPolicy',
  plural: 'patchpolicies',
  singular: 'patchpolicy',
  shortNames: ['pp'],
  namespaced: true,
  description:
    "Individual planning of patches at AdvancedMonitoringAndPatching (MO-4): the customer's windows, and what of the provider's standard he wants stricter.",
  spec: PatchPolicySpec,
  status: PatchPolicyStatus,
  validations: [nameFitsLabel],
  selectableFields: [],
  printerColumns: [
    { name: 'Windows', type: 'string', jsonPath: '.spec.windowRefs', description: 'Its MaintenanceWindows.' },
    { name: 'VMs', type: 'integer', jsonPath: '.status.managedVMs', description: 'ManagedVMs that are patched by it.' },
    ...PATCH_POLICY_COLUMNS,
  ],
};
