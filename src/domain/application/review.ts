import type { Advice } from '../../api/applicationadvice.ts';
import type { PerformanceReview, PerformanceReviews } from '../../api/applicationreview.ts';
import { instant } from '../contract/condition.ts';
import type { EndedAdvice, Readings } from './advice.ts';

/** What was seen of an application since it was looked at last. */
export type Seen = {
  readonly readings: Readings;
  /** Indicators that are told now. */
  readonly firing: readonly string[];
  readonly advice: Advice;
  readonly ended: readonly EndedAdvice[];
  readonly now: Date;
};

const MOST_REVIEWS = 7;
const MOST_ADVICE = 16;
/** Points that a peak must exceed the one that is told. */
const PEAK_SHIFT = 2;
/** Points that something unusual must be further off than what is told. */
const UNUSUAL_SHIFT = 10;

/** The reviews with what was seen, the newest first: a month that is over is closed, and the one that runs is begun with what is seen of it (AP-12). */
export function reviewsOf(before: PerformanceReviews | undefined, seen: Seen): PerformanceReviews {
  const month = monthOf(seen.now);
  const [newest, ...older] = before ?? [];
  const isRunning = newest !== undefined && newest.month >= month;
  const past = isRunning || newest === undefined ? older : [closed(newest, seen.now), ...older];
  const isSilent = seen.readings.size + seen.firing.length + seen.ended.length === 0;
  const running = isRunning ? newest : isSilent ? undefined : begun(month, seen.now);
  return [...(running === undefined ? [] : [withSeen(running, seen)]), ...past].slice(0, MOST_REVIEWS);
}

/** The month of an instant in UTC, e.g. 2026-11; as that of the availability. */
export function monthOf(time: Date): string {
  return instant(time).slice(0, 7);
}

/** When the month after that of an instant begins, in UTC. */
export function nextMonth(time: Date): Date {
  return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + 1, 1));
}

function begun(month: string, now: Date): PerformanceReview {
  return { month, since: instant(now), peaks: [], bottlenecks: [], unusual: [], advice: [] };
}

function closed(review: PerformanceReview, now: Date): PerformanceReview {
  return review.closed === undefined ? { ...review, closed: instant(now) } : review;
}

function withSeen(review: PerformanceReview, { readings, firing, advice, ended, now }: Seen): PerformanceReview {
  return {
    ...review,
    peaks: peaksOf(review, readings, now),
    bottlenecks: bottlenecksOf(review, firing, now),
    unusual: unusualOf(review, readings, now),
    advice: followed(review, advice, ended, now),
  };
}

function peaksOf({ peaks }: PerformanceReview, readings: Readings, now: Date): PerformanceReview['peaks'] {
  const higher = [...readings].flatMap(([advisor, { peak: percent }]) => {
    const known = peaks.find(each => each.advisor === advisor);
    return known === undefined || percent >= known.percent + PEAK_SHIFT ? [{ advisor, percent, at: instant(now) }] : [];
  });
  return merged(peaks, higher, ({ advisor }) => advisor, 8);
}

function bottlenecksOf({ bottlenecks }: PerformanceReview, firing: readonly string[], now: Date) {
  const last = instant(now).slice(0, 10);
  const told = firing.map(indicator => {
    const known = bottlenecks.find(each => each.indicator === indicator);
    return { indicator, first: known?.first ?? instant(now), last };
  });
  return merged(bottlenecks, told, ({ indicator }) => indicator, 16);
}

function unusualOf({ unusual }: PerformanceReview, readings: Readings, now: Date): PerformanceReview['unusual'] {
  const further = [...readings].flatMap(([advisor, { unusual: seen }]) => {
    if (seen === undefined) return [];
    const known = unusual.find(each => each.advisor === advisor);
    const isFurther = known === undefined || distance(seen) >= distance(known) + UNUSUAL_SHIFT;
    return isFurther ? [{ advisor, ...seen, at: instant(now) }] : [];
  });
  return merged(unusual, further, ({ advisor }) => advisor, 8);
}

function distance({ percent, usualPercent }: { readonly percent: number; readonly usualPercent: number }): number {
  return Math.abs(percent - usualPercent);
}

/** Entries by their keys, those of `news` in the place of the ones before. */
function merged<Entry>(
  before: readonly Entry[],
  news: readonly Entry[],
  keyOf: (entry: Entry) => string,
  most: number,
) {
  const all = new Map([...before, ...news].map(entry => [keyOf(entry), entry]));
  return [...all.values()].slice(0, most);
}

function followed(
  review: PerformanceReview,
  advice: Advice,
  ended: readonly EndedAdvice[],
  now: Date,
): PerformanceReview['advice'] {
  const keyOf = ({ advisor, since }: { readonly advisor: string; readonly since: string }) => `${advisor} ${since}`;
  const over = ended.map(({ given: { advisor, since }, outcome }) => ({
    advisor,
    since,
    outcome,
    until: instant(now),
  }));
  const standing = advice.map(({ advisor, since }) => ({ advisor, since, outcome: 'Standing' as const }));
  return merged(review.advice, [...over, ...standing], keyOf, Number.POSITIVE_INFINITY)
    .toSorted((one, other) => other.since.localeCompare(one.since))
    .slice(0, MOST_ADVICE);
}
