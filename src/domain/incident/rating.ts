/** How an incident is rated, once, when it is taken up (MO-14), and the terms that are pinned with it (GE-8). */
import type { Incident, IncidentRating, IncidentSpec, IncidentTerms } from '../../api/incident.ts';
import type { Priority } from '../../api/serviceplan.ts';
import { cut } from '../contract/excerpt.ts';
import { revisionOf } from '../time/calendarrevision.ts';
import { type Coverage, coverageOf } from './coverage.ts';
import type { AgreedTerms, SubjectFacts } from './facts.ts';
import { scopeOf } from './scope.ts';

export type Rated = { readonly rating: IncidentRating; readonly terms?: IncidentTerms };

/** Alerts that say that all of it is not there. */
const DOWN: ReadonlySet<string> = new Set([
  'ManagedVMDown',
  'ManagedVMRestarting',
  'ManagedVMDiskLost',
  'ManagedApplicationProbeFailed',
  'ManagedApplicationUnreachable',
]);

/** Where no plan says otherwise. */
const MATRIX: readonly (readonly Priority[])[] = [
  ['P1', 'P2', 'P3'],
  ['P2', 'P3', 'P4'],
  ['P3', 'P4', 'P4'],
];

const URGENCY = { critical: 1, warning: 2, info: 3 } as const;

const IMPACT_WORDS = ['', 'all of it is concerned', 'a part of it is concerned', 'nothing has failed yet'];
const URGENCY_WORDS = ['', 'now', 'soon', 'it can wait'];

/** The rating of a new Incident and its terms; the latter undefined where no times are promised. What is agreed is that of the instant at which it was detected. */
export function ratedAs(
  { metadata, spec }: Pick<Incident, 'metadata' | 'spec'>,
  facts: SubjectFacts,
  agreed: AgreedTerms,
  detectedAt: Date,
): Rated {
  const scoped = scopeOf(spec, facts);
  const { impact, urgency } = degreesOf(spec, facts);
  const coverage = coverageOf(facts, scoped, { isDown: isDown(spec), alert: spec.alert?.name }, agreed, detectedAt);
  const priority = (agreed.plan?.spec.incidents?.matrix ?? MATRIX)[impact - 1]?.[urgency - 1] ?? 'P4';
  const source = spec.alert
    ? `${spec.alert.name} is ${spec.alert.severity}`
    : `reported by ${spec.report?.by ?? 'nobody'}`;
  const reason = `Impact ${impact} (${IMPACT_WORDS[impact]}) and urgency ${urgency} (${URGENCY_WORDS[urgency]}), because ${source}, are ${priority} by ${matrixOf(agreed)}. Scope ${scoped.scope}: ${scoped.why}. ${sentence(coverage.why)}`;
  const rating: IncidentRating = {
    incident: metadata.uid ?? '',
    ...{ impact, urgency, priority, reason: cut(reason, 500), scope: scoped.scope, billing: coverage.billing },
  };
  const terms = termsOf(coverage, priority, agreed);
  return terms === undefined ? { rating } : { rating, terms };
}

function degreesOf({ alert, report }: IncidentSpec, facts: SubjectFacts): { impact: number; urgency: number } {
  if (alert === undefined) return { impact: report?.impact ?? 2, urgency: report?.urgency ?? 2 };
  const urgency = URGENCY[alert.severity];
  if (DOWN.has(alert.name)) return { impact: 1, urgency };
  if (alert.severity !== 'critical') return { impact: 3, urgency };
  // What is partly broken of what must never stand still is all of it.
  return { impact: facts.level === 'Expert' ? 1 : 2, urgency };
}

function isDown({ alert, report }: IncidentSpec): boolean {
  return alert === undefined ? report?.impact === 1 : DOWN.has(alert.name);
}

/** No times are promised where the level handles nothing, no plan applies, or core hours count and cannot be read. */
function termsOf({ hours }: Coverage, priority: Priority, { plan, calendar }: AgreedTerms): IncidentTerms | undefined {
  const times = plan?.spec.incidents?.priorities[priority];
  if (hours === 'None' || plan === undefined || times === undefined) return undefined;
  const { response, resolution } = times;
  const terms = { plan: { name: plan.name, revision: plan.revision }, response, resolution };
  if (hours === 'Always') return terms;
  if (calendar === undefined) return undefined;
  const { name, spec } = calendar;
  return { ...terms, calendar: { name, revision: revisionOf(spec), spec } };
}

function matrixOf({ plan }: AgreedTerms): string {
  return plan?.spec.incidents ? `the matrix of ServicePlan ${plan.name}` : "Steward's own matrix, for no plan applies";
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
