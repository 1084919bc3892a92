import { z } from 'zod';
import { withRules } from './rules.ts';

/**
 * Cron with five numeric fields, the part that Vixie cron and Velero's parser (robfig/cron) read alike (ADR 0021).
 * As in Vixie cron, a schedule that restricts both day of month and day of week fires when either matches.
 */
const minute = field('[0-5]?[0-9]', '(?:[2-9]|[1-5][0-9])');
const hour = field('(?:[01]?[0-9]|2[0-3])', '(?:[2-9]|1[0-9]|2[0-3])');
const dayOfMonth = field('(?:0?[1-9]|[12][0-9]|3[01])', '(?:[2-9]|[12][0-9]|3[01])');
const month = field('(?:0?[1-9]|1[0-2])', '(?:[2-9]|1[0-2])');
const dayOfWeek = field('[0-6]', '[2-6]');

/** `*`, every n-th (`*` with a step), or a list of numbers and ranges; a range may have a step. */
function field(number: string, step: string): string {
  const range = `${number}(?:-${number}(?:/${step})?)?`;
  return `(?:[*](?:/${step})?|${range}(?:,${range})*)`;
}

const shape = `^${minute} ${hour} ${dayOfMonth} ${month} ${dayOfWeek}$`;

/** Only days that the months named do not have, and no day of week to fall back on. */
const thirtiethOfFebruary = '(?:30|31|30-31)(?:,(?:30|31|30-31))* 0?2(?:,0?2)*';
const thirtyFirstOfAShortMonth = '31(?:,31)* (?:0?[2469]|11)(?:,(?:0?[2469]|11))*';
const neverFires = ` (?:${thirtiethOfFebruary}|${thirtyFirstOfAShortMonth}) [*]$`;

const matches = (pattern: string, schedule: string): boolean => new RegExp(pattern).test(schedule);

function rangesAscend(schedule: string): boolean {
  const ranges = schedule.match(/[0-9]{1,2}-[0-9]{1,2}/g) ?? [];
  return ranges.every(range => {
    const [first, last] = range.split('-').map(Number);
    return first !== undefined && last !== undefined && first < last;
  });
}

const ascendingRanges =
  "self.findAll('[0-9]{1,2}-[0-9]{1,2}').all(range, int(range.split('-')[0]) < int(range.split('-')[1]))";

/** When something happens: `minute hour day-of-month month day-of-week`, read in a zone that stands beside it. */
export const CronSchedule = withRules(
  z.string().min(9).max(100),
  {
    rule: `self.matches('${shape}')`,
    message:
      'must be cron with five fields, minute 0-59, hour 0-23, day of month 1-31, month 1-12, day of week 0-6 (0 is Sunday), each *, */n, n, a-b, a-b/n or a list of these, e.g. 30 22 * * 1-5',
    holds: schedule => matches(shape, schedule),
  },
  {
    rule: ascendingRanges,
    message: 'has a range that does not ascend; write 22-23,0-5 instead of 22-5',
    holds: rangesAscend,
  },
  {
    rule: `!self.matches('${neverFires}')`,
    message: 'never fires: none of its months has such a day, e.g. 30 February',
    holds: schedule => !matches(neverFires, schedule),
  },
);
