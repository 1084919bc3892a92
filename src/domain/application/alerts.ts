import type { ProductIndicator } from '../../api/productmonitoring.ts';
import { type Alert, lines } from '../contract/alert.ts';
import { PROBE_ALERT_MINUTES } from '../contract/laddertrigger.ts';
import { indicatorExpression } from './indicators.ts';
import { outsideAlerts } from './outside.ts';
import { exporterAt, includesPerformance, isWatchedClosely, objectiveAt } from './performance.ts';
import { CLOSED_METRIC, PROBE_METRICS, PROBE_STALE_SECONDS } from './probemetrics.ts';
import { probeSeries, RECORDED } from './recorded.ts';
import { those, toldPercent, type Watched } from './watched.ts';

/** An alert about an application, and the labels that it carries beside those of all. */
export type ApplicationAlert = Alert & { readonly labels?: Readonly<Record<string, string>> };

/** How much faster than evenly a budget may be used up: 2 % of a month's in an hour, 5 % in six hours (Google, The Site Reliability Workbook, chapter 5). */
const BURN_RATES = [
  { times: 14.4, long: '1h', short: '5m' },
  { times: 6, long: '6h', short: '30m' },
] as const;

/** Alerts of an application: what its level includes, and nothing else (AP-3 to AP-5, AP-11). */
export function applicationAlerts(watched: Watched): readonly ApplicationAlert[] {
  const ofPerformance = includesPerformance(watched.level)
    ? [...exporterAlerts(watched), ...responseAlerts(watched), ...indicatorAlerts(watched)]
    : [];
  return [...functionAlerts(watched), ...outsideAlerts(watched), ...availabilityAlerts(watched), ...ofPerformance];
}

/** Whether it works, at every level (AP-11). */
function functionAlerts(watched: Watched): readonly ApplicationAlert[] {
  const { application } = watched;
  const of = probeSeries(watched);
  const minutes = PROBE_STALE_SECONDS / 60;
  return [
    {
      alert: 'ManagedApplicationProbeFailed',
      expr: `max by (probe) (${of(PROBE_METRICS.success)}) == 0`,
      for: `${PROBE_ALERT_MINUTES}m`,
      severity: 'critical',
      summary: `${application}: probe {{ $labels.probe }} fails`,
      description: `Probe {{ $labels.probe }} of ${subject(watched)} has not succeeded for 5 minutes.`,
    },
    {
      alert: 'ManagedApplicationProbesSilent',
      expr: `${RECORDED.probesRead}${those(watched)} < 1`,
      for: '10m',
      severity: 'critical',
      summary: `${application}: nobody knows whether it works`,
      description: `Prometheus has had no readings younger than ${minutes} minutes of all probes of ${subject(watched)} for 10 minutes.`,
    },
    {
      alert: 'ManagedApplicationClosed',
      expr: `max(${CLOSED_METRIC}${those(watched)}) > 0`,
      for: '5m',
      severity: 'critical',
      summary: `${application} is closed to its clients`,
      description: `The interface of ${subject(watched)} was closed for work on it 5 minutes ago or more, and nobody has opened it again.`,
    },
  ];
}

function availabilityAlerts(watched: Watched): readonly ApplicationAlert[] {
  const { availability } = objectiveAt(watched.product, watched.level);
  if (availability === undefined) return [];
  const budget = budgetShare(availability);
  const down = `${RECORDED.measuredMinutes}${those(watched)} - ${RECORDED.workingMinutes}${those(watched)}`;
  const spent: ApplicationAlert = {
    alert: 'ManagedApplicationBudgetSpent',
    expr: `max without (month) (${down}) > scalar(days_in_month()) * 1440 * ${budget}`,
    for: '5m',
    severity: 'warning',
    summary: `${watched.application}: availability is below its objective`,
    description: `${subject(watched)} has not worked for {{ $value | printf "%.0f" }} minutes of this month, more than the objective of ${availability} % leaves.`,
  };
  return isWatchedClosely(watched.level) ? [spent, burning(watched, availability, budget)] : [spent];
}

