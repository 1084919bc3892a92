import { z } from 'zod';
import { ChangeReference } from './changereference.ts';
import { Instant } from './common.ts';
import { LineName } from './linename.ts';

export const CustomerAnswer = z
  .strictObject({
    decision: z
      .enum(['Approved', 'Rejected', 'Silent'])
      .describe('Silent: the customer had not answered when support had ended.'),
    by: z.string().max(400).optional().describe('Who decided for the customer, as he was proven.'),
    at: Instant.describe('When he decided, or when his silence was recorded.'),
  })
  .describe('What the customer has answered (GE-4). Absent: nothing yet.');
export type CustomerAnswer = z.infer<typeof CustomerAnswer>;

/** What is on record of the end of support of a line: it outlives the ChangeRequest that it speaks of. */
export const EndOfLife = z
  .strictObject({
    line: LineName.describe('Line whose support ends.'),
    ends: Instant.describe('When, by the clock that decides: midnight UTC after its last day.'),
    offered: z
      .strictObject({
        at: Instant.describe('When.'),
        to: LineName.describe('Line that was offered.'),
        change: ChangeReference.describe('ChangeRequest that offers it.'),
      })
      .optional()
      .describe('The change to another line that was offered, once. Absent: no path of the Product leads on.'),
    reminded: Instant.optional().describe('When the customer was reminded.'),
    answer: CustomerAnswer.optional(),
    ceased: Instant.optional().describe(
      'Since when the managed services for it are ceased: only after a refusal or silence that is on record here (GE-12).',
    ),
  })
  .describe('How it stands with the end of support of its line, from 180 days before.');
export type EndOfLife = z.infer<typeof EndOfLife>;
