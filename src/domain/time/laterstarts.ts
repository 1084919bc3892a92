/** The same schedule with later starts, as far as five fields of cron can say it: how many machines share one schedule without one start. */
import { type Cron, parseCron } from './cron.ts';
import { timeFields } from './timefields.ts';

const DAY = 24 * 60;

/**
 * The schedules whose every run comes 0 to `minutes` (excluded) later on the same day, the earliest first; the first is `expression` itself.
 * A delay is left out that would carry a run past midnight, where the day may not be one of the schedule's, and one that five fields
 * cannot say, such as half an hour after 01:00 and 01:30.
 * @throws InvalidCron for what {@link parseCron} refuses.
 */
export function laterStarts(expression: string, minutes: number): readonly string[] {
  const cron = parseCron(expression);
  const days = expression.trim().split(/\s+/).slice(2).join(' ');
  const later = Array.from({ length: Math.max(0, minutes - 1) }, (_, index) => delayed(cron, index + 1));
  return [expression, ...later.flatMap(times => (times === undefined ? [] : [`${times} ${days}`]))];
}

/** Minute and hour of each run so many minutes later; undefined where there is no such schedule on the same day. */
function delayed({ minutesOfDay }: Cron, delay: number): string | undefined {
  const times = minutesOfDay.map(minute => minute + delay);
  return times.some(time => time >= DAY) ? undefined : timeFields(times);
}
