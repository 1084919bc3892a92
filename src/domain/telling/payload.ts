/** A notice as another system reads it. */
import type { Notice, NoticeSpec } from '../../api/notice.ts';
import type { NewsKind } from '../../api/telling.ts';
import { rendered, type Values, valuesAsked } from './template.ts';
import jira from './templates/jira-service-management.json' with { type: 'json' };
import pagerduty from './templates/pagerduty.json' with { type: 'json' };
import serviceNowEvent from './templates/servicenow-event.json' with { type: 'json' };
import serviceNowIncident from './templates/servicenow-incident.json' with { type: 'json' };
import zammad from './templates/zammad.json' with { type: 'json' };
import { keyOf, textOf } from './text.ts';

/** Templates that Steward brings, by name; `standard` is no template. */
export const TEMPLATES: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['pagerduty', pagerduty],
  ['servicenow-event', serviceNowEvent],
  ['servicenow-incident', serviceNowIncident],
  ['jira-service-management', jira],
  ['zammad', zammad],
]);

export type Payload = { readonly contentType: string; readonly body: string };

/** What news is called by who subscribes to types of CloudEvents. */
const TYPES: Readonly<Record<NewsKind, string>> = {
  DecisionNeeded: 'systems.managed.change.awaiting-decision',
  WindowAhead: 'systems.managed.window.ahead',
  PromiseBroken: 'systems.managed.promise.broken',
  PromiseKept: 'systems.managed.promise.kept',
  IncidentOpened: 'systems.managed.incident.opened',
  IncidentWaiting: 'systems.managed.incident.waiting',
  IncidentBreached: 'systems.managed.incident.breached',
  IncidentResolved: 'systems.managed.incident.resolved',
  ProblemOpened: 'systems.managed.problem.opened',
  ProblemClosed: 'systems.managed.problem.closed',
};

export type Form = {
  readonly provider: string;
  /** Undefined: the standard form. */
  readonly template: unknown;
  /** What the template has of the receiver's own, by name. */
  readonly values: ReadonlyMap<string, string>;
};

/** What is sent to a webhook, or what of it is not there. */
export function payloadOf(
  notice: Notice,
  { provider, template, values }: Form,
): Payload | { readonly problem: string } {
  if (template === undefined) return { contentType: 'application/cloudevents+json', body: standard(notice, provider) };
  const missing = valuesAsked(template).filter(name => !values.has(name));
  if (missing.length > 0)
    return { problem: `its template asks for values.${missing[0]}, which the webhook does not have` };
  return { contentType: 'application/json', body: rendered(template, placeholders(notice, provider, values)) };
}

/** A CloudEvent 1.0 in structured JSON. */
function standard({ metadata, spec }: Notice, provider: string): string {
  const { title, body } = textOf(spec, provider, metadata.name);
  const { news, action, severity, topic, at, subject, contract, facts, receiver } = spec;
  return JSON.stringify({
    ...{ specversion: '1.0', id: metadata.name, source: `/namespaces/${subject.namespace}`, type: TYPES[news] },
    ...{ subject: `${subject.kind}/${keyOf(spec)}`, time: at, datacontenttype: 'application/json' },
    data: {
      ...{ news, action, severity, topic, title, text: body, language: receiver.language, subject },
      ...(contract !== undefined && { contract }),
      facts,
    },
  });
}

function placeholders({ metadata, spec }: Notice, provider: string, own: ReadonlyMap<string, string>): Values {
  const { title, body } = textOf(spec, provider, metadata.name);
  return new Map([
    ...([...own].map(([name, value]) => [`values.${name}`, value]) as [string, string][]),
    ...ofNotice(spec),
    ['id', metadata.name],
    ['title', title],
    ['text', body],
  ]);
}

function ofNotice(spec: NoticeSpec): [string, string][] {
  const { news, action, severity, topic, at, subject, contract = '', receiver } = spec;
  return [
    ['news', news],
    ['action', action],
    ['severity', severity],
    ['topic', topic],
    ['at', at],
    ['atUTC', at.replace('T', ' ').replace('Z', '')],
    ['language', receiver.language],
    ['contract', contract],
    ['receiver', receiver.name],
    ['subject.kind', subject.kind],
    ['subject.namespace', subject.namespace],
    ['subject.name', subject.name],
    ['subject.uid', subject.uid],
    ['subject.key', keyOf(spec)],
    ['facts.priority', spec.facts.find(({ name }) => name === 'priority')?.value ?? ''],
  ];
}
