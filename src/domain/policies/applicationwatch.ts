import { OUTSIDE_METRIC } from '../application/outside.ts';
import { exporterAt } from '../application/performance.ts';
import { RECORDED } from '../application/recorded.ts';
import type { Watched } from '../application/watched.ts';
import { listAt, textAt } from '../contract/json.ts';
import { heard, type Knowledge, knowingNothing, labelled, missed } from '../monitoring/prometheuswatch.ts';

/** What Prometheus must have of an application, or some of its alerts stay silent whatever happens; and each of its metrics, by `metric NAME`. */
export type ApplicationNeed =
  /** It evaluates the application's rules. */
  | 'rules'
  /** It has fresh readings of all probes. */
  | 'probes'
  /** It has the application's exporter as a target. */
  | 'target'
  /** It reads that target. */
  | 'scrape'
  /** It has readings of the application from outside of its guest. */
  | 'outside'
  | `metric ${string}`;

/** What is known of Prometheus' watch over one application. */
export type ApplicationWatch =
  /** Not asked long enough to tell: nothing may change for that reason. */
  | { readonly state: 'undecided' }
  /** It has not answered since then; why, as it was when that became too long. */
  | { readonly state: 'silent'; readonly since: Date; readonly why: string }
  /** It answers, and lacks this. Whether a question from outside of the guest has succeeded within the tolerance; undefined: none is asked. */
  | { readonly state: 'answers'; readonly lacks: readonly ApplicationNeed[]; readonly reached?: boolean };

/** What was measured of one application in a month, as the rules have recorded it. */
export type Figures = {
  /** E.g. 2026-11. */
  readonly month: string;
  readonly measuredMinutes: number;
  readonly workingMinutes: number;
  /** Seconds by probe, in the percent of the readings that the rules tell. */
  readonly responseSeconds: ReadonlyMap<string, number>;
};

const BY = 'by (namespace, managed_vm, application)';

/** One query for everything about all applications: instant vector, its label `of` says what a series shows. */
export const APPLICATIONS_QUERY = [
  labelled('rules', `max ${BY} (${RECORDED.evaluated})`),
  labelled('probes', `min ${BY} (${RECORDED.probesRead})`),
  labelled('target', `max ${BY} (up{managed_vm!="",application!=""})`),
  labelled('outside', `max ${BY} (${OUTSIDE_METRIC}{managed_vm!="",application!=""})`),
  labelled('metric', `max by (namespace, managed_vm, application, metric) (${RECORDED.metricSeries})`),
  labelled('measured', `max by (namespace, managed_vm, application, month) (${RECORDED.measuredMinutes})`),
  labelled('working', `max by (namespace, managed_vm, application, month) (${RECORDED.workingMinutes})`),
  labelled('response', `max by (namespace, managed_vm, application, month, probe) (${RECORDED.responseOfMonth})`),
].join('\nor ');

/** Milliseconds for which figures stand: they go on by the minute, and each change would be a write. */
const FIGURES_MS = 10 * 60_000;

/** What all answers so far amount to. */
export type ApplicationKnowledge = {
  readonly watch: Knowledge;
  /** By `namespace/managed_vm/application`, and when they were taken. */
  readonly figures: ReadonlyMap<string, { readonly figures: Figures; readonly at: Date }>;
};

export function knowingNoApplication(now: Date): ApplicationKnowledge {
  return { watch: knowingNothing(now), figures: new Map() };
}

/** After an answer, with all its series. */
export function heardOfApplications(
  before: ApplicationKnowledge,
  answer: readonly unknown[],
  now: Date,
  toleranceMs: number,
): ApplicationKnowledge {
  const watch = heard(before.watch, new Set(answer.flatMap(sightingsOf)), now, toleranceMs);
  const isFresh = ({ at }: { readonly at: Date }) => now.getTime() - at.getTime() < FIGURES_MS;
  const taken = [...figuresIn(answer, now)].map(([key, figures]) => [key, { figures, at: now }] as const);
  const standing = [...before.figures].filter(([, each]) => isFresh(each));
  return { watch, figures: new Map([...taken, ...standing]) };
}

/** After a question without a usable answer. What was measured before stays what it was. */
export function missedApplications(
  before: ApplicationKnowledge,
  why: string,
  now: Date,
  toleranceMs: number,
): ApplicationKnowledge {
  const watch = missed(before.watch, why, now, toleranceMs);
  return watch === before.watch ? before : { ...before, watch };
}

