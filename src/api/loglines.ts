import { z } from 'zod';
import { Instant } from './common.ts';
import { ATOMIC } from './guestupdates.ts';

/** Lines of a guest's log that are kept, and UTF-16 units of each. */
export const MOST_LOG_LINES = 20;
export const LOG_LINE_LENGTH = 300;

const LogLine = z.strictObject({
  at: Instant.describe('When the sensor read it.'),
  event: z
    .string()
    .max(40)
    .regex(/^[a-z][a-z0-9_]*$/)
    .describe('As which event it was counted.'),
  text: z.string().max(LOG_LINE_LENGTH).describe('The line, bounded, without what may open something.'),
});
export type LogLine = z.infer<typeof LogLine>;

/** The last lines of a guest's log that matter (MO-12): words of the guest's, and no proof of anything. */
export const LogLines = z.array(LogLine).max(MOST_LOG_LINES).meta(ATOMIC);
