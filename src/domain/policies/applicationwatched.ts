import type { ManagedApplication } from '../../api/managedapplication.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { ProductSpec } from '../../api/product.ts';
import type { Blackbox } from '../application/asked.ts';
import { exporterAt, includesPerformance, objectiveAt } from '../application/performance.ts';
import { type Watched, watchedOf } from '../application/watched.ts';
import { instant } from '../contract/condition.ts';
import { unknown, type Verdict } from '../contract/finding.ts';
import { applied, applyProblems, type ChildKinds, missing, type Outcome } from '../contract/outcome.ts';
import { counted, enumerated } from '../guest/words.ts';
import { OPERATOR } from '../monitoring/childkinds.ts';
import { WATCH_GRACE_MINUTES } from '../monitoring/watchverdict.ts';
import type { SeenPerformance } from './advicewatch.ts';
import { type Measured, measuredOf } from './applicationmeasured.ts';
import { applicationRulesName } from './applicationrules.ts';
import type { ApplicationNeed, ApplicationWatch, Figures } from './applicationwatch.ts';

/** What is known of the watch over an application. */
export type WatchFacts = {
  /** Whether prometheus-operator serves its kinds; true also where they cannot be read. */
  readonly installed: boolean;
  /** The Product, where it is in order. */
  readonly product: ProductSpec | undefined;
  /** What Prometheus says of its watch. Undefined: nobody asks it. */
  readonly prometheus: ApplicationWatch | undefined;
  readonly figures: Figures | undefined;
  /** What it has seen of the performance. Undefined: nobody asks it, or it was not asked yet. */
  readonly performance?: SeenPerformance | undefined;
  /** Who asks from outside of guests; undefined: nobody does. */
  readonly blackbox?: Blackbox | undefined;
};

export type WatchedFacts = {
  readonly application: ManagedApplication;
  readonly managedVM?: ManagedVM | undefined;
  readonly watch: WatchFacts;
  readonly outcomes: readonly Outcome[];
  readonly now: Date;
};

/** Kinds of children by which an application is watched. */
export const WATCH_KINDS: ChildKinds = new Map([
  ['PrometheusRule', { servedBy: OPERATOR }],
  ['ServiceMonitor', { servedBy: OPERATOR }],
  ['Probe', { servedBy: OPERATOR }],
]);

/** Rules and targets are there from the first time that all of it was found in the guest, while the VM shall run and services for it are not ceased (GE-12). */
export function isWatched({ metadata, status }: ManagedApplication, managedVM: ManagedVM | undefined): boolean {
  const isLeaving = metadata.deletionTimestamp !== undefined;
  const isOwed = status?.installed !== undefined && status.endOfLife?.ceased === undefined;
  return isOwed && !isLeaving && managedVM !== undefined && !isPoweredOff(managedVM);
}

function isPoweredOff(managedVM: ManagedVM | undefined): boolean {
  return managedVM?.spec.powerState === 'Stopped';
}

/** Whether function and performance of the application are watched, as far as its level includes them (AP-5, AP-11). */
export function monitored(facts: WatchedFacts): Verdict {
  const { application, watch } = facts;
  const hindrance = hindranceOf(facts);
  if (hindrance !== undefined) return hindrance;
  const { prometheus, product } = watch;
  if (product === undefined) return noProduct();
  if (prometheus === undefined)
    return unknown('NotObserved', 'Rules are in place, but nothing proves that a Prometheus evaluates them.');
  if (prometheus.state === 'undecided') return asBefore(application, 'Monitored');
  if (prometheus.state === 'silent') return silent(prometheus);
  return prometheus.lacks.length === 0
    ? watches(watchedOf(application, product, watch.blackbox))
    : lacking(facts, prometheus.lacks);
}

/** Why nothing of the watch can be known yet. */
export function hindranceOf({ application, managedVM, watch, outcomes }: WatchedFacts): Verdict | undefined {
  const { installed, endOfLife } = application.status ?? {};
  if (installed === undefined) return pending();
  if (endOfLife?.ceased !== undefined)
    return unknown(
      'ServicesCeased',
      `It is not watched any more: services for it are ceased since ${endOfLife.ceased} (GE-12).`,
    );
  if (isPoweredOff(managedVM))
    return unknown('PoweredOff', 'The VM is powered off as ordered, so there is nothing to measure.');
  const [problem] = [
    ...(watch.installed ? [] : [missing('PrometheusRule', OPERATOR)]),
    ...applyProblems(outcomes, WATCH_KINDS),
  ];
  if (problem !== undefined)
    return {
      status: problem.standing === 'failed' ? 'False' : 'Unknown',
      reason: problem.reason,
      message: problem.message,
    };
  if (applied(outcomes, 'PrometheusRule')) return undefined;
  return unknown('NotProvisioned', `PrometheusRule ${applicationRulesName(application)} is not in place yet.`);
}

function pending(): Verdict {
  return unknown('NotProvisioned', 'It is watched once all of it was found in the guest for the first time.');
}

export function noProduct(): Verdict {
  return unknown('ProductNotReady', 'Without a Product in order what must be watched is not known.');
}

export function silent({ since, why }: Pick<Extract<ApplicationWatch, { state: 'silent' }>, 'since' | 'why'>): Verdict {
  return unknown('PrometheusSilent', `Prometheus has given no usable answer since ${instant(since)}: ${why}.`);
}

