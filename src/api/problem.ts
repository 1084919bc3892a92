import { z } from 'zod';
import { Conditions, GROUP, Instant, nameFitsLabel, ObjectName, ObservedGeneration, VERSION } from './common.ts';
import { Duration } from './duration.ts';
import type { KindDefinition, Resource, ValidationRule } from './kind.ts';
import { Line } from './line.ts';
import { Moment } from './moment.ts';
import { UserName } from './people.ts';
import { withRules } from './rules.ts';
import { Priority } from './serviceplan.ts';

const ATOMIC = { 'x-kubernetes-list-type': 'atomic' } as const;

/** Incidents that a status names; of older ones it is only known how many there are. */
export const LISTED_INCIDENTS = 100;

const Uid = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[0-9A-Za-z-]+$/);

const Subject = z.strictObject({
  kind: z.enum(['ManagedVM', 'ManagedApplication']).describe('Its kind.'),
  name: ObjectName.describe('Its name, in this namespace.'),
  uid: Uid.describe('Exactly this incarnation of it.'),
});

const Opened = z.strictObject({
  because: z
    .enum(['Recurrence', 'CriticalIncident', 'ByHand'])
    .describe(
      'Recurrence: the same alert of the same system came again and again. CriticalIncident: one of priority P1. ByHand: a person found it worth it.',
    ),
  by: UserName.describe('Who opened it, held to it at admission; steward: Steward itself.'),
  at: Moment.describe('When.'),
  reason: Line(500).describe('Why, with numbers.'),
});

const Terms = z.strictObject({
  incidents: z.int().min(2).max(100).describe('How many times within the time make a recurrence.'),
  within: Duration.describe('Within what time.'),
  heldFor: Duration.describe('How long no such incident must come before a remedy has held.'),
});
export type ProblemTerms = z.infer<typeof Terms>;

const Said = z.strictObject({
  text: Line(1000).describe('What is known.'),
  by: UserName.describe('Who says so: the name by which the API server knows him, held to it at admission.'),
});

const Remedy = z.strictObject({
  change: z
    .strictObject({
      name: ObjectName.describe('Its name, in this namespace.'),
      uid: Uid.optional().describe('Exactly this one. Absent: the one that Steward finds first under this name.'),
    })
    .describe('The ChangeRequest by which the cause is removed for good.'),
  by: UserName.describe('Who says so, held to his name at admission.'),
});

const ClosedByHand = z.strictObject({
  cause: Line(500).describe('Why nothing more is done about it, e.g. who bears the risk.'),
  at: Moment.describe('As of when: an incident that comes later opens it again.'),
  by: UserName.describe('Who says so, held to his name at admission.'),
});

const Handling = z.strictObject({
  assignee: UserName.optional().describe('Who looks for the cause.'),
  knownError: Said.optional().describe('The cause, once it is known.'),
  workaround: Said.optional().describe('How to get by until the cause is gone. New incidents show it.'),
  remedy: Remedy.optional().describe('What removes the cause for good (MO-15).'),
  closed: ClosedByHand.optional().describe('That it is closed without a remedy that held.'),
});
export type ProblemHandling = z.infer<typeof Handling>;

export const ProblemSpec = withRules(
  z.strictObject({
    subject: Subject.describe('The system whose incidents these are.'),
    alert: z
      .string()
      .min(1)
      .max(128)
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
      .optional()
      .describe('The alert that keeps coming. Absent: incidents that people reported.'),
    opened: Opened.describe('By whom, when and why it was opened.'),
    ordinal: z
      .int()
      .min(1)
      .max(9999)
      .optional()
      .describe('The how manieth Problem of this system and alert it is. Absent: one that a person opened.'),
    since: Moment.optional().describe(
      'Incidents are counted from here on. Absent: from as long before it was opened as the terms look back.',
    ),
    terms: Terms.optional().describe('Numbers of the provider when it was opened. Absent: as they are now.'),
    handling: Handling.optional().describe('What people do about it; the only part that they change.'),
  }),
  {
    rule: "(self.opened.because == 'ByHand') == !has(self.ordinal)",
    message: 'what Steward opens has an ordinal, and what a person opens (ByHand) has none',
    fieldPath: '.ordinal',
    holds: ({ opened, ordinal }) => (opened.because === 'ByHand') === (ordinal === undefined),
  },
).describe('What keeps going wrong, and what is done about it (MO-15).');
export type ProblemSpec = z.infer<typeof ProblemSpec>;

