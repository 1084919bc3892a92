import { z } from 'zod';
import { Instant } from './common.ts';

/** How far the change of the line of an application is in its guest, as the guest says. */
export const GuestLineChange = z
  .strictObject({
    phase: z
      .enum(['Begun', 'Changed', 'Done', 'Back', 'Failed', 'Retired'])
      .optional()
      .describe('Changed: the data are in the new line, and nobody is let in yet. Absent: nothing was begun.'),
    at: Instant.optional().describe('When it was begun, by the guest’s clock.'),
    checks: z
      .string()
      .max(256)
      .describe('What stands against it, or by what it has failed; empty: nothing, or nobody has asked.'),
  })
  .describe('A change of the version line.');
export type GuestLineChange = z.infer<typeof GuestLineChange>;
