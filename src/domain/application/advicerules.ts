import type { Advisor } from '../../api/productperformance.ts';
import { advisorsAt, capacityExpression, usedExpression } from './advisors.ts';
import type { RecordingRule } from './recorded.ts';
import { identityOf, those, type Watched } from './watched.ts';

/** Series that are recorded for advice and reviews, each with the labels of {@link identityOf} and `advisor` (AP-12). */
export const ADVISED = {
  /** The part in use, from 0 to 1. */
  used: 'managedapplication:advisor_used',
  /** The part in use that was reached or exceeded for as long as the advisor asks. */
  lasting: 'managedapplication:advisor_lasting',
  /** When nothing is left if it grows on as it has, in seconds since 1970. */
  exhaustedAt: 'managedapplication:advisor_exhausted_timestamp_seconds',
  /** Of a disk: bytes of the fullest file system. */
  capacity: 'managedapplication:advisor_capacity_bytes',
  /** The average part in use of the last hour, where that is unlike the week. */
  unusual: 'managedapplication:advisor_unusual',
  /** That of the week, where the last hour is unlike it. */
  usual: 'managedapplication:advisor_usual',
} as const;

/** The part in use is recorded before Prometheus forgets the value before, which is after five minutes. */
const USED_INTERVAL = '3m';
const SAMPLES_AN_HOUR = 20;
/** What is told of hours and days is reckoned anew more seldom, because a week of samples is read for it. */
const WINDOWS_INTERVAL = '15m';
/** What is recorded so seldom is read back as far as this. */
export const WINDOWS_LAST = '20m';

/** What is unlike its week: by this part of what there is, and by so many standard deviations. */
const UNUSUAL = { least: 0.2, deviations: 3 } as const;

/** What is recorded of what may become scarce; nothing at Basic (AP-5). */
export function adviceRules(watched: Watched) {
  const advisors = advisorsAt(watched.product, watched.level);
  if (advisors.length === 0) return [];
  const used = advisors.flatMap(advisor => usedRules(advisor, watched));
  const windows = advisors.flatMap(advisor => windowRules(advisor, watched));
  return [
    { name: 'managedapplication-advisors', interval: USED_INTERVAL, rules: used },
    { name: 'managedapplication-advice', interval: WINDOWS_INTERVAL, rules: windows },
  ];
}

function usedRules(advisor: Advisor, watched: Watched): readonly RecordingRule[] {
  const record = recorder(advisor, watched);
  return [
    record(ADVISED.used, usedExpression(advisor, watched)),
    ...(advisor.resource === 'Disk' ? [record(ADVISED.capacity, capacityExpression(advisor, watched))] : []),
  ];
}

function windowRules(advisor: Advisor, watched: Watched): readonly RecordingRule[] {
  const record = recorder(advisor, watched);
  const own = those(watched, `advisor="${advisor.name}"`);
  const used = `${ADVISED.used}${own}`;
  return [
    record(ADVISED.lasting, lasting(advisor, used)),
    ...(advisor.growth === undefined ? [] : [record(ADVISED.exhaustedAt, exhausted(advisor.growth, used))]),
    record(ADVISED.unusual, unusual(used)),
    record(ADVISED.usual, `avg_over_time(${used}[7d]) and ${ADVISED.unusual}${own}`),
  ];
}

function recorder({ name }: Advisor, watched: Watched) {
  return (record: string, expr: string): RecordingRule => ({
    ...{ record, expr },
    labels: { ...identityOf(watched), advisor: name },
  });
}

function lasting({ forMinutes, windowHours }: Advisor, used: string): string {
  const rest = 1 - forMinutes / (windowHours * 60);
  return `quantile_over_time(${Number(rest.toFixed(6))}, ${used}[${windowHours}h])`;
}

/** By the slope of a straight line, and only where half of the time was read: what an installation fills is no growth. */
function exhausted({ overHours }: NonNullable<Advisor['growth']>, used: string): string {
  const range = `${used}[${overHours}h]`;
  const isKnown = `count_over_time(${range}) >= ${(overHours * SAMPLES_AN_HOUR) / 2}`;
  return `time() + (1 - ${used}) / (deriv(${range}) > 0) and ${isKnown}`;
}

function unusual(used: string): string {
  const [hour, week] = [`avg_over_time(${used}[1h])`, `avg_over_time(${used}[7d])`];
  const apart = `abs(${hour} - ${week})`;
  const isKnown = `count_over_time(${used}[7d]) >= ${(7 * 24 * SAMPLES_AN_HOUR) / 2}`;
  return `${hour} and ${apart} > ${UNUSUAL.least} and ${apart} > ${UNUSUAL.deviations} * stddev_over_time(${used}[7d]) and ${isKnown}`;
}
