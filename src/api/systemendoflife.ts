import { z } from 'zod';
import { ChangeReference } from './changereference.ts';
import { Instant, ObjectName } from './common.ts';
import { CustomerAnswer } from './endoflife.ts';

/** What is on record of the end of support of an operating system: it outlives the ChangeRequest that it speaks of. */
export const SystemEndOfLife = z
  .strictObject({
    operatingSystem: ObjectName.describe('OperatingSystem whose support ends.'),
    ends: Instant.describe('When: midnight UTC after its last day.'),
    offered: z
      .strictObject({
        at: Instant.describe('When.'),
        change: ChangeReference.describe('ChangeRequest that offers it.'),
      })
      .optional()
      .describe('The migration that was offered, once.'),
    reminded: Instant.optional().describe('When the customer was reminded.'),
    answer: CustomerAnswer.optional(),
    ceased: Instant.optional().describe(
      'Since when the managed services for it are ceased: only after a refusal or silence that is on record here (GE-12). They go on with another operating system (GE-11).',
    ),
  })
  .describe('How it stands with the end of support of its operating system, from 180 days before.');
export type SystemEndOfLife = z.infer<typeof SystemEndOfLife>;
