import { z } from 'zod';
import { Conditions, GROUP, nameFitsLabel, ObjectName, ObservedGeneration, VERSION } from './common.ts';
import { Duration, DurationOrZero, secondsOf } from './duration.ts';
import { ATOMIC } from './guestupdates.ts';
import type { KindDefinition, Resource, ValidationRule } from './kind.ts';
import { Line } from './line.ts';
import { LogLines } from './loglines.ts';
import { WrittenMoment } from './moment.ts';
import { UserName } from './people.ts';
import { keyedList, withExactlyOne, withRules } from './rules.ts';
import { ServiceCalendarSpec } from './servicecalendar.ts';
import { Priority } from './serviceplan.ts';

const list = <Item extends z.ZodType>(item: Item, max: number) => z.array(item).max(max).meta(ATOMIC);

const Uid = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[0-9A-Za-z-]+$/);

/** Words that may quote an alert's or a guest's: made one bounded line before they are written. */
const Said = (max: number) => z.string().max(max);

/** 1 is the highest of each. */
const Degree = z.int().min(1).max(3);

const Subject = z.strictObject({
  kind: z.enum(['ManagedVM', 'ManagedApplication']).describe('Its kind.'),
  name: ObjectName.describe('Its name, in this namespace.'),
  uid: Uid.optional().describe(
    'Exactly this incarnation of it. Of a report it may be absent: then the one of the name.',
  ),
});
export type IncidentSubject = z.infer<typeof Subject>;

/** Labels of an alert that are kept. */
export const MOST_LABELS = 24;

const Alert = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
    .describe('Its name.'),
  fingerprint: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[0-9a-f]+$/)
    .describe("Alertmanager's hash of its labels."),
  startsAt: WrittenMoment.describe('Since when it fires, as Alertmanager says.'),
  severity: z.enum(['critical', 'warning', 'info']).describe('What the rule calls it.'),
  summary: Said(300).optional().describe('What the rule says of it.'),
  labels: keyedList(
    z.strictObject({
      name: z
        .string()
        .min(1)
        .max(64)
        .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/)
        .describe('Name of the label.'),
      value: Said(200).describe('Its value, as one bounded line.'),
    }),
    'name',
    { max: MOST_LABELS },
  )
    .optional()
    .describe('Its labels.'),
});
export type IncidentAlert = z.infer<typeof Alert>;

const Report = z.strictObject({
  by: UserName.describe('Who reports it: the name by which the API server knows him, held to it at admission.'),
  text: Line(2000).describe('What does not work.'),
  impact: Degree.optional().describe('How much of it is concerned: 1 all of it, 3 a small part. Absent: 2.'),
  urgency: Degree.optional().describe('How urgent it is: 1 now, 3 it can wait. Absent: 2.'),
});

const Proof = z.strictObject({
  verdict: z
    .enum(['Proven', 'Unproven', 'NotAsked'])
    .describe(
      'Proven: the rule is one of ours, and its expression holds. Unproven: it is not, or does not; nothing is remediated. NotAsked: Prometheus could not be asked yet.',
    ),
  at: WrittenMoment.describe('When it was asked.'),
  rule: Said(500).optional().describe('Which rule, by file and group, as Prometheus says.'),
  message: Said(500).optional().describe('What was found, in a full sentence.'),
});
export type IncidentProof = z.infer<typeof Proof>;

/** How often the sensor of an incident may change its mind; what comes later is another incident. */
export const MOST_SIGNALS = 32;

const Signal = z.strictObject({
  at: WrittenMoment.describe('Since when, as Alertmanager says.'),
  firing: z.boolean().describe('Whether it fires from then on.'),
});
export type IncidentSignal = z.infer<typeof Signal>;

/** Alerts that one incident stands for in a storm, beside its own. */
export const MOST_JOINED = 64;

const Joined = z.strictObject({
  name: Alert.shape.name,
  fingerprint: Alert.shape.fingerprint,
  startsAt: Alert.shape.startsAt,
});

