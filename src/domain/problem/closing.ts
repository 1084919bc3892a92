/** When a Problem is closed, and what opens it again: of what people say, how the remedy went, and the incidents since. */
import { millisecondsOf } from '../../api/duration.ts';
import type { LinkedIncident, ProblemHandling, ProblemTerms } from '../../api/problem.ts';
import { lastOf } from './linked.ts';

/** How the change that removes the cause stands. */
export type RemedySeen = {
  readonly name: string;
  /** Undefined: none of that name was ever seen. */
  readonly uid?: string | undefined;
  /** When it was over and had succeeded. */
  readonly succeededAt?: string | undefined;
  /** How it ended otherwise. */
  readonly ended?: string | undefined;
  /** Whether it is gone, or another has its name. */
  readonly isMissing?: boolean;
};

export type ClosingFacts = {
  readonly handling: ProblemHandling;
  readonly remedy: RemedySeen | undefined;
  readonly terms: ProblemTerms;
  /** Those that it may count, the oldest first. */
  readonly incidents: readonly LinkedIncident[];
  readonly now: Date;
};

/** Why it counts as closed, since when (`at`, milliseconds); or that such an incident came back after all. */
export type Closing = {
  readonly by: 'Remedy' | 'Hand';
  readonly at: number;
  /** The first incident that speaks against it. */
  readonly cameBack: LinkedIncident | undefined;
};

/**
 * What would close it. A remedy closes it when it has held for its time, and is spoken against by the first incident after the change; a person's word by
 * the first after that. So long after closing as recurrence looks back it is the same Problem that comes back; later, it would be another one.
 */
export function closingsOf({ handling, remedy, terms, incidents }: ClosingFacts): readonly Closing[] {
  const { closed } = handling;
  const held = remedy?.succeededAt;
  return [
    ...(held === undefined ? [] : [closing('Remedy', held, millisecondsOf(terms.heldFor))]),
    ...(closed === undefined ? [] : [closing('Hand', closed.at, 0)]),
  ];

  function closing(by: Closing['by'], since: string, forMs: number): Closing {
    const at = Date.parse(since) + forMs;
    const cameBack = incidents.find(each => lastOf(each) > since);
    const isSame = cameBack !== undefined && Date.parse(lastOf(cameBack)) <= reopenableUntil(at, terms);
    return { by, at, cameBack: isSame ? cameBack : undefined };
  }
}

/** The closing that holds now, the earliest of them. */
export function closedBy(closings: readonly Closing[], now: Date): Closing | undefined {
  return closings
    .filter(({ at, cameBack }) => at <= now.getTime() && cameBack === undefined)
    .toSorted((a, b) => a.at - b.at)[0];
}

/** Until when what comes back opens the same Problem again. Milliseconds. */
export function reopenableUntil(closedAt: number, { within }: Pick<ProblemTerms, 'within'>): number {
  return closedAt + millisecondsOf(within);
}
