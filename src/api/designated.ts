import { z } from 'zod';
import { Day } from './day.ts';

/** The exact version of a line on a system that the provider has proven and has guests brought to (AP-2, AP-14). */
export const Designated = z
  .strictObject({
    version: z
      .string()
      .max(64)
      .regex(/^[0-9][A-Za-z0-9.+:~-]*$/)
      .describe('Exact version of the first package of the first step of type package, as the distribution writes it.'),
    since: Day.describe('Day from which it is designated: 30 days later it is overdue where it is not installed.'),
  })
  .describe(
    'The version that orders are brought to, in their windows and with their interface closed. Absent: whichever is installed stays, and is patched with the system.',
  );
export type Designated = z.infer<typeof Designated>;