/** What it concerns (MO-9, GE-15). */
export const IncidentScope = z.enum(['OperatingSystem', 'Application', 'Platform', 'Customer']);
export type IncidentScope = z.infer<typeof IncidentScope>;

const Rating = z.strictObject({
  incident: Uid.describe('UID of this very Incident: a copy of it, or one that was restored, is none.'),
  impact: Degree.describe('How much is concerned: 1 all of it, 2 a part, 3 nothing yet.'),
  urgency: Degree.describe('How urgent it is: 1 now, 2 soon, 3 it can wait.'),
  priority: Priority,
  reason: Said(500).describe('Why it is rated so, in full sentences (MO-14).'),
  scope: IncidentScope.describe(
    'Customer: what the provider does not run (MO-9, GE-15): told, and mended only on order.',
  ),
  billing: z
    .enum(['Included', 'ByEffort'])
    .describe('ByEffort: it is outside of what the level includes, and what is done is billed (GE-3).'),
});
export type IncidentRating = z.infer<typeof Rating>;

const Terms = withRules(
  z.strictObject({
    plan: z
      .strictObject({
        name: ObjectName.describe('Its name.'),
        revision: z.string().max(71).describe('SHA-256 of everything that it says.'),
      })
      .describe('The ServicePlan that applied when it was detected.'),
    calendar: z
      .strictObject({
        name: ObjectName.describe('Its name.'),
        revision: z.string().max(71).describe('SHA-256 of everything that decides when it is open.'),
        spec: ServiceCalendarSpec.describe('What it said then: what becomes of the calendar changes nothing here.'),
      })
      .optional()
      .describe(
        'The ServiceCalendar in whose core hours both clocks run (GE-5). Absent: they run at every hour (MO-6).',
      ),
    response: Duration.describe('Until somebody qualified has begun.'),
    resolution: Duration.describe('Until it works again.'),
  }),
  {
    rule: 'duration(self.response) <= duration(self.resolution)',
    message: 'resolution is not shorter than response',
    fieldPath: '.resolution',
    holds: ({ response, resolution }) => secondsOf(response) <= secondsOf(resolution),
  },
);
export type IncidentTerms = z.infer<typeof Terms>;

const by = (what: string) =>
  UserName.describe(`${what}: the name by which the API server knows him, held to it at admission.`);

const Note = z.strictObject({
  by: by('Who says so'),
  text: Line(1000).describe('What he says.'),
});

const Resolution = z.strictObject({
  outcome: z
    .enum(['Mended', 'FalseAlarm', 'NotMended'])
    .describe(
      'Mended: of an alert it counts once the alert has ended. FalseAlarm: nothing was wrong. NotMended: nothing is done about it, for the reason in cause.',
    ),
  cause: Line(1000).describe('What it was, and what was done.'),
  by: by('Who says so'),
  effort: Duration.optional().describe('Working time that is booked, e.g. 1h30m (GE-2, GE-3).'),
});
export type IncidentResolution = z.infer<typeof Resolution>;

const Handling = z.strictObject({
  acknowledgedBy: by('Who has taken it up, and has begun').optional(),
  assignee: UserName.optional().describe('Who works on it.'),
  notes: list(Note, 64).optional().describe('What people say of it, each after the one before; none is taken back.'),
  waitingForCustomer: z
    .strictObject({ reason: Line(500).describe('What is needed of him.'), by: by('Who says so') })
    .optional()
    .describe(
      'It cannot go on without the customer (GE-4): the resolution clock stands, until it is removed. Since when, status.timeline says.',
    ),
  resolution: Resolution.optional().describe('How it ended. Removed, with a note that says why: it is open again.'),
});
export type IncidentHandling = z.infer<typeof Handling>;

