import type { ChangeRequest } from '../../api/changerequest.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { earliest } from '../contract/condition.ts';
import { fact, type News, NO_TIDINGS, newsOf, subjectOf, type Tidings } from './news.ts';
import { AHEAD_MS } from './windownews.ts';

type Change = ChangeRequest & KubeObject;

/** What a change has to tell: that somebody must decide (GE-4, GE-6), and that agreed work begins within 72 hours. */
export function changeNews(change: Change, now: Date): Tidings {
  const { metadata, status } = change;
  // What was judged may be another spec.
  if (status === undefined || status.observedGeneration !== metadata.generation) return NO_TIDINGS;
  if (metadata.deletionTimestamp !== undefined) return NO_TIDINGS;
  const work = workAhead(change);
  return {
    news: [decision(change), work].filter(each => each !== undefined),
    nextEdge: earliest(...(work !== undefined && work.at > now ? [work.at] : [])),
  };
}

function decision(change: Change): News | undefined {
  const { spec, status } = change;
  const subject = subjectOf(change);
  const waiting = status?.waitingFor;
  if (subject === undefined || waiting === undefined || waiting.what === 'Work') return undefined;
  const whom = waiting.whom.toSorted();
  return newsOf({
    ...{ kind: 'DecisionNeeded', subject, matter: 'decision', action: 'Opened', at: new Date(waiting.since) },
    occasion: `${status?.planHash} ${waiting.what} ${whom.join(' ')}`,
    severity: spec.class === 'Emergency' || spec.risk.rating === 'High' ? 'Warning' : 'Info',
    ...(waiting.until !== undefined && { until: new Date(waiting.until) }),
    roles: whom.includes('Customer') ? ['Approver'] : [],
    facts: [
      ...about(change),
      fact('step', waiting.what),
      fact('party', whom.join(', ')),
      fact('reason', spec.reason),
      fact('since', new Date(waiting.since)),
      fact('decideBy', instantOf(waiting.until)),
      ...whenOf(change),
      fact('planHash', status?.planHash),
    ],
  });
}

/** Changes that a policy pre-approved are told by its window. */
function workAhead(change: Change): News | undefined {
  const { spec, status } = change;
  const subject = subjectOf(change);
  const opens = instantOf(status?.window?.notBefore);
  const agreed = status?.conditions?.find(({ type, status: is }) => type === 'Agreed' && is === 'True');
  const over = spec.result !== undefined || spec.class === 'Standard';
  if (subject === undefined || opens === undefined || agreed === undefined || over) return undefined;
  const begins = opens.getTime() - AHEAD_MS;
  return newsOf({
    ...{ kind: 'WindowAhead', subject, matter: 'work', action: 'Opened', severity: 'Info', until: opens },
    at: new Date(Math.max(begins, Date.parse(agreed.lastTransitionTime))),
    occasion: `${status?.planHash} ${status?.window?.notBefore}`,
    roles: ['Approver', 'Technical'],
    facts: [...about(change), fact('reason', spec.reason), ...whenOf(change)],
  });
}

function about({ spec }: Change) {
  return [fact('title', spec.title), fact('system', `${spec.target.kind} ${spec.target.name}`)];
}

function whenOf({ status }: Change) {
  const { notBefore, notAfter } = status?.window ?? {};
  return [fact('opensAt', instantOf(notBefore)), fact('closesAt', instantOf(notAfter))];
}

function instantOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}
