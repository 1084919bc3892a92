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

/**
 * Whether anybody has to see to it. What is invalid or a copy has no phase; and of what is unproven nothing follows, for anybody may have made it up: no
 * one is called, and no guest is looked into.
 */
export function isOpen({ spec, status }: Incident): boolean {
  const { phase } = status ?? {};
  return phase !== undefined && phase !== 'Resolved' && phase !== 'Closed' && spec.proof?.verdict !== 'Unproven';
}
