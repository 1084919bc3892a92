import { type Problem, ProblemSpec, type ProblemTerms } from '../../api/problem.ts';
import { timeAt } from '../contract/json.ts';
import { readable } from '../contract/readable.ts';
import { reopenableUntil } from './closing.ts';
import { chainOf, type FaultIncident, isWithin, reachOf } from './fault.ts';

/**
 * The Problem that an incident is part of: the one that counts it, or will as soon as it looks; undefined: none. `problems`: those of its subject, one with
 * exactly this UID.
 */
export function problemPartOf(
  subjectUid: string,
  incident: FaultIncident,
  problems: readonly Problem[],
  provider: ProblemTerms,
): Problem | undefined {
  const noted = problems.find(({ status }) => status?.incidents?.some(({ uid }) => uid === incident.uid));
  if (noted !== undefined) return noted;
  const chain = chainOf(problems, { subjectUid, alert: incident.alert });
  return chain.findLast(problem => {
    const terms = readable(ProblemSpec, problem.spec).spec?.terms ?? provider;
    const closedAt = timeAt(problem.status, 'closedAt');
    const isOpenFor =
      closedAt === undefined || Date.parse(incident.detectedAt) <= reopenableUntil(closedAt.getTime(), terms);
    return isOpenFor && isWithin(reachOf(problem, chain, terms), incident);
  });
}
