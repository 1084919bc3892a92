import { z } from 'zod';
import { Conditions, GROUP, Label, ObservedGeneration, VERSION } from './common.ts';
import { Day } from './day.ts';
import type { KindDefinition, Resource, ValidationRule } from './kind.ts';
import { Line } from './line.ts';
import { WrittenMoment } from './moment.ts';
import { UserName } from './people.ts';
import { Hash, Month } from './reportpage.ts';
import { keyedList, withRules } from './rules.ts';
import { TimeZone } from './timezone.ts';

const ATOMIC = { 'x-kubernetes-list-type': 'atomic' } as const;

const ClosedDay = z.strictObject({
  day: Day.describe('Which day, in the zone of the contract.'),
  sha256: Hash.describe('SHA-256 of its lines; they lie on ReportPages.'),
  pages: z.int().min(1).max(9999).describe('On how many.'),
  last: z.int().min(0).describe('Sequence of the last record that belongs to it: the next day begins after it.'),
  missing: z.int().min(0).optional().describe('How many sources could not be read.'),
});
export type DayEntry = z.infer<typeof ClosedDay>;

const Written = {
  at: WrittenMoment.describe('When it was closed.'),
  sha256: Hash.describe('SHA-256 of its lines; they lie on ReportPages.'),
  pages: z.int().min(1).max(9999).describe('On how many.'),
};

const Closed = z.strictObject({
  ...Written,
  gaps: z.array(Day).max(31).meta(ATOMIC).optional().describe('Days of which nothing is known.'),
});

const Correction = z.strictObject({
  ...Written,
  by: UserName.describe('Who corrects: the name by which the API server knows him, held to it at admission.'),
  reason: Line(500).describe('What was wrong, and why.'),
});

const Comment = z.strictObject({
  text: Line(2000).describe('What he says of the month, on the first page of the report.'),
  by: UserName.describe('Who says it: the name by which the API server knows him, held to it at admission.'),
});

export const ServiceReportSpec = withRules(
  z.strictObject({
    contract: z
      .strictObject({
        name: Label.describe('Its name.'),
        uid: z
          .string()
          .min(1)
          .max(64)
          .describe('Exactly this one: one that was made anew under its name has other reports.'),
      })
      .describe('The Contract whose month it is.'),
    month: Month.describe('Which month.'),
    timeZone: TimeZone.describe('In which zone its days begin and end.'),
    since: Day.describe('First day of it that is closed.'),
    before: z
      .strictObject({
        sha256: Hash.describe('Hash of the day before its first; zeros: there was none.'),
        last: z.int().min(0).describe('Sequence of the last record that belongs to a day before.'),
      })
      .describe('What its first day follows.'),
    days: keyedList(ClosedDay, 'day', { max: 31 })
      .optional()
      .describe('Its closed days, in their order; only ever more. Written by Steward.'),
    closed: Closed.optional().describe('What the month came to: it never changes. Written by Steward.'),
    corrections: z
      .array(Correction)
      .max(99)
      .meta(ATOMIC)
      .optional()
      .describe('What was found to be wrong after it was closed, each beside what was closed; only ever more.'),
    comment: Comment.optional().describe("A person's word on the month, on the first page."),
  }),
  {
    rule: '!has(self.corrections) || has(self.closed)',
    message: 'only a closed month is corrected',
    fieldPath: '.corrections',
    holds: ({ closed, corrections }) => corrections === undefined || closed !== undefined,
  },
).describe('A month of a Contract, day by day, and what it came to.');
export type ServiceReportSpec = z.infer<typeof ServiceReportSpec>;

export const ReportPhase = z.enum(['Open', 'Closing', 'Closed']);
export type ReportPhase = z.infer<typeof ReportPhase>;

