/** Where an incident stands: pure, of what was seen, what people did, what was agreed, and the time. */
import { type Incident, IncidentSpec, type IncidentStatus, type RemediationStep } from '../../api/incident.ts';
import type { LogLine } from '../../api/loglines.ts';
import { type ConditionInput, earliest } from '../contract/condition.ts';
import { bounded, cut } from '../contract/excerpt.ts';
import { readable } from '../contract/readable.ts';
import { nextClosed, nextOpen } from '../time/businesstime.ts';
import { type Clocks, clocksOf } from './clocks.ts';
import { inTimeCondition, phaseMessage, resolvedCondition, respondedCondition } from './conditions.ts';
import type { AgreedTerms, SubjectFacts } from './facts.ts';
import { linesOfIncident } from './loglines.ts';
import { phaseOf } from './phase.ts';
import { type Rated, ratedAs } from './rating.ts';
import { advanced, closesAt, isFiring, standing } from './timeline.ts';

/** How long a closed incident is kept: the report of its month is made from the records, not from it (GE-8). */
const KEPT_MS = 90 * 24 * 3_600_000;

export type IncidentFacts = {
  readonly incident: Incident;
  /** What is concerned, of the name that it gives. `Unknown`: it cannot be read. */
  readonly subject: { readonly uid: string; readonly facts: SubjectFacts | undefined } | 'Missing' | 'Unknown';
  /** What was agreed when it was detected; undefined: it cannot be read. */
  readonly agreed: AgreedTerms | undefined;
  readonly contract: string | undefined;
  readonly problem: string | undefined;
  readonly remediation: readonly RemediationStep[];
  /** What Steward does about it by itself, or why it does nothing, in full sentences. */
  readonly remedy?: string | undefined;
  /** The last lines of the guest's log that matter, as its record says. */
  readonly lines?: readonly LogLine[] | undefined;
  readonly now: Date;
};

export type IncidentAssessment = {
  readonly status: Omit<IncidentStatus, 'conditions'>;
  readonly conditions: readonly ConditionInput[];
  readonly nextEdge?: Date | undefined;
  /** Whether it is an incident at all: not a copy, and readable. */
  readonly isJudged?: boolean;
  /** What is to be written once, before anything else. */
  readonly rated?: Rated;
  /** Whether it is old enough to be forgotten. */
  readonly isOver?: boolean;
};

export function assessIncident(facts: IncidentFacts): IncidentAssessment {
  const { incident } = facts;
  const { generation, uid = '' } = incident.metadata;
  const seen = generation === undefined ? {} : { observedGeneration: generation };
  const { spec, problem } = readable(IncidentSpec, incident.spec);
  if (spec === undefined) return { status: seen, conditions: stalled('InvalidIncident', cut(`${problem}.`, 300)) };
  if (spec.rating && spec.rating.incident !== uid) return { status: seen, conditions: stalled('Copied', COPIED) };
  const rated = ratedNow(spec, facts);
  if (rated) return { status: seen, conditions: [], rated };
  return stood(spec, facts, seen);
}

const COPIED =
  'Its rating was written for another Incident: it was restored or copied, runs no clock and counts nowhere. Delete it; what does not work is told anew (GE-8).';