export const ProblemPhase = z.enum(['Open', 'KnownError', 'Remedying', 'Proving', 'Closed']);
export type ProblemPhase = z.infer<typeof ProblemPhase>;

const LinkedIncident = z.strictObject({
  name: ObjectName.describe('Its name, in this namespace.'),
  uid: Uid.describe('Exactly this one.'),
  detectedAt: Moment.describe('When it was detected.'),
  last: Moment.optional().describe('When it began anew for the last time. Absent: it began once.'),
  priority: Priority.describe('Its priority.'),
});
export type LinkedIncident = z.infer<typeof LinkedIncident>;

export const ProblemStatus = z
  .strictObject({
    observedGeneration: ObservedGeneration.optional(),
    phase: ProblemPhase.optional().describe('Where it stands.'),
    count: z.int().min(0).optional().describe('Incidents that belong to it, those that are not listed too.'),
    last: Instant.optional().describe('When one of them began, or began anew, for the last time.'),
    incidents: z
      .array(LinkedIncident)
      .max(LISTED_INCIDENTS)
      .meta(ATOMIC)
      .optional()
      .describe(`The newest of them, at most ${LISTED_INCIDENTS}, the oldest first.`),
    remedy: z
      .strictObject({
        name: ObjectName.describe('Name of the ChangeRequest.'),
        uid: Uid.describe('Exactly this one: another of its name is not the remedy.'),
        succeededAt: Moment.optional().describe('When it was over and had succeeded.'),
      })
      .optional()
      .describe('The remedy as it was found.'),
    heldUntil: Instant.optional().describe('If no such incident comes before this instant, the remedy has held.'),
    closedAt: Instant.optional().describe('Since when it is closed.'),
    conditions: Conditions.optional(),
  })
  .describe('Where it stands; written by the operator.');
export type ProblemStatus = z.infer<typeof ProblemStatus>;

export type Problem = Resource<ProblemSpec, ProblemStatus>;

const same = (field: string): string =>
  `has(self.spec.${field}) == has(oldSelf.spec.${field}) && (!has(self.spec.${field}) || self.spec.${field} == oldSelf.spec.${field})`;

const changeRules: readonly ValidationRule[] = [
  {
    rule: `self.spec.subject == oldSelf.spec.subject && self.spec.opened == oldSelf.spec.opened && ${['alert', 'ordinal', 'since', 'terms'].map(same).join(' && ')}`,
    message: 'what keeps going wrong is immutable: people change spec.handling only (GE-8)',
    fieldPath: '.spec',
    reason: 'FieldValueForbidden',
  },
];

export const problem: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'Problem',
  plural: 'problems',
  singular: 'problem',
  shortNames: ['prb'],
  namespaced: true,
  writtenBy: 'steward',
  description:
    'What keeps going wrong: incidents of one system and alert, their known error, workaround and lasting remedy, until that has held (MO-15).',
  spec: ProblemSpec,
  status: ProblemStatus,
  validations: [nameFitsLabel],
  changeRules,
  selectableFields: ['.spec.subject.name', '.spec.alert', '.status.phase'],
  printerColumns: [
    { name: 'Subject', type: 'string', jsonPath: '.spec.subject.name', description: 'Whose incidents.' },
    { name: 'Alert', type: 'string', jsonPath: '.spec.alert', description: 'Which alert keeps coming.' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Where it stands.' },
    { name: 'Incidents', type: 'integer', jsonPath: '.status.count', description: 'How many belong to it.' },
    { name: 'Last', type: 'date', jsonPath: '.status.last', description: 'Since the newest of them.' },
    {
      name: 'Remedy',
      type: 'string',
      jsonPath: '.spec.handling.remedy.change.name',
      description: 'Which change removes the cause.',
    },
    {
      name: 'Held until',
      type: 'string',
      jsonPath: '.status.heldUntil',
      description: 'When the remedy has held.',
      priority: 1,
    },
    {
      name: 'Because',
      type: 'string',
      jsonPath: '.spec.opened.because',
      description: 'Why it was opened.',
      priority: 1,
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
  ],
};
