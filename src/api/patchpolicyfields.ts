import { z } from 'zod';
import { Conditions, ObservedGeneration } from './common.ts';
import { ATOMIC } from './guestupdates.ts';
import type { KindDefinition } from './kind.ts';
import { WrittenMoment } from './moment.ts';
import { RingStatuses } from './ringstatus.ts';
import { WindowOccurrence } from './windowtimes.ts';

/** Names that a status lists at the most. */
export const MOST_NAMED = 10;

const count = z.int().min(0);

const Upcoming = z
  .strictObject({
    managedVMs: count.describe('How many ManagedVMs are patched in it: those that shall run.'),
    updates: count.describe('How many updates they lack that are approved, as far as guests have said.'),
    where: z
      .array(z.string().max(317))
      .max(MOST_NAMED)
      .meta(ATOMIC)
      .describe('Where: the ManagedVMs of a PatchPolicy, the namespaces of a ClusterPatchPolicy.'),
    more: z.int().min(1).optional().describe('How many more there are than are named.'),
    postponableUntil: WrittenMoment.optional().describe('Until when it can be postponed; absent: not at all.'),
    postponableBy: z
      .array(z.string().max(128))
      .max(MOST_NAMED)
      .meta(ATOMIC)
      .optional()
      .describe("Who may still postpone it: Approvers of the namespace's Contract."),
  })
  .describe('What is patched in the next opening, where, and who can still postpone it (GE-4).');
export type Upcoming = z.infer<typeof Upcoming>;

const Progress = z
  .strictObject({
    summary: z.string().max(120).describe('All of it in a few words.'),
    done: count.describe('Guests whose PatchRun has its verdict.'),
    running: count.describe('Guests in which something was begun.'),
    toCome: count.describe('Guests in which nothing was begun yet.'),
    estimatedEnd: WrittenMoment.optional().describe(
      'When all are done if the others take as long as those that are; absent: none is.',
    ),
  })
  .describe('How far the opening is that is under way.');
export type Progress = z.infer<typeof Progress>;

/** Status of both kinds of policies on patching. */
export function patchPolicyStatus(managedVMs: string) {
  return z
    .strictObject({
      observedGeneration: ObservedGeneration.optional(),
      managedVMs: z.int().min(0).optional().describe(managedVMs),
      compliant: z.int().min(0).optional().describe('How many of them have no patch overdue.'),
      open: WindowOccurrence.optional().describe('The opening that is under way.'),
      next: WindowOccurrence.optional().describe('When the next of its windows opens.'),
      upcoming: Upcoming.optional(),
      progress: Progress.optional(),
      rings: RingStatuses.optional(),
      conditions: Conditions.optional(),
    })
    .describe('What holds; written by the operator.');
}

/** Their columns after those of who is meant and what. */
export const PATCH_POLICY_COLUMNS: KindDefinition['printerColumns'] = [
  {
    name: 'Compliant',
    type: 'integer',
    jsonPath: '.status.compliant',
    description: 'How many of them have no patch overdue.',
  },
  {
    name: 'Next window',
    type: 'string',
    jsonPath: '.status.next.start',
    description: 'When guests are patched next.',
  },
  {
    name: 'Updates',
    type: 'integer',
    jsonPath: '.status.upcoming.updates',
    description: 'How many approved updates are missing that are installed then.',
  },
  {
    name: 'Postponable until',
    type: 'string',
    jsonPath: '.status.upcoming.postponableUntil',
    description: 'Until when it can be postponed.',
  },
  {
    name: 'By',
    type: 'string',
    jsonPath: '.status.upcoming.postponableBy',
    description: 'Who may still postpone it.',
  },
  { name: 'Under way', type: 'string', jsonPath: '.status.progress.summary', description: 'How far an opening is.' },
  {
    name: 'Where',
    type: 'string',
    jsonPath: '.status.upcoming.where',
    description: 'What is patched next.',
    priority: 1,
  },
  { name: 'Suspended', type: 'boolean', jsonPath: '.spec.suspend', description: 'Whether it rests.' },
  {
    name: 'Ready',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].status',
    description: 'Whether it is in force.',
  },
  {
    name: 'Reason',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
    description: 'Why Ready is what it is.',
    priority: 1,
  },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
];
