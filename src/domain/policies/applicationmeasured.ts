import type { MeasuredAvailability, MeasuredResponseTimes } from '../../api/applicationmeasured.ts';
import type { ManagedApplicationStatus } from '../../api/managedapplication.ts';
import { budgetShare } from '../application/alerts.ts';
import { objectiveAt } from '../application/performance.ts';
import { toldPercent, type Watched } from '../application/watched.ts';
import type { Figures } from './applicationwatch.ts';

/** What of the status Prometheus has measured. */
export type Measured = Pick<ManagedApplicationStatus, 'availability' | 'responseTime'>;

/**
 * What was measured, in numbers that a person reads and that stand still while nothing happens: those that are there stay until they differ visibly.
 * Without figures they stay as they are; each says its month.
 */
export function measuredOf(watched: Watched, figures: Figures | undefined, before: Measured | undefined): Measured {
  if (figures === undefined) return { ...before };
  const responseTime = responseTimesOf(watched, figures, before?.responseTime);
  return {
    availability: availabilityOf(watched, figures, before?.availability),
    ...(responseTime.length > 0 && { responseTime }),
  };
}

/** Points of a percentage that are no news. */
const SMALL_SHIFT = 0.01;

function availabilityOf(
  { product, level }: Watched,
  { month, measuredMinutes, workingMinutes }: Figures,
  before: MeasuredAvailability | undefined,
): MeasuredAvailability {
  const { availability: objective } = objectiveAt(product, level);
  const percent = (100 * workingMinutes) / measuredMinutes;
  const left =
    objective === undefined
      ? undefined
      : Math.round(secondsIn(month) * budgetShare(objective) - 60 * (measuredMinutes - workingMinutes));
  const next = {
    month,
    // Rounded down: 100 is what has never failed.
    percent: (Math.floor(percent * 1000) / 1000).toFixed(3),
    ...(left !== undefined && { budgetLeftSeconds: left }),
  };
  const isNoNews =
    before?.month === month &&
    before.budgetLeftSeconds === left &&
    (percent === 100) === (before.percent === '100.000') &&
    Math.abs(Number(before.percent) - percent) < SMALL_SHIFT;
  return isNoNews ? before : next;
}

function responseTimesOf(
  watched: Watched,
  { month, responseSeconds }: Figures,
  before: MeasuredResponseTimes = [],
): MeasuredResponseTimes {
  const percent = toldPercent(watched);
  const bound = objectiveAt(watched.product, watched.level).responseTime?.milliseconds ?? Number.POSITIVE_INFINITY;
  return watched.product.probes.flatMap(({ name: probe }) => {
    const seconds = responseSeconds.get(probe);
    if (seconds === undefined) return [];
    const milliseconds = twoDigits(seconds * 1000);
    const known = before.find(each => each.probe === probe && each.month === month && each.percent === percent);
    const isNoNews =
      known !== undefined &&
      known.milliseconds <= bound === milliseconds <= bound &&
      Math.abs(known.milliseconds - milliseconds) <= known.milliseconds / 10;
    return [isNoNews ? known : { probe, month, percent, milliseconds }];
  });
}

/** Rounded up, so that what is below an objective has kept it. */
function twoDigits(milliseconds: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(milliseconds, 1))) - 1);
  return Math.max(1, Math.ceil(milliseconds / step) * step);
}

/** Seconds of a month, e.g. 2026-11, in UTC. */
function secondsIn(month: string): number {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return (Date.UTC(year, number, 1) - Date.UTC(year, number - 1, 1)) / 1000;
}
