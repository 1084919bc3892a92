import { z } from 'zod';
import { withRules } from './rules.ts';

/** Area/Location, or UTC: leaves out what only one of Go and ECMAScript knows (`Local`, `posix/…`, offsets). */
const shape = /^(UTC|[A-Z][A-Za-z]+(\/[A-Z][A-Za-z0-9_+-]*){1,2})$/;

/** Whether the IANA database has a zone of exactly this spelling. */
function isTimeZone(name: string): boolean {
  if (!shape.test(name)) return false;
  try {
    // Temporal ignores case and answers with the database's own spelling; Go, and so the API server, does not.
    return new Temporal.ZonedDateTime(0n, name).timeZoneId === name;
  } catch {
    return false;
  }
}

/** Name of an IANA time zone. The CEL rule makes the API server load the zone, which fails for one that does not exist. */
export const TimeZone = withRules(z.string().min(1).max(64), {
  rule: `self.matches('${shape.source.replaceAll('\\/', '/')}') && timestamp('2000-01-01T00:00:00Z').getHours(self) >= 0`,
  message: 'must be an IANA time zone, written exactly as in its database, e.g. Europe/Berlin or UTC',
  holds: isTimeZone,
});
