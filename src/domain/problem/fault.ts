/** What keeps going wrong: one alert of exactly one system, and the Problems that there were of it, one after the other (MO-15). */
import { millisecondsOf } from '../../api/duration.ts';
import type { LinkedIncident, Problem, ProblemTerms } from '../../api/problem.ts';
import { shortHash } from '../contract/child.ts';
import { at, textAt } from '../contract/json.ts';

/** Undefined: incidents that people reported. */
export type Fault = { readonly subjectUid: string; readonly alert: string | undefined };

/** An incident, as far as Problems look at it. Whether it counts at all is decided before. */
export type FaultIncident = LinkedIncident & {
  readonly alert: string | undefined;
  /** When it began, and each time that it began anew before it was closed, in their order. */
  readonly times: readonly string[];
};

/** Where the time of a Problem begins and ends: what comes then belongs to it, and to no other. Milliseconds. */
export type Reach = { readonly from: number; readonly until: number };

/** By subject, alert and ordinal: whoever opens it opens the same one. */
export function problemName({ subjectUid, alert }: Fault, ordinal: number): string {
  return `prb-${shortHash(JSON.stringify([subjectUid, alert ?? null, ordinal]), 12)}`;
}

/** One that came into the cluster so much later than it was opened was not put there by Steward: a restore brought it. Milliseconds. */
const COPY_MS = 10 * 60_000;

/**
 * Whether it is a copy of one that Steward has opened: it has another name than follows from what keeps going wrong, or came long after. What a person opens is
 * his word each time, and admission holds it to him.
 */
export function isCopy({ metadata, spec }: Problem): boolean {
  const ordinal = at(spec, 'ordinal');
  if (typeof ordinal !== 'number') return false;
  const fault = { subjectUid: textAt(spec, 'subject', 'uid') ?? '', alert: textAt(spec, 'alert') };
  const opened = textAt(spec, 'opened', 'at') ?? '';
  const came = metadata.creationTimestamp ?? opened;
  return metadata.name !== problemName(fault, ordinal) || Date.parse(came) - Date.parse(opened) > COPY_MS;
}

export function isOfFault({ spec }: Problem, { subjectUid, alert }: Fault): boolean {
  return textAt(spec, 'subject', 'uid') === subjectUid && textAt(spec, 'alert') === alert;
}

/** Problems of a fault in the order in which they were opened, without copies. What was stored under another schema may name no instant. */
export function chainOf(problems: readonly Problem[], fault: Fault): readonly Problem[] {
  return problems.filter(each => isOfFault(each, fault) && !isCopy(each)).toSorted(byOpening);
}

/** `terms`: of the Problem itself, or the provider's. */
export function reachOf(problem: Problem, chain: readonly Problem[], terms: ProblemTerms): Reach {
  const { uid } = problem.metadata;
  const place = chain.findIndex(each => each.metadata.uid === uid);
  const next = chain[place + 1];
  const lookedBack = openedAt(problem) - millisecondsOf(terms.within);
  const begin = place > 0 ? beginOf(problem) : givenSince(problem);
  return {
    from: Math.max(lookedBack, begin ?? lookedBack),
    until: place === -1 || next === undefined ? Number.POSITIVE_INFINITY : beginOf(next),
  };
}

export function isWithin({ from, until }: Reach, { detectedAt }: Pick<LinkedIncident, 'detectedAt'>): boolean {
  const at = Date.parse(detectedAt);
  return from <= at && at < until;
}

/** One that follows another takes over where it says, or when it was opened: no incident is counted by both. */
function beginOf(problem: Problem): number {
  return givenSince(problem) ?? openedAt(problem);
}

function givenSince({ spec }: Problem): number | undefined {
  const since = textAt(spec, 'since');
  return since === undefined ? undefined : Date.parse(since);
}

function openedAt({ spec, metadata }: Problem): number {
  return Date.parse(textAt(spec, 'opened', 'at') ?? metadata.creationTimestamp ?? '');
}

function byOpening(a: Problem, b: Problem): number {
  return openedAt(a) - openedAt(b) || (a.metadata.name < b.metadata.name ? -1 : 1);
}
