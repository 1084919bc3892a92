import { LISTED_INCIDENTS, type LinkedIncident, type ProblemStatus } from '../../api/problem.ts';

/** Incidents of a Problem, the oldest first, and how many there are. */
export type Linked = { readonly incidents: readonly LinkedIncident[]; readonly count: number };

/**
 * What is there now and what was noted before, each once, in whatever order they were found. An incident that was noted and is there under its name with
 * another UID is a copy, or was restored: it is the one that was counted. `count` never falls: records may go when they are old.
 */
export function linkedOf(noted: Pick<ProblemStatus, 'incidents' | 'count'>, found: readonly LinkedIncident[]): Linked {
  const byName = new Map(found.map(each => [each.name, each]));
  for (const each of noted.incidents ?? []) byName.set(each.name, withLast(each, byName.get(each.name)));
  const incidents = [...byName.values()].map(listed).toSorted(byDetection);
  return { incidents, count: Math.max(noted.count ?? 0, incidents.length) };
}

/** As a status holds them: the newest. */
export function shownOf({ incidents, count }: Linked): Pick<ProblemStatus, 'incidents' | 'count' | 'last'> {
  const last = incidents.map(lastOf).toSorted().at(-1);
  return { count, ...(last && { last }), incidents: incidents.slice(-LISTED_INCIDENTS) };
}

/** When it began for the last time. */
export function lastOf({ detectedAt, last }: LinkedIncident): string {
  return last ?? detectedAt;
}

function withLast(noted: LinkedIncident, found: LinkedIncident | undefined): LinkedIncident {
  const isSame = found?.uid === noted.uid && lastOf(found) > lastOf(noted);
  return isSame ? { ...noted, last: lastOf(found) } : noted;
}

function listed({ name, uid, detectedAt, last, priority }: LinkedIncident): LinkedIncident {
  return { name, uid, detectedAt, ...(last !== undefined && last > detectedAt && { last }), priority };
}

function byDetection(a: LinkedIncident, b: LinkedIncident): number {
  if (a.detectedAt !== b.detectedAt) return a.detectedAt < b.detectedAt ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}
