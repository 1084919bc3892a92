/** Where a Problem stands: pure, of what people say, its incidents, the change that is its remedy, and the time (MO-15). */
import type { ChangeRequest } from '../../api/changerequest.ts';
import {
  type Problem,
  type ProblemPhase,
  ProblemSpec,
  type ProblemStatus,
  type ProblemTerms,
} from '../../api/problem.ts';
import { type ConditionInput, earliest, instant } from '../contract/condition.ts';
import { bounded, cut } from '../contract/excerpt.ts';
import { readable } from '../contract/readable.ts';
import { sentence, type Unreadable } from '../contract/unreadable.ts';
import { type Closing, closedBy, closingsOf, type RemedySeen } from './closing.ts';
import { chainOf, type Fault, type FaultIncident, isCopy, isWithin, reachOf } from './fault.ts';
import { type Linked, linkedOf, shownOf } from './linked.ts';

export type ProblemFacts = {
  readonly problem: Problem;
  /** Those of its subject that count. */
  readonly incidents: readonly FaultIncident[];
  /** Those of its subject, itself too. */
  readonly problems: readonly Problem[];
  /** The ChangeRequest in its namespace that has the name of its remedy. */
  readonly change: ChangeRequest | undefined;
  /** What must be known and cannot be read. */
  readonly unreadable?: Unreadable | undefined;
  /** The provider's, where it has none of its own. */
  readonly terms: ProblemTerms;
  readonly now: Date;
};

export type ProblemAssessment = {
  readonly status: Omit<ProblemStatus, 'conditions'>;
  readonly conditions: readonly ConditionInput[];
  readonly nextEdge?: Date | undefined;
  readonly isOpen: boolean;
};

type Judged = {
  readonly spec: ProblemSpec;
  readonly linked: Linked;
  readonly remedy: RemedySeen | undefined;
  readonly closings: readonly Closing[];
  readonly closed: Closing | undefined;
};

export function assessProblem(facts: ProblemFacts): ProblemAssessment {
  const { problem, unreadable, now } = facts;
  const { generation } = problem.metadata;
  const seen = generation === undefined ? {} : { observedGeneration: generation };
  const { conditions: _conditions, ...noted } = problem.status ?? {};
  const { spec, problem: fault } = readable(ProblemSpec, problem.spec);
  // What was counted must not be forgotten, whatever else is known.
  if (spec === undefined) {
    return { status: { ...noted, ...seen }, conditions: stalled(cut(`${fault}.`, 300)), isOpen: false };
  }
  if (isCopy(problem)) return { status: seen, conditions: stalled(COPIED, 'Copied'), isOpen: false };
  if (unreadable !== undefined) {
    return { status: { ...noted, ...seen }, conditions: notReadable(unreadable), isOpen: noted.closedAt === undefined };
  }
  const judged = judge(spec, facts);
  const { linked, remedy, closings, closed } = judged;
  const held = closings.find(({ by, cameBack }) => by === 'Remedy' && cameBack === undefined);
  const solved = solvedCondition(judged);
  return {
    status: {
      ...seen,
      phase: phaseOf(judged),
      ...shownOf(linked),
      ...(remedy && kept(remedy)),
      ...(held && { heldUntil: instant(new Date(held.at)) }),
      ...(closed && { closedAt: instant(new Date(closed.at)) }),
    },
    conditions: [readiness(judged), solved].map(each => ({ ...each, message: bounded(each.message) })),
    nextEdge: earliest(...closings.filter(({ at }) => at > now.getTime()).map(({ at }) => new Date(at))),
    isOpen: closed === undefined,
  };
}

function judge(spec: ProblemSpec, facts: ProblemFacts): Judged {
  const { problem, now } = facts;
  const terms = spec.terms ?? facts.terms;
  const fault: Fault = { subjectUid: spec.subject.uid, alert: spec.alert };
  const reach = reachOf(problem, chainOf(facts.problems, fault), terms);
  const found = facts.incidents.filter(each => each.alert === fault.alert && isWithin(reach, each));
  const all = linkedOf(problem.status ?? {}, found);
  const remedy = remedyOf(spec, problem.status, facts.change);
  const closings = closingsOf({ handling: spec.handling ?? {}, remedy, terms, incidents: all.incidents, now });
  const closed = closedBy(closings, now);
  if (closed === undefined) return { spec, linked: all, remedy, closings, closed };
  // What came when it was long closed is another Problem's.
  const until = instant(new Date(closed.at));
  const own = found.filter(({ detectedAt }) => detectedAt <= until);
  return { spec, linked: linkedOf(problem.status ?? {}, own), remedy, closings, closed };
}