export function watchOverApplication({ watch }: ApplicationKnowledge, watched: Watched): ApplicationWatch {
  if (watch.silence) return { state: 'silent', ...watch.silence };
  if (watch.heardAt === undefined) return { state: 'undecided' };
  const lacks = needsOf(watched, watch.seen).filter(need => !watch.seen.has(sighting(need, keyOf(watched))));
  const reached = watched.isAskedOutside === true ? watch.seen.has(`reached|${keyOf(watched)}`) : undefined;
  if ((lacks.length > 0 || reached === false) && !watch.decided) return { state: 'undecided' };
  return { state: 'answers', lacks, ...(reached !== undefined && { reached }) };
}

export function figuresOf({ figures }: ApplicationKnowledge, watched: Watched): Figures | undefined {
  return figures.get(keyOf(watched))?.figures;
}

function needsOf(watched: Watched, seen: Knowledge['seen']): readonly ApplicationNeed[] {
  const needs = needsInside(watched, seen);
  return watched.isAskedOutside === true ? [...needs, 'outside'] : needs;
}

function needsInside(watched: Watched, seen: Knowledge['seen']): readonly ApplicationNeed[] {
  const exporter = exporterAt(watched.product, watched.level);
  if (exporter === undefined) return ['rules', 'probes'];
  // Of what is not read nothing is there: one lack is told, not each of its consequences.
  if (!seen.has(sighting('target', keyOf(watched)))) return ['rules', 'probes', 'target'];
  if (!seen.has(sighting('scrape', keyOf(watched)))) return ['rules', 'probes', 'scrape'];
  return ['rules', 'probes', ...exporter.metrics.map(metric => `metric ${metric}` as const)];
}

type Subject = Pick<Watched, 'namespace' | 'vm' | 'application'>;

function keyOf({ namespace, vm, application }: Subject): string {
  return `${namespace}/${vm}/${application}`;
}

function sighting(need: ApplicationNeed, key: string): string {
  return `${need}|${key}`;
}

function sightingsOf(series: unknown): readonly string[] {
  const key = keyOf(subjectOf(series));
  const isOne = sampleOf(series) === 1;
  switch (textAt(series, 'metric', 'of')) {
    case 'rules':
      return [sighting('rules', key)];
    case 'probes':
      return isOne ? [sighting('probes', key)] : [];
    case 'target':
      return isOne ? [sighting('target', key), sighting('scrape', key)] : [sighting('target', key)];
    case 'outside':
      return isOne ? [sighting('outside', key), `reached|${key}`] : [sighting('outside', key)];
    case 'metric':
      return [sighting(`metric ${textAt(series, 'metric', 'metric') ?? ''}`, key)];
    default:
      return [];
  }
}

function figuresIn(answer: readonly unknown[], now: Date): ReadonlyMap<string, Figures> {
  const found = new Map<string, Figures>();
  const of = (what: string) => answer.filter(series => textAt(series, 'metric', 'of') === what);
  const working = new Map(of('working').map(series => [monthKeyOf(series), sampleOf(series)]));
  for (const series of of('measured')) {
    const workingMinutes = working.get(monthKeyOf(series));
    const [measuredMinutes, month] = [sampleOf(series), monthBefore(now, textAt(series, 'metric', 'month'))];
    if (month === undefined || workingMinutes === undefined || !(measuredMinutes > 0)) continue;
    found.set(keyOf(subjectOf(series)), { month, measuredMinutes, workingMinutes, responseSeconds: new Map() });
  }
  for (const series of of('response')) addResponse(found, series, now);
  return found;
}

function addResponse(found: Map<string, Figures>, series: unknown, now: Date): void {
  const key = keyOf(subjectOf(series));
  const [figures, probe, seconds] = [found.get(key), textAt(series, 'metric', 'probe'), sampleOf(series)];
  if (figures === undefined || probe === undefined || !Number.isFinite(seconds)) return;
  if (figures.month !== monthBefore(now, textAt(series, 'metric', 'month'))) return;
  found.set(key, { ...figures, responseSeconds: new Map([...figures.responseSeconds, [probe, seconds]]) });
}

function monthKeyOf(series: unknown): string {
  return `${textAt(series, 'metric', 'month')}/${keyOf(subjectOf(series))}`;
}

/** The last month of that number that has begun, as a year and a month in UTC. */
function monthBefore(now: Date, label: string | undefined): string | undefined {
  const number = Number(label);
  if (!Number.isInteger(number) || number < 1 || number > 12) return undefined;
  const year = now.getUTCFullYear() - (number > now.getUTCMonth() + 1 ? 1 : 0);
  return `${year}-${String(number).padStart(2, '0')}`;
}

function subjectOf(series: unknown): Subject {
  const label = (name: string) => textAt(series, 'metric', name) ?? '';
  return { namespace: label('namespace'), vm: label('managed_vm'), application: label('application') };
}

function sampleOf(series: unknown): number {
  return Number(listAt(series, 'value')[1]);
}
