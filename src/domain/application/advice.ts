import type { Advice, GivenAdvice } from '../../api/applicationadvice.ts';
import type { Advisor } from '../../api/productperformance.ts';
import { instant } from '../contract/condition.ts';
import { sizeProposal } from './disksize.ts';

/** What Prometheus has recorded of one advisor, in numbers that stand still while little happens. */
export type Reading = {
  /** Percent in use that was reached or exceeded for as long as the advisor asks; rounded down. */
  readonly percent: number;
  /** The greatest percent of the last quarter of an hour; rounded down. */
  readonly peak: number;
  /** When nothing is left, if it grows on as it has. */
  readonly exhausted?: Date | undefined;
  /** Bytes of the fullest file system. */
  readonly capacity?: number | undefined;
  /** The average percent of the last hour, where it was unlike its week, and that of the week. */
  readonly unusual?: { readonly percent: number; readonly usualPercent: number } | undefined;
};

/** By advisor; one that is not there had no reading. */
export type Readings = ReadonlyMap<string, Reading>;

export type AdviceFacts = {
  readonly advisors: readonly Advisor[];
  readonly readings: Readings;
  readonly before: Advice;
  /** The expression behind an advisor, for whoever wants to see it himself. */
  readonly queryOf: (advisor: Advisor) => string;
  /** The ManagedVM and its disks, for what is proposed. */
  readonly machine: { readonly name: string; readonly disks: readonly string[] };
  readonly now: Date;
};

/** What became of advice that is not given any more. */
export type EndedAdvice = { readonly given: GivenAdvice; readonly outcome: 'Resolved' | 'Expired' };

const DAY_MS = 24 * 60 * 60_000;
/** How long advice stands after it was found so last. */
const STANDS_MS = 7 * DAY_MS;
/** It is renewed when less than this is left, and not with each look. */
const RENEWED_MS = 4 * DAY_MS;
/** Points below the advisor's own at which what was advised on is well again; and how much further off its end must be. */
const WELL_POINTS = 5;
const WELL_TIMES = 2;
/** Points that are no news. */
const SMALL_SHIFT = 3;

/**
 * What is advised now (AP-12). What is found so is given, and stands for a week from when it was found so last; what is clearly well again ends at once.
 * Between the two nothing changes but that it runs out, so advice does not come and go with a number that swings. Without a reading it runs out too.
 */
export function adviceOf(facts: AdviceFacts): { readonly advice: Advice; readonly ended: readonly EndedAdvice[] } {
  const { advisors, readings, before, now } = facts;
  const ended: EndedAdvice[] = before
    .filter(given => !advisors.some(({ name }) => name === given.advisor))
    .map(given => ({ given, outcome: 'Expired' }));
  const advice = advisors.flatMap(advisor => {
    const given = before.find(each => each.advisor === advisor.name);
    const reading = readings.get(advisor.name);
    if (reading !== undefined && isScarce(advisor, reading, now)) return [renewed(advisor, reading, given, facts)];
    if (given === undefined) return [];
    const isWell = reading !== undefined && isWellAgain(advisor, reading, now);
    if (!isWell && now < new Date(given.expires)) return [given];
    ended.push({ given, outcome: isWell ? 'Resolved' : 'Expired' });
    return [];
  });
  return { advice, ended };
}

function isScarce({ atPercent, growth }: Advisor, { percent, exhausted }: Reading, now: Date): boolean {
  return percent >= atPercent || (growth !== undefined && daysUntil(exhausted, now) <= growth.exhaustedWithinDays);
}

function isWellAgain({ atPercent, growth }: Advisor, { percent, exhausted }: Reading, now: Date): boolean {
  const isFarOff = growth === undefined || daysUntil(exhausted, now) > WELL_TIMES * growth.exhaustedWithinDays;
  return percent <= atPercent - WELL_POINTS && isFarOff;
}

function daysUntil(time: Date | undefined, now: Date): number {
  return time === undefined ? Number.POSITIVE_INFINITY : (time.getTime() - now.getTime()) / DAY_MS;
}

function renewed(
  advisor: Advisor,
  reading: Reading,
  given: GivenAdvice | undefined,
  { queryOf, machine, now }: AdviceFacts,
): GivenAdvice {
  const percent =
    given !== undefined && Math.abs(given.percent - reading.percent) < SMALL_SHIFT ? given.percent : reading.percent;
  const exhausted = exhaustedDay(reading.exhausted, given?.exhausted, now);
  const isFresh = given !== undefined && Date.parse(given.expires) - now.getTime() > RENEWED_MS;
  return {
    ...{ advisor: advisor.name, resource: advisor.resource, query: queryOf(advisor), windowHours: advisor.windowHours },
    ...{ percent, ...(exhausted && { exhausted }) },
    proposal: `${advisor.proposal}${sizeProposal(advisor, reading.capacity, { percent, exhausted }, machine, now)}`,
    since: given?.since ?? instant(now),
    expires: isFresh ? given.expires : instant(new Date(now.getTime() + STANDS_MS)),
  };
}

/** The day that was told stays until it is off by two days and by a tenth of what is left. */
function exhaustedDay(time: Date | undefined, told: string | undefined, now: Date): string | undefined {
  if (time === undefined) return undefined;
  const off = told === undefined ? Number.POSITIVE_INFINITY : Math.abs(Date.parse(told) - time.getTime());
  const isNoNews = off < 2 * DAY_MS || off < (time.getTime() - now.getTime()) / 10;
  return isNoNews ? told : instant(time).slice(0, 10);
}
