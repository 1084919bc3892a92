import { z } from 'zod';
import { withRules } from './rules.ts';

/**
 * Cron with five numeric fields, the part that every cron reads alike, those of all versions of Velero among them (ADR 0021, 0049).
 */
const minute = field('[0-5]?[0-9]', '(?:[2-9]|[1-5][0-9])');
const hour = field('(?:[01]?[0-9]|2[0-3])', '(?:[2-9]|1[0-9]|2[0-3])');
const dayOfMonth = field('(?:0?[1-9]|[12][0-9]|3[01])', '(?:[2-9]|[12][0-9]|30)');
const month = field('(?:0?[1-9]|1[0-2])', '(?:[2-9]|1[01])');
const dayOfWeek = field('[0-6]', '[2-6]');

/** `*`, every n-th (`*` with a step), or a list of numbers and ranges; a range may have a step. */
function field(number: string, step: string): string {
  const range = `${number}(?:-${number}(?:/${step})?)?`;
  return `(?:[*](?:/${step})?|${range}(?:,${range})*)`;
}

const shape = `^${minute} ${hour} ${dayOfMonth} ${month} ${dayOfWeek}$`;

/** Only days that the months named do not have. */
const thirtiethOfFebruary = '(?:30|31|30-31)(?:,(?:30|31|30-31))* 0?2(?:,0?2)*';
const thirtyFirstOfAShortMonth = '31(?:,31)* (?:0?[2469]|11)(?:,(?:0?[2469]|11))*';
const neverFires = ` (?:${thirtiethOfFebruary}|${thirtyFirstOfAShortMonth}) [*]$`;

/** With both restricted, Vixie cron and Velero up to 1.17 want either to match, Velero from 1.18 on both. */
const oneDayField = ' (?:[*] [^ ]+ [^ ]+|[^ ]+ [^ ]+ [*])$';

const matches = (pattern: string, schedule: string): boolean => new RegExp(pattern).test(schedule);

function rangesAscend(schedule: string): boolean {
  const ranges = schedule.match(/[0-9]{1,2}-[0-9]{1,2}/g) ?? [];
  return ranges.every(range => {
    const [first, last] = range.split('-').map(Number);
    return first !== undefined && last !== undefined && first < last;
  });
}

/** A range has at least two runs of its step: Velero's cron refuses `0-1/2` from 1.18 on. */
function stepsFit(schedule: string): boolean {
  const steps = schedule.match(/[0-9]{1,2}-[0-9]{1,2}\/[0-9]{1,2}/g) ?? [];
  return steps.every(each => {
    const [first = 0, last = 0, step = 0] = each.split(/[-/]/).map(Number);
    return step <= last - first;
  });
}

const fittingSteps =
  "self.findAll('[0-9]{1,2}-[0-9]{1,2}/[0-9]{1,2}').all(each, int(each.split('/')[1]) <= int(each.split('/')[0].split('-')[1]) - int(each.split('-')[0]))";

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
    rule: fittingSteps,
    message: 'has a step as long as its range, e.g. 0-1/2; write the number alone',
    holds: stepsFit,
  },
  {
    rule: `!self.matches('${neverFires}')`,
    message: 'never fires: none of its months has such a day, e.g. 30 February',
    holds: schedule => !matches(neverFires, schedule),
  },
  {
    rule: `self.matches('${oneDayField}')`,
    message: 'restricts day of month and day of week, which crons read differently; leave one of them *',
    holds: schedule => matches(oneDayField, schedule),
  },
);

const once = /^[0-9]{1,2} [0-9]{1,2} /;

/** A schedule with one minute and one hour; `why`: for whoever names more. */
export function oncePerDay(why: string): typeof CronSchedule {
  return withRules(CronSchedule, {
    rule: `self.matches('${once.source}')`,
    message: `names one minute and one hour: ${why}`,
    holds: schedule => once.test(schedule),
  });
}
