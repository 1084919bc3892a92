import { z } from 'zod';
import { Conditions, GROUP, nameFitsLabel, ObjectName, ObservedGeneration, VERSION } from './common.ts';
import type { KindDefinition, Resource } from './kind.ts';
import { Line } from './line.ts';
import { Moment } from './moment.ts';
import { Party, UserName } from './people.ts';
import { withRules, withTransitionRules } from './rules.ts';

/** SHA-256 of everything that was agreed to, as a ChangeRequest's status shows it. */
export const PlanHash = z
  .string()
  .min(71)
  .max(71)
  .regex(/^sha256:[0-9a-f]{64}$/);

const Stated = z.strictObject({
  name: Line(128).describe('Who decided, as the other system says: the name or the user of a contact.'),
  system: Line(63).describe('Where he decided, e.g. a ticket, a repository and its commit.'),
});

const Decided = withRules(
  z.strictObject({
    changeRef: ObjectName.describe('Name of the ChangeRequest in this namespace.'),
    planHash: PlanHash.describe(
      'What is decided on: status.planHash of the ChangeRequest. Another plan has another one, and this decision does not count for it (GE-6).',
    ),
    party: Party.describe(
      'For whom he decides. Provider takes the verb approve on contracts, or on the one that he names; Customer on this changerequest.',
    ),
    contract: ObjectName.optional().describe(
      "Of the Provider: the Contract for whose customer he decides. Absent: the verb approve is his on all contracts; present: on this one, and it must be the namespace's.",
    ),
    decision: z
      .enum(['Approve', 'Reject', 'Postpone'])
      .describe("Postpone moves the beginning of the change's window to `until`, where the change allows it (GE-4)."),
    until: Moment.optional().describe('To when the beginning of the window is postponed.'),
    decidedBy: UserName.describe(
      'Who writes this: the name by which the API server knows him, held to it at admission.',
    ),
    stated: Stated.optional().describe(
      'Whose decision a bridge such as Argo CD or a ticket system passes on. It is told as stated, never as proven, and counts for bridges that the Contract names only.',
    ),
    comment: Line(500).optional().describe('What he says about it.'),
    validUntil: Moment.optional().describe(
      'When it ceases to count, if the work is not finished by then. Absent: it does not.',
    ),
  }),
  {
    rule: "(self.decision == 'Postpone') == has(self.until)",
    message: 'until belongs to the decision Postpone, and no other',
    fieldPath: '.until',
    holds: ({ decision, until }) => (decision === 'Postpone') === (until !== undefined),
  },
  {
    rule: "self.decision != 'Postpone' || self.party == 'Customer'",
    message: 'windows are postponed by the Customer (GE-4); the Provider writes another window into the change',
    fieldPath: '.party',
    holds: ({ decision, party }) => decision !== 'Postpone' || party === 'Customer',
  },
  {
    rule: "!has(self.contract) || self.party == 'Provider'",
    message: 'only who decides for the Provider says for which Contract: the Customer is that of the namespace',
    fieldPath: '.contract',
    holds: ({ contract, party }) => contract === undefined || party === 'Provider',
  },
);

export const ApprovalSpec = withTransitionRules(Decided, {
  rule: 'self == oldSelf',
  message: 'a decision is immutable: who decides otherwise writes another Approval',
  reason: 'FieldValueForbidden',
}).describe('Who decided what, on which plan.');
export type ApprovalSpec = z.infer<typeof ApprovalSpec>;

export const ApprovalStatus = z
  .strictObject({
    observedGeneration: ObservedGeneration.optional(),
    conditions: Conditions.optional(),
  })
  .describe('Whether it counts; written by the operator.');
export type ApprovalStatus = z.infer<typeof ApprovalStatus>;

export type Approval = Resource<ApprovalSpec, ApprovalStatus>;

export const approval: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'Approval',
  plural: 'approvals',
  singular: 'approval',
  shortNames: ['appr'],
  namespaced: true,
  acts: ['create'],
  description: "A person's decision on one plan of a ChangeRequest (GE-4, GE-6).",
  spec: ApprovalSpec,
  status: ApprovalStatus,
  validations: [nameFitsLabel],
  selectableFields: ['.spec.changeRef', '.spec.decidedBy'],
  printerColumns: [
    { name: 'Change', type: 'string', jsonPath: '.spec.changeRef', description: 'What was decided on.' },
    { name: 'Party', type: 'string', jsonPath: '.spec.party', description: 'For whom.' },
    { name: 'Decision', type: 'string', jsonPath: '.spec.decision', description: 'What was decided.' },
    { name: 'By', type: 'string', jsonPath: '.spec.decidedBy', description: 'Who wrote it, as he was proven.' },
    {
      name: 'Stated',
      type: 'string',
      jsonPath: '.spec.stated.name',
      description: 'In whose name, as a bridge says.',
      priority: 1,
    },
    {
      name: 'Counts',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Counted")].reason',
      description: 'Whether it counts, or why not.',
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
  ],
};
