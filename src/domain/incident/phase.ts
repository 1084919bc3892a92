import type { IncidentPhase, IncidentTerms, TimelineEntry } from '../../api/incident.ts';
import { counts } from './clocks.ts';
import { standing } from './timeline.ts';

/** Where an incident stands: Queued is one that nobody has begun and that waits for the next core hour (MO-6). */
export function phaseOf(
  timeline: readonly TimelineEntry[],
  terms: IncidentTerms | undefined,
  now: Date,
): IncidentPhase {
  const stands = standing(timeline);
  if (stands === 'Waiting') return 'WaitingForCustomer';
  if (stands !== 'Open') return stands;
  if (timeline.some(({ what }) => what === 'Responded')) return 'InProgress';
  return terms !== undefined && !counts(terms, now) ? 'Queued' : 'New';
}
