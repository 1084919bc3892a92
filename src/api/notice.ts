import { z } from 'zod';
import { GROUP, Label, ObjectName, VERSION } from './common.ts';
import type { KindDefinition, Resource } from './kind.ts';
import { WrittenMoment } from './moment.ts';
import { withRules, withTransitionRules } from './rules.ts';
import { Language, MailAddress, NewsKind } from './telling.ts';
import { DisplayName } from './text.ts';
import { TimeZone } from './timezone.ts';
import { finalVerdict } from './verdict.ts';

/** Longest value of a fact: a condition's message, or most of it. */
export const FACT_LENGTH = 1024;
/** Facts that one notice has at most. */
export const MOST_FACTS = 16;

/** What a notice may know; each has its words in every language. */
export const FactName = z.enum([
  ...['system', 'systems', 'title', 'change', 'planHash', 'party', 'step', 'message', 'reason'],
  ...['window', 'opensAt', 'closesAt', 'schedule', 'usedBy', 'since', 'decideBy', 'customer'],
  ...['priority', 'scope', 'phase', 'clock', 'respondBy', 'resolveBy', 'cause', 'assignee'],
  ...['workaround', 'remedy'],
] as const);
export type FactName = z.infer<typeof FactName>;

const Fact = z.strictObject({
  name: FactName.describe('What it is.'),
  value: z.string().min(1).max(FACT_LENGTH).describe('Its value: one line, an instant in UTC where it is one.'),
});
export type Fact = z.infer<typeof Fact>;

export const Action = z
  .enum(['Opened', 'Changed', 'Ended'])
  .describe('What it is for who counts what is open: Ended closes what an Opened of the same topic has opened.');
export type Action = z.infer<typeof Action>;

export const Severity = z.enum(['Critical', 'Warning', 'Info']).describe('How much it presses.');
export type Severity = z.infer<typeof Severity>;

const Uid = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[0-9A-Za-z-]+$/);

const Subject = z.strictObject({
  kind: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[A-Z][A-Za-z0-9]*$/)
    .describe('Its kind.'),
  namespace: Label.describe('Its namespace.'),
  name: ObjectName.describe('Its name.'),
  uid: Uid.describe('Exactly this incarnation of it.'),
});
export type Subject = z.infer<typeof Subject>;

const Topic = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[0-9a-f]+$/);

const Receiver = withRules(
  z.strictObject({
    way: z.enum(['Mail', 'Webhook']).describe('How it is told.'),
    contract: ObjectName.optional().describe('The Contract that names it. Absent: the provider’s settings do.'),
    name: DisplayName(63).describe('What he or it is called: records name him by it.'),
    address: MailAddress.optional().describe('Of a mail: where it goes.'),
    language: Language.describe('In what language.'),
    timeZone: TimeZone.describe('In which zone times are told.'),
  }),
  {
    rule: "(self.way == 'Mail') == has(self.address)",
    message: 'a mail has an address, and a webhook is found by its name',
    holds: ({ way, address }) => (way === 'Mail') === (address !== undefined),
  },
);
export type Receiver = z.infer<typeof Receiver>;

export const NoticeSpec = withTransitionRules(
  z.strictObject({
    news: NewsKind.describe('What is told.'),
    topic: Topic.describe('What belongs together: the news of one incident, of one change, of one promise to one VM.'),
    action: Action,
    severity: Severity,
    at: WrittenMoment.describe('When it became news.'),
    until: WrittenMoment.describe('From when on nobody is told of it any more.'),
    subject: Subject.describe('What it is about.'),
    contract: ObjectName.optional().describe('The Contract of its namespace. Absent: there is none.'),
    facts: z
      .array(Fact)
      .max(MOST_FACTS)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .describe('What there is to know, in the order in which it is told.'),
    receiver: Receiver.describe('Who is told. Where a webhook goes is read from Contract or settings when it is sent.'),
    writtenAt: WrittenMoment.describe(
      'When it was written. One that came into the cluster much later is a copy, and nobody is told by it.',
    ),
  }),
  {
    rule: 'self == oldSelf',
    message: 'a notice is immutable: who is to be told anew deletes it (GE-8)',
    reason: 'FieldValueForbidden',
  },
).describe('What is told to whom; written once, before it is sent.');
export type NoticeSpec = z.infer<typeof NoticeSpec>;

export const NoticePhase = z.enum(['Waiting', 'Sending', 'Sent', 'Dead']);
export type NoticePhase = z.infer<typeof NoticePhase>;

export const NoticeStatus = z
  .strictObject({
    phase: NoticePhase.describe(
      'Waiting: for the next try. Sending: a try has begun; if its end is not known, it is tried again. Sent: the receiver has taken it. Dead: nobody tries any more.',
    ),
    message: z.string().max(500).optional().describe('Why, in full sentences with numbers.'),
    tries: z.int().min(0).max(1000).describe('How often it was tried.'),
    triedAt: WrittenMoment.optional().describe('When it was tried last.'),
    nextTryAt: WrittenMoment.optional().describe('When it is tried next.'),
    sentAt: WrittenMoment.optional().describe('When the receiver took it.'),
    endedAt: WrittenMoment.optional().describe('Since when nobody tries any more.'),
  })
  .describe('What became of it; written by the teller.');
export type NoticeStatus = z.infer<typeof NoticeStatus>;

export type Notice = Resource<NoticeSpec, NoticeStatus>;

export const notice: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'Notice',
  plural: 'notices',
  singular: 'notice',
  shortNames: ['ntc'],
  namespaced: true,
  writtenBy: 'steward',
  description: 'What one receiver is told, and what became of it: the outbox of the teller (GE-4, GE-8).',
  spec: NoticeSpec,
  status: NoticeStatus,
  validations: [],
  changeRules: [finalVerdict('notice', ['Sent', 'Dead'])],
  selectableFields: ['.spec.news', '.spec.subject.namespace', '.spec.subject.name', '.spec.receiver.contract'],
  printerColumns: [
    { name: 'News', type: 'string', jsonPath: '.spec.news', description: 'What is told.' },
    { name: 'Namespace', type: 'string', jsonPath: '.spec.subject.namespace', description: 'Of what it is about.' },
    { name: 'Subject', type: 'string', jsonPath: '.spec.subject.name', description: 'What it is about.' },
    { name: 'Way', type: 'string', jsonPath: '.spec.receiver.way', description: 'How it is told.' },
    { name: 'To', type: 'string', jsonPath: '.spec.receiver.name', description: 'Who is told.' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'What became of it.' },
    { name: 'Tries', type: 'integer', jsonPath: '.status.tries', description: 'How often it was tried.' },
    { name: 'Message', type: 'string', jsonPath: '.status.message', description: 'Why.', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
  ],
};
