import { z } from 'zod';
import { withRules } from './rules.ts';

export const DAY_PATTERN = /^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$/;

/** ECMAScript rolls 30 February over to March, so a day exists when it reads back as it was written. */
function isDay(text: string): boolean {
  const instant = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text);
}

/**
 * A calendar day, `YYYY-MM-DD`, from 1900 to 2999; it ends at midnight UTC. The order of texts is the order of time. Not by `format: date`: with a
 * format the API server takes a list for a string.
 */
export const Day = withRules(z.string().min(10).max(10).regex(DAY_PATTERN), {
  rule: "timestamp(self + 'T00:00:00Z') >= timestamp('1900-01-01T00:00:00Z')",
  message: 'must be a day that exists, e.g. 2028-06-30',
  holds: isDay,
});