export const IncidentSpec = withRules(
  withExactlyOne(
    z.strictObject({
      subject: Subject.describe('What is concerned.'),
      alert: Alert.optional().describe('The alert that it was opened for: a pointer, and no more.'),
      report: Report.optional().describe('Who reported it; a person did.'),
      detectedAt: WrittenMoment.optional().describe(
        'Since when it is known: both clocks begin. Of a report: when the API server took it.',
      ),
      proof: Proof.optional().describe('Whether the alert is one of ours and holds; of an alert only.'),
      signals: list(Signal, MOST_SIGNALS)
        .optional()
        .describe('When the alert ended, and fired again; none is taken back. Written by the receiver of alerts.'),
      joined: list(Joined, MOST_JOINED)
        .optional()
        .describe(
          'More alerts about the same subject, which came when so many came that nobody could read an incident of each: it is over when all are. None is taken back. Written by the receiver of alerts.',
        ),
      rating: Rating.optional().describe('What it was rated as, once, when it was taken up. Written by Steward.'),
      terms: Terms.optional().describe(
        'By which terms it is handled, whatever becomes of plan, level and calendar. Absent, though rated: no times are promised.',
      ),
      handling: Handling.optional().describe('What people do about it.'),
    }),
    ['alert', 'report'],
    'must be of exactly one of alert and report',
  ),
  {
    rule: 'has(self.alert) == has(self.detectedAt) && has(self.alert) == has(self.proof) && (has(self.alert) || !(has(self.signals) || has(self.joined)))',
    message: 'an alert has detectedAt and proof, a report has neither, nor signals or alerts that joined',
    holds: ({ alert, detectedAt, proof, signals, joined }) =>
      (alert !== undefined) === (detectedAt !== undefined) &&
      (alert !== undefined) === (proof !== undefined) &&
      (alert !== undefined || (signals === undefined && joined === undefined)),
  },
  {
    rule: '!has(self.alert) || has(self.subject.uid)',
    message: 'an alert names its subject by uid',
    fieldPath: '.subject',
    holds: ({ alert, subject }) => alert === undefined || subject.uid !== undefined,
  },
  {
    rule: '!has(self.terms) || has(self.rating)',
    message: 'terms hold of what was rated',
    fieldPath: '.terms',
    holds: ({ terms, rating }) => terms === undefined || rating !== undefined,
  },
).describe('What happened, how it is rated, by which terms it is handled, and what people do about it.');
export type IncidentSpec = z.infer<typeof IncidentSpec>;

export const IncidentPhase = z.enum(['New', 'Queued', 'InProgress', 'WaitingForCustomer', 'Resolved', 'Closed']);
export type IncidentPhase = z.infer<typeof IncidentPhase>;

/** What can happen to an incident, as far as its clocks are concerned. */
export const IncidentEvent = z.enum([
  'Detected',
  'Responded',
  'Waiting',
  'Continued',
  'Resolved',
  'Reopened',
  'Closed',
]);
export type IncidentEvent = z.infer<typeof IncidentEvent>;

/** Events that are kept; an incident that is opened again as often is not opened again any more. */
export const MOST_EVENTS = 96;

