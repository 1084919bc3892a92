import { z } from 'zod';
import { Instant } from './common.ts';

const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** How far a restore of the data of an application is in its guest, as the guest says. */
export const GuestRestore = z
  .strictObject({
    order: z.string().min(1).max(64).describe('UID of the Restore that asks for it.'),
    phase: z
      .enum(['Begun', 'Filled', 'Done', 'Back', 'Failed'])
      .optional()
      .describe(
        'Filled: the data of the dump are there, and nobody is let in yet. Failed: the data of before serve. Absent: nothing was begun.',
      ),
    closed: Instant.optional().describe('When nobody was let in any more, by the guest’s clock.'),
    tables: count.optional().describe('Tables that were restored and compared.'),
    rows: count.optional().describe('Rows that were restored and compared.'),
    why: z.string().max(256).optional().describe('Why it was taken back, in bounded words of the guest’s.'),
  })
  .describe('A restore of its data (AP-13).');
export type GuestRestore = z.infer<typeof GuestRestore>;
