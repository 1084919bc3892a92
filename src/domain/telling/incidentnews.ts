import type { Incident, IncidentClock, TimelineEntry } from '../../api/incident.ts';
import type { Severity } from '../../api/notice.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { fact, type News, NO_TIDINGS, newsOf, subjectOf, type Tidings } from './news.ts';

type Told = Incident & KubeObject;
type Rated = { readonly incident: Told; readonly priority: string; readonly severity: Severity };
type Happening = Pick<News, 'kind' | 'action' | 'severity' | 'occasion' | 'at'> & {
  readonly reason?: string | undefined;
  readonly clock?: string;
  readonly cause?: string | undefined;
};

/**
 * What an incident has to tell, once it is rated: that it was opened, or again; that it waits for the customer; that it is out of time; that it is
 * resolved (MO-14, GE-4). One that is a copy of another, or whose alert was not proven to be one of ours, tells nobody anything.
 */
export function incidentNews(incident: Told): Tidings {
  const { spec, status, metadata } = incident;
  const { rating, proof } = spec;
  if (rating === undefined || status === undefined || metadata.deletionTimestamp !== undefined) return NO_TIDINGS;
  if (rating.incident !== metadata.uid || proof?.verdict === 'Unproven') return NO_TIDINGS;
  const rated = { incident, priority: rating.priority, severity: severityOf(rating.priority) };
  const timeline = status.timeline ?? [];
  const happened = [
    ...openings(rated, timeline),
    ...waiting(rated, timeline),
    ...breaches(rated),
    ...resolved(rated, timeline),
  ];
  return { news: happened.flatMap(each => told(rated, each) ?? []) };
}

function told({ incident, priority }: Rated, happened: Happening): News | undefined {
  const { spec, status } = incident;
  const subject = subjectOf(incident);
  const { reason, clock, cause, ...rest } = happened;
  if (subject === undefined) return undefined;
  return newsOf({
    ...{ ...rest, subject, matter: '', roles: ['Technical'] },
    ...(spec.terms?.calendar !== undefined && { calendar: spec.terms.calendar.spec }),
    facts: [
      fact('system', `${spec.subject.kind} ${spec.subject.name}`),
      fact('priority', priority),
      fact('scope', spec.rating?.scope),
      fact('message', whatItIs(incident)),
      fact('reason', reason),
      fact('clock', clock),
      fact('phase', status?.phase),
      fact('since', dateOf(spec.detectedAt ?? incident.metadata.creationTimestamp)),
      fact('respondBy', dateOf(status?.response?.due)),
      fact('resolveBy', dateOf(status?.resolution?.due)),
      fact('cause', cause),
    ],
  });
}

function whatItIs({ spec: { alert, report } }: Told): string | undefined {
  if (alert === undefined) return report?.text;
  return alert.summary === undefined ? alert.name : `${alert.name}: ${alert.summary}`;
}

/** The beginning, and each time that it was opened again. */
function openings({ severity }: Rated, timeline: readonly TimelineEntry[]): Happening[] {
  return timeline
    .filter(({ what }) => what === 'Detected' || what === 'Reopened')
    .map(({ at, what, why }) => ({
      ...{ kind: 'IncidentOpened', action: 'Opened', severity, at: new Date(at) },
      occasion: what === 'Detected' ? 'Detected' : at,
      ...(what === 'Reopened' && { reason: why }),
    }));
}

function waiting({ incident, severity }: Rated, timeline: readonly TimelineEntry[]): Happening[] {
  const since = timeline.findLast(({ what }) => what === 'Waiting');
  if (incident.status?.phase !== 'WaitingForCustomer' || since === undefined) return [];
  const reason = incident.spec.handling?.waitingForCustomer?.reason ?? since.why;
  return [{ kind: 'IncidentWaiting', action: 'Changed', severity, occasion: since.at, at: new Date(since.at), reason }];
}

/** Each clock is out of time once, however long it takes from then on. */
function breaches({ incident: { status }, severity }: Rated): Happening[] {
  const last = status?.timeline?.at(-1)?.at;
  const of = (clock: 'Response' | 'Resolution', state: IncidentClock | undefined): Happening[] => {
    const at = dateOf(state?.due ?? state?.at ?? last);
    if (state?.breached !== true || at === undefined) return [];
    const pressing = severity === 'Info' ? 'Warning' : 'Critical';
    return [{ kind: 'IncidentBreached', action: 'Changed', severity: pressing, occasion: clock, at, clock }];
  };
  return [...of('Response', status?.response), ...of('Resolution', status?.resolution)];
}

function resolved({ incident }: Rated, timeline: readonly TimelineEntry[]): Happening[] {
  const { phase } = incident.status ?? {};
  const last = timeline.findLast(({ what }) => what === 'Resolved');
  if ((phase !== 'Resolved' && phase !== 'Closed') || last === undefined) return [];
  const cause = incident.spec.handling?.resolution?.cause ?? last.why;
  return [
    { kind: 'IncidentResolved', action: 'Ended', severity: 'Info', occasion: last.at, at: new Date(last.at), cause },
  ];
}

function severityOf(priority: string): Severity {
  if (priority === 'P1') return 'Critical';
  return priority === 'P2' ? 'Warning' : 'Info';
}

function dateOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}
