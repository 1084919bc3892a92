import type { Incident } from '../../api/incident.ts';
import type { OpenIncidents } from '../../api/openincidents.ts';

/** How many are open, and when the latest was detected; undefined: none is. */
export function openIncidents(incidents: readonly Incident[]): OpenIncidents | undefined {
  const open = incidents.filter(isOpen);
  const latest = open
    .flatMap(({ status }) => status?.timeline?.[0]?.at ?? [])
    .toSorted()
    .at(-1);
  return latest === undefined ? undefined : { open: open.length, latest };
}

/** What is invalid or a copy has no phase. */
function isOpen({ status }: Incident): boolean {
  return status?.phase !== undefined && status.phase !== 'Resolved' && status.phase !== 'Closed';
}
