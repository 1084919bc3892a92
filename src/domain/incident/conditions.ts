/** What is said of an incident, in full sentences with instants. */
import type { IncidentClock, IncidentPhase, IncidentSpec, IncidentTerms, TimelineEntry } from '../../api/incident.ts';
import type { ConditionInput } from '../contract/condition.ts';
import type { Clocks } from './clocks.ts';

export type Judged = {
  readonly spec: IncidentSpec;
  readonly timeline: readonly TimelineEntry[];
  readonly terms: IncidentTerms | undefined;
  readonly clocks: Clocks | undefined;
  readonly phase: IncidentPhase;
  /** Nothing of the name that it gives was ever there. */
  readonly isMissing: boolean;
};

export function phaseMessage({ spec, timeline, clocks, phase }: Judged): string {
  const last = timeline.at(-1);
  const priority = spec.rating?.priority;
  const what = priority === undefined ? 'Not rated' : priority;
  const why =
    spec.proof?.verdict === 'Unproven'
      ? ` The alert is unproven, and nothing follows from it: ${spec.proof.message ?? 'it is none of ours.'}`
      : '';
  switch (phase) {
    case 'New':
      return `${what}: nobody has begun.${due('Response', clocks?.response)}${why}`;
    case 'Queued':
      return `${what}: it waits for the next core hour.${due('Response', clocks?.response)}${why}`;
    case 'InProgress':
      return `${what}: ${responder(timeline)} has begun.${due('Resolution', clocks?.resolution)}${claimed(spec)}${why}`;
    case 'WaitingForCustomer':
      return `${what}: the customer is waited for since ${last?.at}: ${ended(last?.why ?? 'no reason')}${left(clocks?.resolution)}`;
    case 'Resolved':
      return `${what}: resolved at ${resolution(timeline)?.at} by ${resolution(timeline)?.by}. It is closed 72h after that.`;
    case 'Closed':
      return `${what}: resolved at ${resolution(timeline)?.at} by ${resolution(timeline)?.by}, and closed at ${last?.at}.`;
  }
}

export function respondedCondition({ timeline, clocks }: Judged): ConditionInput {
  const entry = timeline.find(({ what }) => what === 'Responded');
  const taken = spent(clocks?.response);
  if (entry) {
    const how = entry.why === undefined ? '' : ` (${entry.why})`;
    return condition('Responded', 'True', 'Begun', `${entry.by} has begun at ${entry.at}${how}${taken}.`);
  }
  const over = timeline.find(({ what }) => what === 'Resolved');
  if (over)
    return condition(
      'Responded',
      'True',
      'NothingToDo',
      `It was over at ${over.at}, before anybody had begun${taken}.`,
    );
  return condition('Responded', 'False', 'NobodyHasBegun', `Nobody has begun.${due('Response', clocks?.response)}`);
}

export function resolvedCondition(judged: Judged): ConditionInput {
  const { spec, timeline, clocks, phase } = judged;
  if (phase === 'Resolved' || phase === 'Closed') {
    const entry = resolution(timeline);
    const outcome = spec.handling?.resolution?.outcome ?? 'Mended';
    return condition(
      'Resolved',
      'True',
      outcome,
      `Resolved at ${entry?.at} by ${entry?.by}${spent(clocks?.resolution)}${cause(spec)}.`,
    );
  }
  if (phase === 'WaitingForCustomer') return condition('Resolved', 'False', 'WaitingForCustomer', phaseMessage(judged));
  return condition(
    'Resolved',
    'False',
    'Open',
    `It does not work yet.${due('Resolution', clocks?.resolution)}${claimed(spec)}`,
  );
}

/** Both clocks against what was promised (MO-6, GE-3, GE-4). */
export function inTimeCondition({ spec, clocks, phase }: Judged): ConditionInput {
  if (spec.proof?.verdict === 'Unproven')
    return condition('InTime', 'Unknown', 'Unproven', 'The alert is unproven: no clock runs for it.');
  if (spec.rating === undefined) return condition('InTime', 'Unknown', 'NotRated', 'It is not rated yet.');
  if (clocks === undefined)
    return condition('InTime', 'Unknown', 'NotIncluded', `No times are promised. ${spec.rating.reason}`);
  const words = `${told('Response', clocks.response)} ${told('Resolution', clocks.resolution)}`;
  const broken = [
    ...(clocks.response.breached ? ['Response'] : []),
    ...(clocks.resolution.breached ? ['Resolution'] : []),
  ];
  if (broken.length > 0) return condition('InTime', 'False', `${broken.join('And')}TooLate`, words);
  if (phase === 'Resolved' || phase === 'Closed') return condition('InTime', 'True', 'Kept', words);
  if (phase === 'WaitingForCustomer') return condition('InTime', 'True', 'WaitingForCustomer', words);
  return condition('InTime', 'True', 'Running', words);
}

/** A clock with its arithmetic. */
function told(name: string, clock: IncidentClock): string {
  const { target, state, due: until, remaining, elapsed, at, breached } = clock;
  switch (state) {
    case 'Running':
      return breached
        ? `${name} was due at ${until} (${target}) and is missing.`
        : `${name} is due at ${until ?? 'no hour of its calendar'} (${target}).`;
    case 'Paused':
      return `${name} stands, ${elapsed} of ${target} have passed and ${remaining} are left.`;
    case 'Stopped':
      return `${name} took ${elapsed} of ${target}${at === undefined ? '' : `, until ${at}`}.`;
  }
}

function due(name: string, clock: IncidentClock | undefined): string {
  return clock === undefined ? '' : ` ${told(name, clock)}`;
}

function left(clock: IncidentClock | undefined): string {
  return clock?.remaining === undefined ? '' : ` Of ${clock.target} are ${clock.remaining} left.`;
}

function spent(clock: IncidentClock | undefined): string {
  return clock?.elapsed === undefined ? '' : `, after ${clock.elapsed} of ${clock.target}`;
}

/** A person's word against the sensor's. */
function claimed({ alert, handling }: IncidentSpec): string {
  const { resolution: said } = handling ?? {};
  if (alert === undefined || said?.outcome !== 'Mended') return '';
  return ` ${said.by} says that it is mended (${said.cause}), and the alert fires.`;
}

function cause({ handling }: IncidentSpec): string {
  return handling?.resolution === undefined ? '' : `; ${handling.resolution.by} says: ${handling.resolution.cause}`;
}

function responder(timeline: readonly TimelineEntry[]): string {
  return timeline.find(({ what }) => what === 'Responded')?.by ?? 'nobody';
}

function resolution(timeline: readonly TimelineEntry[]): TimelineEntry | undefined {
  return timeline.findLast(({ what }) => what === 'Resolved');
}

function ended(words: string): string {
  return /[.!?]$/.test(words) ? words : `${words}.`;
}

function condition(type: string, status: ConditionInput['status'], reason: string, message: string): ConditionInput {
  return { type, status, reason, message };
}
