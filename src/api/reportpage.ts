import { z } from 'zod';
import { GROUP, Label, ObjectName, VERSION } from './common.ts';
import { Day } from './day.ts';
import type { KindDefinition, Resource } from './kind.ts';
import { WrittenMoment } from './moment.ts';
import { withRules, withTransitionRules } from './rules.ts';

/** Lines on a page at most, and longest line: with both full, and no page is, an object would not fit; the writer closes a page at {@link PAGE_SIZE}. */
export const PAGE_LINES = 500;
export const LINE_LENGTH = 65_536;
/** Characters on a page, from which on the next one is begun: far below what etcd takes for an object (1.5 MiB). */
export const PAGE_SIZE = 400_000;

/** A calendar month, `YYYY-MM`. */
export const Month = z
  .string()
  .min(7)
  .max(7)
  .regex(/^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])$/);

/** SHA-256, in hex. */
export const Hash = z
  .string()
  .min(64)
  .max(64)
  .regex(/^[0-9a-f]{64}$/);

/** Longest name of a Contract that can be reported on: of a page the day and a number follow it. */
const ContractName = Label.describe('Name of the Contract.');

export const ReportPageSpec = withTransitionRules(
  withRules(
    z.strictObject({
      contract: ContractName,
      month: Month.describe('To which month it belongs.'),
      day: Day.optional().describe('The day that is closed. Absent: it is of the report of the month.'),
      correction: z.int().min(1).max(999).optional().describe('Of a correction of the report: which one.'),
      page: z.int().min(1).max(9999).describe('Which page it is.'),
      pages: z.int().min(1).max(9999).describe('How many there are.'),
      sha256: Hash.describe('SHA-256 of the lines of all pages together, each with its end.'),
      writtenAt: WrittenMoment.describe('When it was written.'),
      lines: z
        .array(
          z
            .string()
            .min(2)
            .max(LINE_LENGTH)
            .regex(/^[{][^\n]*[}]$/),
        )
        .min(1)
        .max(PAGE_LINES)
        .meta({ 'x-kubernetes-list-type': 'atomic' })
        .describe('Canonical JSON, a line each; docs/reports.md has the format.'),
    }),
    {
      rule: 'self.page <= self.pages',
      message: 'there is no such page: page is at most pages',
      fieldPath: '.page',
      holds: ({ page, pages }) => page <= pages,
    },
    {
      rule: '!has(self.day) || (self.day.startsWith(self.month) && !has(self.correction))',
      message: 'a day lies in its month, and is never corrected: corrections are of reports',
      fieldPath: '.day',
      holds: ({ day, month, correction }) => day === undefined || (day.startsWith(month) && correction === undefined),
    },
  ),
  {
    rule: 'self == oldSelf',
    message: 'what is closed never changes (MO-16): a correction is another page',
    reason: 'FieldValueForbidden',
  },
).describe('Lines of a closed day, or of a closed month.');
export type ReportPageSpec = z.infer<typeof ReportPageSpec>;

export const ReportPageStatus = z.strictObject({}).describe('A page has no status.');
export type ReportPage = Resource<ReportPageSpec, z.infer<typeof ReportPageStatus>>;

/** `metadata.name` tells which page it is, so that there is one of each whoever writes it. */
export function reportPageName({
  contract,
  month,
  day,
  correction,
  page,
}: Pick<ReportPageSpec, 'contract' | 'month' | 'day' | 'correction' | 'page'>): string {
  const of = day ?? (correction === undefined ? month : `${month}-c${correction}`);
  return ObjectName.parse(`${contract}-${of}-${String(page).padStart(4, '0')}`);
}

export const reportPage: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'ReportPage',
  plural: 'reportpages',
  singular: 'reportpage',
  shortNames: ['repp'],
  namespaced: false,
  writtenBy: 'steward',
  readBy: 'provider',
  description:
    'A page of a closed day or month of a Contract, as it was closed (MO-16, GE-8). A ServiceReport holds its hash.',
  spec: ReportPageSpec,
  status: ReportPageStatus,
  validations: [],
  selectableFields: ['.spec.contract', '.spec.month', '.spec.day'],
  printerColumns: [
    { name: 'Contract', type: 'string', jsonPath: '.spec.contract', description: 'Whose it is.' },
    { name: 'Month', type: 'string', jsonPath: '.spec.month', description: 'Of which month.' },
    { name: 'Day', type: 'string', jsonPath: '.spec.day', description: 'Of which day; empty: of the report.' },
    { name: 'Page', type: 'integer', jsonPath: '.spec.page', description: 'Which page.' },
    { name: 'Pages', type: 'integer', jsonPath: '.spec.pages', description: 'Of how many.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
  ],
};
