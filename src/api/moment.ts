import { z } from 'zod';
import { withRules } from './rules.ts';

export const MOMENT_PATTERN =
  /^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$/;

/** ECMAScript rolls 30 February over to March, so an instant exists when it reads back as it was written. */
function exists(text: string): boolean {
  const instant = new Date(text);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text.slice(0, 19));
}

/** An instant in the same spelling that Steward writes itself, in lists too long for a CEL rule on each entry. */
export const WrittenMoment = z.string().min(20).max(20).regex(MOMENT_PATTERN);

/**
 * An instant that a person or program writes: RFC 3339 in UTC with whole seconds, from 1900 to 2999. Each has one spelling, so that the order
 * of texts is the order of time. Not by `format: date-time`: with a format the API server takes a list for a string.
 */
export const Moment = withRules(z.string().min(20).max(20).regex(MOMENT_PATTERN), {
  rule: "timestamp(self) >= timestamp('1900-01-01T00:00:00Z')",
  message: 'must be an instant that exists, in UTC, e.g. 2026-12-01T20:00:00Z',
  holds: exists,
});
