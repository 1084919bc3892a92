import { z } from 'zod';
import { PlanHash } from './approval.ts';
import { Attests } from './attestation.ts';
import { Conditions, GROUP, Instant, nameFitsLabel, ObjectName, ObservedGeneration, VERSION } from './common.ts';
import { Duration } from './duration.ts';
import type { KindDefinition, Resource, ValidationRule } from './kind.ts';
import { Line } from './line.ts';
import { Moment } from './moment.ts';
import { isNewRootOperation, NEW_ROOT_OPERATIONS, NewSystem } from './newroot.ts';
import { Urgent } from './patchurgent.ts';
import { ContactRole, Party, UserName } from './people.ts';
import { ChangeRemedy } from './remedy.ts';
import { keyedList, withRules } from './rules.ts';

const ATOMIC = { 'x-kubernetes-list-type': 'atomic' } as const;

const KindName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[A-Z][A-Za-z0-9]*$/);

export const ChangeClass = z.enum(['Standard', 'Normal', 'Emergency']);
export type ChangeClass = z.infer<typeof ChangeClass>;

const Target = z.strictObject({
  kind: KindName.describe('Its kind, e.g. ManagedVM.'),
  name: ObjectName.describe('Its name, in this namespace.'),
  uid: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[0-9a-f-]+$/)
    .optional()
    .describe('Exactly this incarnation of it.'),
});

const Risk = z.strictObject({
  rating: z.enum(['Low', 'Medium', 'High']).describe('High takes the agreement of both parties (GE-6).'),
  reasons: z.array(Line(300)).min(1).max(10).meta(ATOMIC).describe('Why it is rated so.'),
});

const Window = withRules(
  z.strictObject({
    notBefore: Moment.optional().describe('When the work may begin. Absent: at once.'),
    notAfter: Moment.optional().describe('When it must be over. Absent: it may take its time.'),
  }),
  {
    rule: '!has(self.notBefore) || !has(self.notAfter) || self.notBefore < self.notAfter',
    message: 'notAfter comes after notBefore',
    fieldPath: '.notAfter',
    holds: ({ notBefore, notAfter }) => notBefore === undefined || notAfter === undefined || notBefore < notAfter,
  },
);

const Asked = z.strictObject({
  party: Party.describe('Who is asked.'),
  role: ContactRole.optional().describe('Of the customer: a role that his Approver must hold besides.'),
  count: z.int().min(1).max(9).optional().describe('How many different people must agree. Absent: one.'),
});
export type Asked = z.infer<typeof Asked>;

const Agreement = z.strictObject({
  parties: keyedList(Asked, 'party', { min: 1, max: 2 }).describe('Who must agree.'),
  until: Moment.optional().describe(
    'Of a Normal change: when they must have agreed. What comes later does not count. Absent: before it is done.',
  ),
  afterwardsWithin: Duration.optional().describe('Of an Emergency: how long after its end they may still agree.'),
});

const PreApproval = z.strictObject({
  kind: KindName.describe('Kind of the policy, e.g. BackupPolicy.'),
  name: ObjectName.describe('Its name.'),
});

/** What Steward carries out itself. */
export const Operation = z.enum([
  'Restart',
  'ForcedStop',
  'LiveMigration',
  'Snapshot',
  'PatchRun',
  'Restore',
  'WithholdAccess',
  'ReturnAccess',
  'LineChange',
  'Remedy',
  ...NEW_ROOT_OPERATIONS,
]);
export type Operation = z.infer<typeof Operation>;

const Result = z.strictObject({
  outcome: z
    .enum(['Succeeded', 'Failed', 'RolledBack', 'Cancelled'])
    .describe('Cancelled: nothing was done, and nothing will be.'),
  finishedAt: Moment.describe('When it was over.'),
  by: UserName.describe('Who says so: the name by which the API server knows him, held to it at admission.'),
  notes: Line(2000).optional().describe('What was done and found.'),
  effort: Duration.optional().describe('Working time that is booked, e.g. 1h30m (GE-2, GE-3).'),
});

const Acceptance = z.strictObject({
  decision: z.enum(['Accept', 'Reject']).describe('Whether the customer takes the result as it is.'),
  by: UserName.describe('Who says so: the name by which the API server knows him, held to it at admission.'),
  comment: Line(500).optional().describe('What he says about it.'),
});