/** Bound to the UID that was found first: another of its name has not removed the cause. What was seen of it stays when it is gone. */
function remedyOf(
  { handling }: ProblemSpec,
  status: ProblemStatus | undefined,
  change: ChangeRequest | undefined,
): RemedySeen | undefined {
  const named = handling?.remedy?.change;
  if (named === undefined) return undefined;
  const { name } = named;
  const noted = status?.remedy?.name === name ? status.remedy : undefined;
  const uid = named.uid ?? noted?.uid ?? change?.metadata.uid;
  if (uid === undefined || change?.metadata.uid !== uid) {
    const succeededAt = noted?.uid === uid ? noted?.succeededAt : undefined;
    return { name, uid, succeededAt, isMissing: true };
  }
  const isDone = change.status?.conditions?.some(({ type, status: is }) => type === 'Done' && is === 'True') === true;
  const { outcome, finishedAt } = change.spec?.result ?? {};
  // Done is False as long as the end that is said lies ahead.
  if (!isDone) return { name, uid };
  return outcome === 'Succeeded' ? { name, uid, succeededAt: finishedAt } : { name, uid, ended: outcome };
}

function kept({ name, uid, succeededAt }: RemedySeen): Pick<ProblemStatus, 'remedy'> {
  return uid === undefined ? {} : { remedy: { name, uid, ...(succeededAt && { succeededAt }) } };
}

function phaseOf({ spec: { handling }, remedy, closings, closed }: Judged): ProblemPhase {
  if (closed !== undefined) return 'Closed';
  if (closings.some(({ by, cameBack }) => by === 'Remedy' && cameBack === undefined)) return 'Proving';
  const isOver = remedy?.succeededAt !== undefined || remedy?.ended !== undefined;
  if (remedy !== undefined && !isOver && remedy.isMissing !== true) return 'Remedying';
  return handling?.knownError === undefined ? 'Open' : 'KnownError';
}

function solvedCondition(judged: Judged): ConditionInput {
  const [status, reason, message] = solution(judged);
  return { type: 'Solved', status, reason, message: `${counted(judged)} ${message}` };
}

function counted({ spec, linked: { incidents, count } }: Judged): string {
  const what = spec.alert === undefined ? 'that people reported' : `by ${spec.alert}`;
  const last = incidents.at(-1);
  const newest = last === undefined ? '' : `, the last one ${last.name} on ${last.detectedAt}`;
  return `${count} ${count === 1 ? 'incident' : 'incidents'} of ${spec.subject.kind} ${spec.subject.name} ${what}${newest}.`;
}

function solution({ spec, remedy, closings, closed }: Judged): ['True' | 'False', string, string] {
  const { handling = {} } = spec;
  const at = (time: number) => instant(new Date(time));
  if (closed?.by === 'Hand')
    return [
      'True',
      'ClosedByHand',
      `${handling.closed?.by} closed it as of ${at(closed.at)}: ${handling.closed?.cause}`,
    ];
  const change = remedy && `ChangeRequest ${remedy.name}`;
  if (closed !== undefined) return ['True', 'RemedyHeld', `${change} has held: none came until ${at(closed.at)}.`];
  const again = closings.find(({ cameBack }) => cameBack !== undefined);
  const proving = closings.find(({ by, cameBack }) => by === 'Remedy' && cameBack === undefined);
  if (proving !== undefined)
    return ['False', 'RemedyOnProof', `${change} has succeeded; if none comes before ${at(proving.at)}, it has held.`];
  if (again?.cameBack !== undefined) {
    const after = again.by === 'Remedy' ? `${change} had succeeded` : `${handling.closed?.by} had closed it`;
    return [
      'False',
      'CameBack',
      `${again.cameBack.name} came after ${after}: name another remedy, or close it with a cause.`,
    ];
  }
  if (remedy === undefined) return causeOnly(handling);
  if (remedy.isMissing) {
    const which = remedy.uid === undefined ? '' : ` of uid ${remedy.uid}`;
    return ['False', 'RemedyNotFound', `There is no ${change}${which} in this namespace.`];
  }
  if (remedy.ended !== undefined) return ['False', 'RemedyNotDone', `${change} ended otherwise: ${remedy.ended}.`];
  return ['False', 'RemedyUnderWay', `${change} is not over yet.`];
}

function causeOnly({ knownError }: NonNullable<ProblemSpec['handling']>): ['False', string, string] {
  return knownError === undefined
    ? ['False', 'CauseUnknown', 'Nobody has said the cause: spec.handling.knownError.']
    : ['False', 'NoRemedy', `The cause is known, says ${knownError.by}; no change that removes it is named.`];
}

function readiness(judged: Judged): ConditionInput {
  const { opened } = judged.spec;
  return {
    type: 'Ready',
    status: 'True',
    reason: phaseOf(judged),
    message: `Opened by ${opened.by} on ${opened.at}: ${opened.reason}`,
  };
}

const COPIED =
  'Steward opened another Problem of which this is a copy, or which was restored long after: it counts nothing, and no incident is part of it. Delete it; what recurs is opened anew (GE-8).';

function stalled(message: string, reason = 'InvalidProblem'): ConditionInput[] {
  return [
    { type: 'Ready', status: 'False', reason, message },
    { type: 'Stalled', status: 'True', reason, message },
    { type: 'Solved', status: 'Unknown', reason, message },
  ];
}

function notReadable(unreadable: Unreadable): ConditionInput[] {
  const message = sentence(unreadable);
  return ['Ready', 'Solved'].map(type => ({ type, status: 'Unknown', reason: 'KindNotReadable', message }));
}