/** A restart of Steward or of Prometheus is no news about the application: what was proven holds until it is disproven. */
export function asBefore({ status }: ManagedApplication, type: string): Verdict {
  const before = status?.conditions?.find(each => each.type === type);
  if (before !== undefined && before.status !== 'Unknown')
    return { status: before.status, reason: before.reason, message: before.message };
  return unknown('NotObserved', 'Prometheus has not been asked for long enough to tell.');
}

function watches({ application, product, level, isAskedOutside }: Watched): Verdict {
  const exporter = exporterAt(product, level);
  const performance =
    exporter === undefined
      ? `Of performance nothing is: ${includesPerformance(level) ? 'the Product has no exporter' : `${level} does not include it`} (AP-5).`
      : `Its exporter is scraped, with ${counted(exporter.metrics.length, 'metric')} that must be there (AP-5).`;
  return {
    ...{ status: 'True', reason: 'PrometheusWatches' },
    message: `Prometheus evaluates PrometheusRule ${applicationRulesName({ metadata: { name: application } })} and has fresh readings of ${counted(product.probes.length, 'probe')} (AP-11). ${performance}${isAskedOutside === true ? ' It is asked from outside of the guest as well.' : ''}`,
  };
}

/** What is missing, by the reason that it is reported under; the first one that applies is the condition's. */
const REASONS = {
  rules: 'RulesNotEvaluated',
  probes: 'ProbesNotRead',
  target: 'ExporterNotScraped',
  scrape: 'ExporterNotScraped',
  outside: 'OutsideNotRead',
} as const;

function lacking({ application, outcomes, now }: WatchedFacts, lacks: readonly ApplicationNeed[]): Verdict {
  const reason = lacks.flatMap(need => Object.entries(REASONS).find(([known]) => known === need)?.[1] ?? [])[0];
  const says = `Prometheus ${lacks.map(wordsFor).join(', and ')}`;
  const deadline = deadlineOf(application, outcomes);
  if (deadline !== undefined && now < deadline) {
    const message = `${says} yet; it has until ${instant(deadline)} (${WATCH_GRACE_MINUTES} minutes).`;
    return { ...unknown('WatchStarting', message), nextEdge: deadline };
  }
  return { status: 'False', reason: reason ?? 'MetricsMissing', message: `${says}.` };
}

function wordsFor(need: ApplicationNeed): string {
  switch (need) {
    case 'rules':
      return 'does not evaluate the rules of the application';
    case 'probes':
      return 'has no fresh readings of all probes';
    case 'target':
      return 'does not have the exporter of the application as a target';
    case 'scrape':
      return 'cannot read the exporter of the application';
    case 'outside':
      return 'has no readings from outside of the guest';
    default:
      return `has no ${need}`;
  }
}

/** One that was never seen watched has a while for it from its PrometheusRule on. */
function deadlineOf({ status }: ManagedApplication, outcomes: readonly Outcome[]): Date | undefined {
  const before = status?.conditions?.find(({ type }) => type === 'Monitored');
  if (before !== undefined && before.status !== 'Unknown') return undefined;
  const made = outcomes.find(({ child }) => child.kind === 'PrometheusRule')?.object?.metadata.creationTimestamp;
  const from = Date.parse(made ?? '');
  return Number.isNaN(from) ? undefined : new Date(from + WATCH_GRACE_MINUTES * 60_000);
}

/** Whether its probes take no longer than the level promises, in the month that runs (AP-5, AP-11). */
export function responsive(facts: WatchedFacts): Verdict {
  const { application, watch } = facts;
  const { prometheus, figures, product } = watch;
  const { serviceLevel } = application.spec;
  if (!includesPerformance(serviceLevel))
    return unknown('NotIncluded', `Service level ${serviceLevel} does not include performance (AP-5).`);
  if (product === undefined) return noProduct();
  const watched = watchedOf(application, product);
  const objective = objectiveAt(product, serviceLevel).responseTime;
  if (objective === undefined)
    return unknown('NotIncluded', `The Product has no objective for response times at ${serviceLevel}.`);
  const hindrance = hindranceOf(facts);
  if (hindrance !== undefined) return hindrance;
  if (prometheus === undefined) return unknown('NotObserved', 'No Prometheus is asked how long its probes take.');
  if (prometheus.state === 'silent') return silent(prometheus);
  if (prometheus.state === 'undecided') return asBefore(application, 'Responsive');
  const { responseTime = [] } = measuredOf(watched, figures, figures && application.status);
  if (responseTime.length < product.probes.length)
    return unknown(
      'NotMeasured',
      `Prometheus has response times of ${responseTime.length} of ${counted(product.probes.length, 'probe')} in this month.`,
    );
  return judged(responseTime, objective.milliseconds);
}

function judged(times: NonNullable<Measured['responseTime']>, most: number): Verdict {
  const told = times.map(({ probe, percent, milliseconds }) => `${probe} ${milliseconds} ms in ${percent} %`);
  const slow = times.filter(({ milliseconds }) => milliseconds > most);
  const message = `${times.length - slow.length} of ${counted(times.length, 'probe')} took ${most} ms at most in ${times[0]?.month}: ${enumerated(told)} of the readings.`;
  return slow.length === 0
    ? { status: 'True', reason: 'WithinObjective', message }
    : { status: 'False', reason: 'TooSlow', message };
}