/** No field that the hash covers may have a default: one that a later version adds would void every decision (docs/adr/0143). */
export const ChangeRequestSpec = withRules(
  z.strictObject({
    title: Line(120).describe('What it is, in a few words.'),
    class: ChangeClass.describe(
      'Standard: pre-approved by a policy. Normal: agreed first. Emergency: may be done first and is agreed afterwards (GE-6).',
    ),
    target: Target.describe('What is changed.'),
    plan: z.array(Line(500)).min(1).max(50).meta(ATOMIC).describe('The exact steps, in their order.'),
    operation: Operation.optional().describe(
      'What Steward carries out itself, once it is agreed and in its window; only Steward writes it. Absent: people do the work.',
    ),
    urgent: Urgent.optional(),
    remedy: ChangeRemedy.optional(),
    system: NewSystem.optional(),
    attests: Attests.optional(),
    reason: Line(500).describe('Why.'),
    risk: Risk.describe('How risky it is.'),
    window: Window.optional().describe('When it may be done. Absent: at any time.'),
    postponableUntil: Moment.optional().describe(
      'Latest beginning to which an Approver of the customer may postpone the window (GE-4). Absent: he may not.',
    ),
    wayBack: Line(1000).describe('How it is undone, or why it cannot be.'),
    preApprovedBy: PreApproval.optional().describe('Of a Standard change: the policy that pre-approves it.'),
    agreement: Agreement.optional().describe('Of the others: who must agree (GE-4, GE-6).'),
    requestedBy: UserName.describe(
      'Who wrote this change, held to it at admission; steward: Steward itself. He cannot decide on it.',
    ),
    result: Result.optional().describe('How it ended; written by the provider. The plan stays as it is from then on.'),
    acceptance: Acceptance.optional().describe('What the customer says of the result (GE-13).'),
  }),
  {
    rule: "(self.class == 'Standard') == has(self.preApprovedBy)",
    message: 'a Standard change names the policy that pre-approves it, and no other does (GE-6)',
    fieldPath: '.preApprovedBy',
    holds: spec => (spec.class === 'Standard') === (spec.preApprovedBy !== undefined),
  },
  {
    rule: "(self.class != 'Standard') == has(self.agreement)",
    message: 'a Normal or Emergency change says who must agree, and a Standard one does not (GE-6)',
    fieldPath: '.agreement',
    holds: spec => (spec.class !== 'Standard') === (spec.agreement !== undefined),
  },
  {
    rule: "!has(self.agreement) || (self.class == 'Emergency' ? has(self.agreement.afterwardsWithin) && !has(self.agreement.until) : !has(self.agreement.afterwardsWithin))",
    message:
      'an Emergency change says within which time after its end it must be agreed (afterwardsWithin), a Normal one until when (until)',
    fieldPath: '.agreement',
    holds: ({ class: of, agreement }) =>
      agreement === undefined ||
      (of === 'Emergency'
        ? agreement.afterwardsWithin !== undefined && agreement.until === undefined
        : agreement.afterwardsWithin === undefined),
  },
  {
    rule: "has(self.urgent) == (self.class == 'Emergency' && has(self.operation) && self.operation == 'PatchRun')",
    message: 'urgent is said of an Emergency change by which Steward patches a guest, and of no other',
    fieldPath: '.urgent',
    holds: ({ urgent, class: of, operation }) =>
      (urgent !== undefined) === (of === 'Emergency' && operation === 'PatchRun'),
  },
  {
    rule: "has(self.remedy) ? (has(self.operation) && self.class == 'Standard' && self.operation == (self.remedy.action == 'RestartGuest' ? 'Restart' : 'Remedy') && self.target.kind == 'ManagedVM' && has(self.target.uid)) : (!has(self.operation) || self.operation != 'Remedy')",
    message: 'a remedy is a Standard change of a ManagedVM with its uid, and Steward carries it out (GE-6)',
    fieldPath: '.remedy',
    holds: ({ remedy, class: of, operation, target }) =>
      remedy === undefined
        ? operation !== 'Remedy'
        : of === 'Standard' &&
          operation === (remedy.action === 'RestartGuest' ? 'Restart' : 'Remedy') &&
          target.kind === 'ManagedVM' &&
          target.uid !== undefined,
  },
  {
    rule: "has(self.system) == (has(self.operation) && self.operation in ['Rebuild', 'Migration', 'Rescue'] && self.target.kind == 'ManagedVM' && has(self.target.uid)) && (!has(self.system) || ((self.operation == 'Rebuild') == (self.system.from == self.system.to) && (self.operation != 'Rescue' || (has(self.window) && has(self.window.notAfter)))))",
    message:
      'a Rebuild, Migration or Rescue of a ManagedVM with its uid says of which system the new root disk is made (system), of a Rebuild the same; a Rescue has an end (window.notAfter)',
    fieldPath: '.system',
    holds: ({ system, operation, target, window }) =>
      (system !== undefined) ===
        (isNewRootOperation(operation) && target.kind === 'ManagedVM' && target.uid !== undefined) &&
      (system === undefined ||
        ((operation === 'Rebuild') === (system.from === system.to) &&
          (operation !== 'Rescue' || window?.notAfter !== undefined))),
  },
  {
    rule: "!has(self.attests) || (self.class == 'Normal' && !has(self.operation) && self.target.kind == 'ManagedVM' && has(self.target.uid) && has(self.agreement) && self.agreement.parties.exists(asked, asked.party == 'Provider'))",
    message:
      'what the Provider attests takes a Normal change of a ManagedVM with its uid, people’s work, to which he must agree (AP-9)',
    fieldPath: '.attests',
    holds: ({ attests, class: of, operation, target, agreement }) =>
      attests === undefined ||
      (of === 'Normal' &&
        operation === undefined &&
        target.kind === 'ManagedVM' &&
        target.uid !== undefined &&
        agreement?.parties.some(({ party }) => party === 'Provider') === true),
  },
  {
    rule: "self.risk.rating != 'High' || (has(self.agreement) && self.agreement.parties.size() == 2)",
    message: 'what is of high risk is no Standard change, and takes the agreement of Provider and Customer (GE-6)',
    fieldPath: '.risk.rating',
    holds: ({ risk, agreement }) => risk.rating !== 'High' || agreement?.parties.length === 2,
  },
  {
    rule: '!has(self.postponableUntil) || (has(self.window) && has(self.window.notBefore) && self.window.notBefore < self.postponableUntil)',
    message: 'only a window with a beginning can be postponed, and to after it',
    fieldPath: '.postponableUntil',
    holds: ({ postponableUntil, window }) =>
      postponableUntil === undefined || (window?.notBefore !== undefined && window.notBefore < postponableUntil),
  },
  {
    rule: '!has(self.acceptance) || has(self.result)',
    message: 'only a result can be accepted or rejected (GE-13)',
    fieldPath: '.acceptance',
    holds: ({ acceptance, result }) => acceptance === undefined || result !== undefined,
  },
).describe('What is to be changed, how, when, and who must agree.');
export type ChangeRequestSpec = z.infer<typeof ChangeRequestSpec>;

