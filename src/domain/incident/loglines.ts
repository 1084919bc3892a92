import type { LogLine } from '../../api/loglines.ts';

/** What comes before an alarm and may be why: its rule waits for minutes before it fires. Milliseconds. */
const BEFORE_MS = 15 * 60_000;

/**
 * The lines of a guest's log that belong to an incident (MO-12): those from shortly before it was detected, as they were first seen; the log goes on, and
 * what an incident says does not. Undefined: none was seen. `told`: what the guest's record says now.
 */
export function linesOfIncident(
  kept: readonly LogLine[] | undefined,
  told: readonly LogLine[] | undefined,
  detectedAt: Date,
): readonly LogLine[] | undefined {
  if (kept !== undefined) return kept;
  const near = (told ?? []).filter(({ at }) => Date.parse(at) >= detectedAt.getTime() - BEFORE_MS);
  return near.length > 0 ? near : undefined;
}