export const ServiceReportStatus = z
  .strictObject({
    observedGeneration: ObservedGeneration.optional(),
    phase: ReportPhase.optional().describe(
      'Open: the month goes on. Closing: it is over, and something is missing. Closed: it never changes, but for corrections beside it.',
    ),
    today: Day.optional().describe(
      'The day that it is in its zone. That it changes is recorded, and proves of the day before that all of it is.',
    ),
    days: z.int().min(0).max(31).optional().describe('How many days are closed.'),
    missing: z
      .array(z.string().max(300))
      .max(64)
      .meta(ATOMIC)
      .optional()
      .describe('What is missing, each in a sentence; of a closed month, what was.'),
    promises: z
      .strictObject({
        kept: z.int().min(0).describe('Kept.'),
        broken: z.int().min(0).describe('Not kept.'),
        unproven: z.int().min(0).describe('Of which nobody can say.'),
      })
      .optional()
      .describe('What was promised, in numbers; of a closed month.'),
    breaches: z.int().min(0).optional().describe('Clocks of incidents that ran out; of a closed month.'),
    conditions: Conditions.optional(),
  })
  .describe('Where it stands; written by the operator.');
export type ServiceReportStatus = z.infer<typeof ServiceReportStatus>;

export type ServiceReport = Resource<ServiceReportSpec, ServiceReportStatus>;

export function reportName(contract: string, month: string): string {
  return `${contract}-${month}`;
}

const once = (field: string): string =>
  `!has(oldSelf.spec.${field}) || (has(self.spec.${field}) && self.spec.${field} == oldSelf.spec.${field})`;
const grows = (list: string): string =>
  `!has(oldSelf.spec.${list}) || (has(self.spec.${list}) && oldSelf.spec.${list}.all(each, each in self.spec.${list}))`;

const changeRules: readonly ValidationRule[] = [
  {
    rule: ['contract', 'month', 'timeZone', 'since', 'before']
      .map(field => `self.spec.${field} == oldSelf.spec.${field}`)
      .join(' && '),
    message: 'whose month it is, in which zone and since when, is immutable (GE-8)',
    fieldPath: '.spec',
    reason: 'FieldValueForbidden',
  },
  {
    rule: grows('days'),
    message: 'a closed day stays as it is: days are only added (MO-16)',
    fieldPath: '.spec.days',
    reason: 'FieldValueForbidden',
  },
  {
    rule: once('closed'),
    message: 'the month is closed, and never changes: what was wrong is a correction beside it (MO-16, GE-1)',
    fieldPath: '.spec.closed',
    reason: 'FieldValueForbidden',
  },
  {
    rule: `!has(oldSelf.spec.closed) || has(self.spec.days) == has(oldSelf.spec.days) && (!has(self.spec.days) || self.spec.days.size() == oldSelf.spec.days.size())`,
    message: 'the month is closed: no day is added to it any more (MO-16)',
    fieldPath: '.spec.days',
    reason: 'FieldValueForbidden',
  },
  {
    rule: grows('corrections'),
    message: 'corrections are only added (MO-16)',
    fieldPath: '.spec.corrections',
    reason: 'FieldValueForbidden',
  },
];

export const serviceReport: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'ServiceReport',
  plural: 'servicereports',
  singular: 'servicereport',
  shortNames: ['rep'],
  namespaced: false,
  writtenBy: 'steward',
  readBy: 'provider',
  description:
    'A month of a Contract: its closed days, and once it is over what it came to, which never changes (MO-16, GE-1, GE-8).',
  spec: ServiceReportSpec,
  status: ServiceReportStatus,
  validations: [],
  changeRules,
  selectableFields: ['.spec.contract.name', '.spec.month', '.status.phase'],
  printerColumns: [
    { name: 'Contract', type: 'string', jsonPath: '.spec.contract.name', description: 'Whose month it is.' },
    { name: 'Month', type: 'string', jsonPath: '.spec.month', description: 'Which month.' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Where it stands.' },
    { name: 'Days', type: 'integer', jsonPath: '.status.days', description: 'Closed days.' },
    { name: 'Kept', type: 'integer', jsonPath: '.status.promises.kept', description: 'Promises that were kept.' },
    { name: 'Broken', type: 'integer', jsonPath: '.status.promises.broken', description: 'Promises that were not.' },
    {
      name: 'Unproven',
      type: 'integer',
      jsonPath: '.status.promises.unproven',
      description: 'Of which nobody can say.',
    },
    {
      name: 'Breaches',
      type: 'integer',
      jsonPath: '.status.breaches',
      description: 'Clocks of incidents that ran out.',
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
    {
      name: 'SHA-256',
      type: 'string',
      jsonPath: '.spec.closed.sha256',
      description: 'Hash of what it came to.',
      priority: 1,
    },
  ],
};