export const WaitingFor = z.strictObject({
  what: z.enum(['Agreement', 'Work', 'Acceptance']).describe('What for.'),
  whom: z.array(Party).min(1).max(2).meta({ 'x-kubernetes-list-type': 'set' }).describe('For whom.'),
  since: Instant.describe('Since when.'),
  until: Instant.optional().describe('Until when; what happens then, the conditions say.'),
});
export type WaitingFor = z.infer<typeof WaitingFor>;

const Claim = z.strictObject({
  instance: z.string().min(1).max(64).describe('UID of the VirtualMachineInstance that is ended for it, and no other.'),
  at: Instant.describe('Since when.'),
  asked: z
    .strictObject({
      name: z.string().min(1).max(253).describe('Its name.'),
      uid: z.string().min(1).max(64).describe('Exactly this one: it is asked for once.'),
    })
    .optional()
    .describe('What KubeVirt was asked for it: a VirtualMachineInstanceMigration, or a VirtualMachineSnapshot.'),
});
export type Claim = z.infer<typeof Claim>;

const JudgedApproval = z.strictObject({
  name: z.string().max(253).describe('Name of the Approval.'),
  party: Party.describe('For whom.'),
  decision: z.string().max(20).describe('What was decided.'),
  at: Instant.optional().describe('When the API server took it.'),
  by: z.string().max(256).describe('Who wrote it, as he was proven.'),
  stated: z.string().max(128).optional().describe('In whose name, as a bridge says: stated, not proven.'),
  counts: z.boolean().describe('Whether it counts for the plan as it is.'),
  reason: z.string().max(40).describe('Why not, in one word; Counted if it does.'),
});