const TimelineEntry = z.strictObject({
  at: WrittenMoment.describe('When it was so, or when Steward saw it.'),
  what: IncidentEvent.describe('What happened.'),
  by: Said(256).optional().describe('Who did it: a person, or what Steward calls itself.'),
  why: Said(300).optional().describe('More about it.'),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

const Clock = z.strictObject({
  target: Duration.describe('What was promised.'),
  state: z
    .enum(['Running', 'Paused', 'Stopped'])
    .describe('Running: until due, in the hours of the terms. Paused: it stands. Stopped: it is over.'),
  due: WrittenMoment.optional().describe('Of a clock that runs: when its time is over, if nothing stops it before.'),
  remaining: DurationOrZero.optional().describe('Of a clock that stands: what is left of its time.'),
  elapsed: DurationOrZero.optional().describe('Of a clock that does not run: what has passed.'),
  at: WrittenMoment.optional().describe('When it was stopped.'),
  breached: z.boolean().describe('Whether more has passed than was promised.'),
});
export type IncidentClock = z.infer<typeof Clock>;

const RemediationStep = z.strictObject({
  step: z.int().min(0).max(99).describe('Which step of the ladder.'),
  action: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[A-Z][A-Za-z0-9]*$/)
    .describe('What was done.'),
  at: WrittenMoment.describe('When it was begun.'),
  outcome: z
    .enum(['Running', 'Succeeded', 'Failed', 'Skipped', 'Forbidden', 'DryRun'])
    .describe('How it ended. DryRun: nothing was done, it is what would have been.'),
  message: Said(500).optional().describe('More about it, in full sentences.'),
});
export type RemediationStep = z.infer<typeof RemediationStep>;

export const IncidentStatus = z
  .strictObject({
    observedGeneration: ObservedGeneration.optional(),
    phase: IncidentPhase.optional().describe('Where it stands. Absent: it cannot be judged.'),
    message: Said(1000).optional().describe('Why, in full sentences with instants.'),
    subject: Uid.optional().describe('UID of what is concerned.'),
    contract: z.string().max(253).optional().describe('Contract of the namespace.'),
    firing: z.boolean().optional().describe('Of an alert: whether it fires, as was last heard.'),
    timeline: list(TimelineEntry, MOST_EVENTS)
      .optional()
      .describe('What happened, in its order; the clocks follow from it. None of it is taken back.'),
    response: Clock.optional().describe('Until somebody qualified has begun. Absent: no time is promised.'),
    resolution: Clock.optional().describe('Until it works again. Absent: no time is promised.'),
    remediation: list(RemediationStep, 32).optional().describe('What Steward has done about it.'),
    problem: z.string().max(253).optional().describe('The Problem that it is part of (MO-15).'),
    lines: LogLines.optional().describe(
      "The last lines that mattered in the guest's log when it was first looked into after the alarm (MO-12).",
    ),
    conditions: Conditions.optional(),
  })
  .describe('How it goes; written by the operator.');
export type IncidentStatus = z.infer<typeof IncidentStatus>;

export type Incident = Resource<IncidentSpec, IncidentStatus>;

const unchanged = (field: string): string =>
  `has(self.spec.${field}) == has(oldSelf.spec.${field}) && (!has(self.spec.${field}) || self.spec.${field} == oldSelf.spec.${field})`;
const once = (field: string): string =>
  `!has(oldSelf.spec.${field}) || (has(self.spec.${field}) && self.spec.${field} == oldSelf.spec.${field})`;
const act = (field: string, holds: string): string =>
  `!has(oldSelf.spec.handling) || !has(oldSelf.spec.handling.${field}) || ${holds}`;

/** Records do not change; what people have done is not undone. */
const changeRules: readonly ValidationRule[] = [
  {
    rule: ['alert', 'report', 'detectedAt']
      .map(unchanged)
      .join(' && ')
      .concat(' && self.spec.subject == oldSelf.spec.subject'),
    message: 'what happened is written once: subject, alert, report and detectedAt are immutable (GE-8)',
    fieldPath: '.spec',
    reason: 'FieldValueForbidden',
  },
  {
    rule: `(${once('rating')}) && (${once('terms')}) && (!has(oldSelf.spec.rating) || has(self.spec.terms) == has(oldSelf.spec.terms))`,
    message: 'an incident ends under the rating and the terms with which it was taken up (GE-8)',
    fieldPath: '.spec',
    reason: 'FieldValueForbidden',
  },
  {
    rule: "!has(oldSelf.spec.proof) || oldSelf.spec.proof.verdict == 'NotAsked' || (has(self.spec.proof) && self.spec.proof == oldSelf.spec.proof)",
    message: 'what was asked is answered once',
    fieldPath: '.spec.proof',
    reason: 'FieldValueForbidden',
  },
  {
    rule: '!has(oldSelf.spec.signals) || (has(self.spec.signals) && oldSelf.spec.signals.all(heard, heard in self.spec.signals))',
    message: 'what was heard of the alert is not taken back',
    fieldPath: '.spec.signals',
    reason: 'FieldValueForbidden',
  },
  {
    rule: '!has(oldSelf.spec.joined) || (has(self.spec.joined) && oldSelf.spec.joined.all(alert, alert in self.spec.joined))',
    message: 'an alert that joined is not taken back',
    fieldPath: '.spec.joined',
    reason: 'FieldValueForbidden',
  },
  {
    rule: act(
      'acknowledgedBy',
      'self.spec.?handling.?acknowledgedBy.orValue("") == oldSelf.spec.handling.acknowledgedBy',
    ),
    message: 'acknowledgedBy is not taken back: whose work it is now says assignee',
    fieldPath: '.spec.handling.acknowledgedBy',
    reason: 'FieldValueForbidden',
  },
  {
    rule: act(
      'notes',
      '(has(self.spec.handling) && has(self.spec.handling.notes) && oldSelf.spec.handling.notes.all(note, note in self.spec.handling.notes))',
    ),
    message: 'notes are added, and none is changed or taken back',
    fieldPath: '.spec.handling.notes',
    reason: 'FieldValueForbidden',
  },
  {
    rule: act(
      'waitingForCustomer',
      '!has(self.spec.handling) || !has(self.spec.handling.waitingForCustomer) || self.spec.handling.waitingForCustomer == oldSelf.spec.handling.waitingForCustomer',
    ),
    message: 'what is waited for is not exchanged: remove it, and then say what else is waited for',
    fieldPath: '.spec.handling.waitingForCustomer',
    reason: 'FieldValueForbidden',
  },
  {
    rule: act(
      'resolution',
      '(has(self.spec.handling) && (has(self.spec.handling.resolution) ? self.spec.handling.resolution == oldSelf.spec.handling.resolution : (has(self.spec.handling.notes) && self.spec.handling.notes.size() > (has(oldSelf.spec.handling.notes) ? oldSelf.spec.handling.notes.size() : 0))))',
    ),
    message: 'a resolution is not exchanged: who opens it again removes it, and says why in a note',
    fieldPath: '.spec.handling.resolution',
    reason: 'FieldValueForbidden',
  },
  {
    rule: "!has(oldSelf.status) || !has(oldSelf.status.phase) || oldSelf.status.phase != 'Closed' || (has(self.status) && has(self.status.phase) && self.status.phase == 'Closed' && self.spec == oldSelf.spec)",
    message: 'the incident is closed: what happens now is another one (GE-8)',
    fieldPath: '.spec',
    reason: 'FieldValueForbidden',
  },
];

export const incident: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'Incident',
  plural: 'incidents',
  singular: 'incident',
  shortNames: ['inc'],
  namespaced: true,
  acts: ['create', 'patch', 'update'],
  description:
    'Something that does not work: what was seen or reported, how it is rated, how it is handled, and whether in time (MO-6, MO-14).',
  spec: IncidentSpec,
  status: IncidentStatus,
  validations: [nameFitsLabel],
  changeRules,
  selectableFields: ['.spec.subject.kind', '.spec.subject.name', '.spec.rating.priority', '.status.phase'],
  printerColumns: [
    { name: 'Subject', type: 'string', jsonPath: '.spec.subject.name', description: 'What is concerned.' },
    {
      name: 'Alert',
      type: 'string',
      jsonPath: '.spec.alert.name',
      description: 'The alert; empty: a person reported it.',
    },
    { name: 'Priority', type: 'string', jsonPath: '.spec.rating.priority', description: 'Priority.' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Where it stands.' },
    { name: 'Assignee', type: 'string', jsonPath: '.spec.handling.assignee', description: 'Who works on it.' },
    {
      name: 'Respond by',
      type: 'string',
      jsonPath: '.status.response.due',
      description: 'When somebody must have begun; empty: somebody has.',
    },
    {
      name: 'Resolve by',
      type: 'string',
      jsonPath: '.status.resolution.due',
      description: 'When it must work again; empty: it does, or the customer is waited for.',
    },
    {
      name: 'In time',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="InTime")].status',
      description: 'Whether both clocks are kept so far.',
    },
    {
      name: 'Billing',
      type: 'string',
      jsonPath: '.spec.rating.billing',
      description: 'Whether the level includes it.',
      priority: 1,
    },
    { name: 'Scope', type: 'string', jsonPath: '.spec.rating.scope', description: 'What it concerns.', priority: 1 },
    { name: 'Problem', type: 'string', jsonPath: '.status.problem', description: 'Its Problem.', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
  ],
};
