import { z } from 'zod';
import { Conditions, ObservedGeneration } from './common.ts';
import type { KindDefinition } from './kind.ts';
import { RingStatuses } from './ringstatus.ts';
import { WindowOccurrence } from './windowtimes.ts';

/** Status of both kinds of policies on patching. */
export function patchPolicyStatus(managedVMs: string) {
  return z
    .strictObject({
      observedGeneration: ObservedGeneration.optional(),
      managedVMs: z.int().min(0).optional().describe(managedVMs),
      compliant: z.int().min(0).optional().describe('How many of them have no patch overdue.'),
      open: WindowOccurrence.optional().describe('The opening that is under way.'),
      next: WindowOccurrence.optional().describe('When the next of its windows opens.'),
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