function stood(
  spec: IncidentSpec,
  { incident, subject, contract, problem, remediation, remedy, lines: told, now }: IncidentFacts,
  seen: Pick<IncidentStatus, 'observedGeneration'>,
): IncidentAssessment {
  const created = new Date(incident.metadata.creationTimestamp ?? now);
  const concerned = incident.status?.subject ?? uidOf(spec, subject);
  const isGone = concerned !== undefined && (subject === 'Missing' || (isRead(subject) && subject.uid !== concerned));
  const timeline = advanced(incident.status?.timeline ?? [], { spec, created, remediation, isGone, now });
  const terms = spec.proof?.verdict === 'Unproven' ? undefined : spec.terms;
  const clocks = terms && clocksOf(timeline, terms, now);
  const phase = phaseOf(timeline, terms, now);
  const judged = { spec, timeline, terms, clocks, phase, isMissing: concerned === undefined && subject === 'Missing' };
  const conditions = [respondedCondition(judged), resolvedCondition(judged), inTimeCondition(judged)];
  const firing = isFiring(spec);
  const lines = linesOfIncident(incident.status?.lines, told, new Date(timeline[0]?.at ?? created));
  const forgotten = phase === 'Closed' ? forgottenAt(timeline) : undefined;
  const isMended = remedy !== undefined && (phase === 'New' || phase === 'InProgress');
  const message = `${phaseMessage(judged)}${isMended ? ` ${remedy}` : ''}`;
  return {
    status: {
      ...seen,
      ...{ phase, message: cut(message, 1000), timeline },
      ...(concerned !== undefined && { subject: concerned }),
      ...(contract !== undefined && { contract }),
      ...(firing !== undefined && { firing }),
      ...(clocks && { response: clocks.response, resolution: clocks.resolution }),
      ...(remediation.length > 0 && { remediation: [...remediation] }),
      ...(problem !== undefined && { problem }),
      ...(lines && { lines: [...lines] }),
    },
    conditions: [readiness(judged, message), ...conditions].map(each => ({ ...each, message: bounded(each.message) })),
    nextEdge: earliest(...edges(judged, clocks, now), forgotten),
    isJudged: true,
    isOver: forgotten !== undefined && forgotten <= now,
  };
}

/** A rating is written once, by what is known then; what cannot be read is waited for. What is unproven is not rated: nothing follows from it. */
function ratedNow(spec: IncidentSpec, { incident, subject, agreed, now }: IncidentFacts): Rated | undefined {
  if (spec.rating || spec.proof?.verdict === 'Unproven' || incident.status?.phase === 'Closed') return undefined;
  if (!isRead(subject) || subject.facts === undefined || agreed === undefined) return undefined;
  const concerned = incident.status?.subject ?? spec.subject.uid;
  if (concerned !== undefined && concerned !== subject.uid) return undefined;
  const detectedAt = new Date(spec.detectedAt ?? incident.metadata.creationTimestamp ?? now);
  return ratedAs({ metadata: incident.metadata, spec }, subject.facts, agreed, detectedAt);
}

type Subject = IncidentFacts['subject'];

function isRead(subject: Subject): subject is Exclude<Subject, string> {
  return typeof subject !== 'string';
}

/** UID of what is concerned: the one that is named, or that has the name when it is first looked at. */
function uidOf({ subject: { uid } }: IncidentSpec, subject: Subject): string | undefined {
  return uid ?? (isRead(subject) ? subject.uid : undefined);
}

type Judged = Parameters<typeof phaseMessage>[0];

function edges({ timeline, terms, phase }: Judged, clocks: Clocks | undefined, now: Date): (Date | undefined)[] {
  const [last] = timeline.slice(-1);
  const closes = standing(timeline) === 'Resolved' && last ? closesAt(last) : undefined;
  const calendar = terms?.calendar?.spec;
  if (calendar === undefined || (phase !== 'New' && phase !== 'Queued')) return [clocks?.nextEdge, closes];
  return [clocks?.nextEdge, closes, phase === 'Queued' ? nextOpen(calendar, now) : nextClosed(calendar, now)];
}

function forgottenAt(timeline: IncidentStatus['timeline']): Date | undefined {
  const closed = timeline?.findLast(({ what }) => what === 'Closed');
  return closed && new Date(Date.parse(closed.at) + KEPT_MS);
}

function readiness({ isMissing, spec }: Judged, message: string): ConditionInput {
  if (!isMissing) return { type: 'Ready', status: 'True', reason: 'Judged', message };
  const { kind, name } = spec.subject;
  return {
    ...{ type: 'Ready', status: 'False', reason: 'SubjectNotFound' },
    message: `There is no ${kind} ${name} in this namespace: it is rated when there is.`,
  };
}

function stalled(reason: string, message: string): ConditionInput[] {
  return [
    { type: 'Ready', status: 'False', reason, message },
    { type: 'Stalled', status: 'True', reason, message },
    { type: 'InTime', status: 'Unknown', reason, message },
  ];
}
