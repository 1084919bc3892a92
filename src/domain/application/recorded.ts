import { exporterAt } from './performance.ts';
import { CLOSED_METRIC, PROBE_METRICS, PROBE_STALE_SECONDS } from './probemetrics.ts';
import { identityOf, those, toldPercent, type Watched } from './watched.ts';

/** Series that the rules of an application record, each with the labels of {@link identityOf}. */
export const RECORDED = {
  /** 1 as long as Prometheus evaluates the rules; with the name of the product, by which dashboards find its applications. */
  evaluated: 'managedapplication:rules_evaluated',
  /** Part of its probes that were read within five minutes, from 0 to 1. */
  probesRead: 'managedapplication:probes_read',
  /** 1 in a minute in which all probes were read and succeeded and the interface was open, else 0; with the month, from 1 to 12. */
  working: 'managedapplication:working',
  /** How long each probe took that succeeded, in seconds; with the month. */
  response: 'managedapplication:response_seconds',
  /** How many series there are of a metric that must be there; none: it is missing. */
  metricSeries: 'managedapplication:metric_series',
  /** Minutes of the month so far of which there is a reading. */
  measuredMinutes: 'managedapplication:measured_minutes:month',
  /** Those of them in which it worked. */
  workingMinutes: 'managedapplication:working_minutes:month',
  /** How long a probe took at most, in the told percent of the month's readings, in seconds. */
  responseOfMonth: 'managedapplication:response_seconds:month',
} as const;

/** A recording rule of Prometheus. */
export type RecordingRule = {
  readonly record: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
};

/** The month of the evaluation as a label: a reading belongs to the month in which it was recorded, in UTC. */
const IN_THIS_MONTH = '* on () group_left (month) count_values("month", month())';

/** The series of the month that runs. The last month's of that number lies more than 31 days back. */
const OF_THIS_MONTH = 'and on (month) count_values("month", month())';

/** What is recorded once in a minute; each sample of `working` stands for one minute. */
export function minuteRules(watched: Watched): readonly RecordingRule[] {
  const { probes } = watched.product;
  const of = probeSeries(watched);
  const read = `max by (probe) (${of(PROBE_METRICS.readAt)})`;
  const succeeded = `max by (probe) (${of(PROBE_METRICS.success)})`;
  const record = recorder(watched);
  const whole = `(${RECORDED.probesRead}${those(watched)} == 1)`;
  const closed = `(max(${CLOSED_METRIC}${those(watched)}) > 0)`;
  return [
    record(RECORDED.evaluated, 'vector(1)', { product: watched.productName }),
    record(RECORDED.probesRead, `(count(time() - ${read} <= ${PROBE_STALE_SECONDS}) or vector(0)) / ${probes.length}`),
    record(
      RECORDED.working,
      `((min(${succeeded}) == bool 1) and on () ${whole} unless on () ${closed} or vector(0)) ${IN_THIS_MONTH}`,
    ),
    record(
      RECORDED.response,
      `(max by (probe) (${of(PROBE_METRICS.duration)}) and on (probe) (${succeeded} == 1) and on () ${whole}) ${IN_THIS_MONTH}`,
    ),
    ...(exporterAt(watched.product, watched.level)?.metrics ?? []).map(metric =>
      record(RECORDED.metricSeries, `count(${metric}${those(watched)})`, { metric }),
    ),
  ];
}

/** What the month so far comes to. */
export function monthRules(watched: Watched): readonly RecordingRule[] {
  const record = recorder(watched);
  const working = `${RECORDED.working}${those(watched)}[31d]`;
  const part = toldPercent(watched) / 100;
  return [
    record(RECORDED.measuredMinutes, `count_over_time(${working}) ${OF_THIS_MONTH}`),
    record(RECORDED.workingMinutes, `sum_over_time(${working}) ${OF_THIS_MONTH}`),
    record(
      RECORDED.responseOfMonth,
      `quantile_over_time(${part}, ${RECORDED.response}${those(watched)}[31d]) ${OF_THIS_MONTH}`,
    ),
  ];
}

function recorder(watched: Watched) {
  return (record: string, expr: string, more: Readonly<Record<string, string>> = {}): RecordingRule => ({
    ...{ record, expr },
    labels: { ...identityOf(watched), ...more },
  });
}

/** Series of the Product's own probes: a guest may expose others under the same name. */
export function probeSeries(watched: Watched): (metric: string) => string {
  const names = watched.product.probes.map(({ name }) => name).join('|');
  return metric => `${metric}${those(watched, `probe=~"${names}"`)}`;
}