export const ChangeRequestStatus = z
  .strictObject({
    observedGeneration: ObservedGeneration.optional(),
    planHash: PlanHash.optional().describe(
      'SHA-256 of everything that is agreed to: this very ChangeRequest with all of its spec but result and acceptance.',
    ),
    window: z
      .strictObject({
        notBefore: Instant.optional().describe('When the work may begin.'),
        notAfter: Instant.optional().describe('When it must be over.'),
      })
      .optional()
      .describe('When it may be done, postponements counted.'),
    contract: z.string().max(253).optional().describe('Contract of the namespace, whose provider and customer decide.'),
    waitingFor: WaitingFor.optional().describe("Whose turn it is; absent: nobody's."),
    claim: Claim.optional().describe(
      'What Steward has set out to do: written before it is done, so that it is done once whoever goes on with it.',
    ),
    approvals: z
      .array(JudgedApproval)
      .max(64)
      .meta(ATOMIC)
      .optional()
      .describe('Decisions on it, those that count first, of the others the newest: at most 64.'),
    approvalsNotShown: z.int().min(1).optional().describe('How many more there are, of which none counts.'),
    conditions: Conditions.optional(),
  })
  .describe('Where it stands; written by the operator.');
export type ChangeRequestStatus = z.infer<typeof ChangeRequestStatus>;

export type ChangeRequest = Resource<ChangeRequestSpec, ChangeRequestStatus>;

/** Fields that must be as they were. Not by optional values, whose cost the API server estimates beyond any budget. */
const same = (...fields: readonly string[]): string =>
  fields.map(field => `self.spec.${field} == oldSelf.spec.${field}`).join(' && ');
const sameOptional = (...fields: readonly string[]): string =>
  fields
    .map(
      field => `has(self.spec.${field}) == has(oldSelf.spec.${field}) && (!has(self.spec.${field}) || ${same(field)})`,
    )
    .join(' && ');

const changeRules: readonly ValidationRule[] = [
  {
    rule: `${same('class', 'target', 'requestedBy')} && ${sameOptional('agreement', 'preApprovedBy', 'operation', 'urgent', 'remedy', 'system', 'attests')}`,
    message:
      'class, target, agreement, preApprovedBy, operation, urgent, remedy, system, attests and requestedBy are immutable: write another ChangeRequest',
    fieldPath: '.spec',
    reason: 'FieldValueForbidden',
  },
  {
    rule: `!has(self.spec.operation) || (${same('title', 'plan', 'reason', 'risk', 'wayBack')})`,
    message: 'what Steward carries out itself it has planned: only the window can change (GE-6)',
    fieldPath: '.spec',
    reason: 'FieldValueForbidden',
  },
  {
    rule: `!has(oldSelf.spec.result) || (has(self.spec.result) && ${same('title', 'plan', 'reason', 'risk', 'wayBack')} && ${sameOptional('window', 'postponableUntil')})`,
    message: 'the result is written: what was planned stays as it is, and so does that there is a result (GE-8)',
    fieldPath: '.spec',
    reason: 'FieldValueForbidden',
  },
  {
    rule: `!has(oldSelf.spec.acceptance) || oldSelf.spec.acceptance.decision != 'Accept' || (${sameOptional('result', 'acceptance')})`,
    message: 'the result is accepted: it stays as it is (GE-13)',
    fieldPath: '.spec',
    reason: 'FieldValueForbidden',
  },
];

const conditionColumn = (type: string, description: string) =>
  ({ name: type, type: 'string', jsonPath: `.status.conditions[?(@.type=="${type}")].status`, description }) as const;

export const changeRequest: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'ChangeRequest',
  plural: 'changerequests',
  singular: 'changerequest',
  shortNames: ['chg'],
  namespaced: true,
  acts: ['create', 'patch', 'update'],
  description:
    'A change: exact plan, risk, window and way back, who must agree, how it ended, and whether the customer accepts it (GE-6, GE-13).',
  spec: ChangeRequestSpec,
  status: ChangeRequestStatus,
  validations: [nameFitsLabel],
  changeRules,
  selectableFields: ['.spec.class', '.spec.target.name', '.spec.requestedBy'],
  printerColumns: [
    { name: 'Class', type: 'string', jsonPath: '.spec.class', description: 'Class.' },
    { name: 'Target', type: 'string', jsonPath: '.spec.target.name', description: 'What is changed.' },
    conditionColumn('Agreed', 'Whether all who must have agreed.'),
    conditionColumn('Done', 'Whether it is over.'),
    conditionColumn('Accepted', 'Whether the customer accepts the result.'),
    { name: 'Waits for', type: 'string', jsonPath: '.status.waitingFor.whom', description: 'Whose turn it is.' },
    {
      name: 'Not before',
      type: 'string',
      jsonPath: '.status.window.notBefore',
      description: 'When the work may begin.',
      priority: 1,
    },
    {
      name: 'Plan',
      type: 'string',
      jsonPath: '.status.planHash',
      description: 'What an Approval must name.',
      priority: 1,
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
  ],
};
