import { z } from 'zod';
import { Conditions, GROUP, VERSION } from './common.ts';
import type { KindDefinition, Resource } from './kind.ts';
import { withRules, withTransitionRules } from './rules.ts';

/** Records on a page at most: with it full, a page stays far below what etcd takes for an object (1.5 MiB). */
export const PAGE_ENTRIES = 50;
/** Longest line of a record. */
export const ENTRY_LENGTH = 8_192;

const Hash = z
  .string()
  .max(64)
  .regex(/^[0-9a-f]{64}$/);

/** `metadata.name` is the stream and the number, so that the next page has one name whoever makes it. */
export function pageName(stream: string, number: number): string {
  return `${stream}-${String(number).padStart(6, '0')}`;
}

const immutable = (field: string) => ({
  rule: 'self == oldSelf',
  message: `${field} is immutable: a page stays what it is`,
  reason: 'FieldValueForbidden' as const,
});

const Entries = withTransitionRules(
  z
    .array(
      z
        .string()
        .min(2)
        .max(ENTRY_LENGTH)
        .regex(/^[{][^\n]*[}]$/),
    )
    .min(1)
    .max(PAGE_ENTRIES)
    .meta({ 'x-kubernetes-list-type': 'atomic' }),
  {
    // No line has an end of line in it, so that joined lines are equal only where the lines are.
    rule: "self.size() >= oldSelf.size() && (self.join('\\n') + '\\n').startsWith(oldSelf.join('\\n') + '\\n')",
    message: 'entries only grows at its end: what was recorded stays as it is (MO-16)',
    reason: 'FieldValueForbidden',
  },
).describe('The records of the page, in their order: each the canonical JSON of one record.');

export const RecordPageSpec = withTransitionRules(
  withRules(
    z.strictObject({
      stream: withTransitionRules(
        z
          .string()
          .min(1)
          .max(200)
          .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/),
        immutable('stream'),
      ).describe('Stream of records that the page belongs to: contract-NAME, namespace-NAME or cluster.'),
      number: withTransitionRules(z.int().min(1).max(999_999_999), immutable('number')).describe(
        'Number of the page in its stream.',
      ),
      first: withTransitionRules(z.int().min(1), immutable('first')).describe('Sequence of its first record.'),
      head: z
        .strictObject({
          sequence: z.int().min(1).describe('Sequence of its last record.'),
          hash: Hash.describe('Hash of its last record: what the next one is bound to.'),
          key: Hash.describe('Id of the key that signs the next record: the SHA-256 of the public key.'),
        })
        .describe('Where the page ends.'),
      closed: z.boolean().optional().describe('Whether it is full: it never changes again, and the next page follows.'),
      entries: Entries,
    }),
    {
      rule: 'self.head.sequence == self.first + self.entries.size() - 1',
      message: 'head.sequence is the sequence of the last of entries',
      fieldPath: '.head.sequence',
      holds: ({ head, first, entries }) => head.sequence === first + entries.length - 1,
    },
  ),
  {
    rule: '!has(oldSelf.closed) || !oldSelf.closed || self == oldSelf',
    message: 'the page is closed: it never changes again (MO-16)',
    reason: 'FieldValueForbidden',
  },
).describe('Records as they were signed.');
export type RecordPageSpec = z.infer<typeof RecordPageSpec>;

export const RecordPageStatus = z
  .strictObject({ conditions: Conditions.optional() })
  .describe('Written by the record writer, on the last page of a stream and only where something is wrong with it.');
export type RecordPageStatus = z.infer<typeof RecordPageStatus>;

export type RecordPage = Resource<RecordPageSpec, RecordPageStatus>;

export const recordPage: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'RecordPage',
  plural: 'recordpages',
  singular: 'recordpage',
  shortNames: ['recp'],
  namespaced: true,
  writtenBy: 'steward',
  description:
    'A page of the records of a stream: what became of the objects of a contract, signed and bound to what was recorded before (MO-16, GE-8).',
  spec: RecordPageSpec,
  status: RecordPageStatus,
  validations: [],
  selectableFields: ['.spec.stream'],
  printerColumns: [
    { name: 'Stream', type: 'string', jsonPath: '.spec.stream', description: 'Stream of records.' },
    { name: 'First', type: 'integer', jsonPath: '.spec.first', description: 'Its first record.' },
    { name: 'Last', type: 'integer', jsonPath: '.spec.head.sequence', description: 'Its last record.' },
    { name: 'Closed', type: 'boolean', jsonPath: '.spec.closed', description: 'Whether it is full.' },
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'False where the writer cannot go on.',
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
    { name: 'Head', type: 'string', jsonPath: '.spec.head.hash', description: 'Hash of its last record.', priority: 1 },
    { name: 'Key', type: 'string', jsonPath: '.spec.head.key', description: 'Key that signs next.', priority: 1 },
  ],
};