/** The long window says that it matters, the short one that it goes on. */
function burning(watched: Watched, availability: string, budget: number): ApplicationAlert {
  const working = (window: string) => `${RECORDED.working}${those(watched)}[${window}]`;
  const failed = (window: string) =>
    `1 - sum(sum_over_time(${working(window)})) / sum(count_over_time(${working(window)}))`;
  return {
    alert: 'ManagedApplicationBudgetBurning',
    expr: lines(
      ...BURN_RATES.map(({ times, long, short }, index) => {
        const most = rounded(times * budget);
        return `${index === 0 ? '' : 'or '}(${failed(long)} > ${most} and ${failed(short)} > ${most})`;
      }),
    ),
    for: '2m',
    severity: 'critical',
    summary: `${watched.application}: the budget of the month is used up fast`,
    description: `${subject(watched)} fails so often that the objective of ${availability} % will be missed this month.`,
  };
}

function responseAlerts(watched: Watched): readonly ApplicationAlert[] {
  const { responseTime } = objectiveAt(watched.product, watched.level);
  if (responseTime === undefined) return [];
  const { percent, milliseconds } = responseTime;
  const lastHour = `quantile_over_time(${toldPercent(watched) / 100}, ${RECORDED.response}${those(watched)}[1h])`;
  return [
    {
      alert: 'ManagedApplicationSlow',
      expr: `max by (probe) (${lastHour}) > ${milliseconds / 1000}`,
      for: '15m',
      severity: 'warning',
      summary: `${watched.application}: probe {{ $labels.probe }} takes too long`,
      description: `In ${percent} % of the last hour's readings probe {{ $labels.probe }} of ${subject(watched)} took up to {{ $value | printf "%.3f" }} s; ${milliseconds / 1000} s is promised.`,
    },
  ];
}

/** Exporters go silent in parts: that one is up, and says that its server is, proves nothing of its metrics. */
function exporterAlerts(watched: Watched): readonly ApplicationAlert[] {
  const exporter = exporterAt(watched.product, watched.level);
  if (exporter === undefined) return [];
  const up = `max(up${those(watched)}) == 1`;
  const missing = exporter.metrics.map(
    metric => `label_replace(absent(${metric}${those(watched)}), "metric", "${metric}", "", "")`,
  );
  return [
    {
      alert: 'ManagedApplicationExporterDown',
      expr: `absent(${up})`,
      for: '15m',
      severity: 'warning',
      summary: `${watched.application}: its exporter cannot be read`,
      description: `Prometheus has not read the exporter of ${subject(watched)} on port ${exporter.port} for 15 minutes, so nobody sees its performance.`,
    },
    {
      alert: 'ManagedApplicationMetricMissing',
      expr: lines('(', missing.join('\nor '), `) and on () (${up})`),
      for: '15m',
      severity: 'warning',
      summary: `${watched.application}: metric {{ $labels.metric }} is missing`,
      description: `The exporter of ${subject(watched)} answers, and has not told {{ $labels.metric }} for 15 minutes: what rests on it stays silent.`,
    },
  ];
}

function indicatorAlerts(watched: Watched): readonly ApplicationAlert[] {
  return (watched.product.monitoring?.indicators ?? []).map(indicator => indicatorAlert(indicator, watched));
}

function indicatorAlert(indicator: ProductIndicator, watched: Watched): ApplicationAlert {
  const { name, forSeconds, severity, says, above, below } = indicator;
  const limit = above === undefined ? `below ${below}` : `above ${above}`;
  return {
    alert: 'ManagedApplicationIndicator',
    expr: indicatorExpression(indicator, watched),
    for: `${forSeconds}s`,
    severity: severity === 'Critical' ? 'critical' : 'warning',
    summary: `${watched.application}: ${name} is ${limit}`,
    description: `Indicator ${name} of ${subject(watched)} is {{ $value | printf "%.4g" }}, ${limit}, for ${forSeconds} seconds. ${says}`,
    labels: { indicator: name },
  };
}

/** Part of a month that an objective leaves. */
export function budgetShare(availability: string): number {
  return rounded(1 - Number(availability) / 100);
}

/** Without the last places of binary fractions, which would stand in every rule. */
function rounded(share: number): number {
  return Number(share.toFixed(8));
}

function subject({ namespace, application }: Watched): string {
  return `ManagedApplication ${namespace}/${application}`;
}
