import type { PerformanceReview, PerformanceReviews } from '../../api/applicationreview.ts';
import type { ManagedApplication, ManagedApplicationStatus } from '../../api/managedapplication.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { ProductSpec } from '../../api/product.ts';
import type { Advisor } from '../../api/productperformance.ts';
import { adviceOf } from '../application/advice.ts';
import { advisorsAt, usedExpression } from '../application/advisors.ts';
import { includesPerformance } from '../application/performance.ts';
import { monthOf, nextMonth, reviewsOf } from '../application/review.ts';
import { watchedOf } from '../application/watched.ts';
import { earliest, instant } from '../contract/condition.ts';
import { unknown, type Verdict } from '../contract/finding.ts';
import { counted, enumerated } from '../guest/words.ts';
import type { SeenPerformance } from './advicewatch.ts';
import { asBefore, hindranceOf, noProduct, silent, type WatchedFacts } from './applicationwatched.ts';

/** What of the status is advice, and the reviews of the months (AP-12). */
export type Reviewed = Pick<ManagedApplicationStatus, 'advice' | 'reviews'>;

/** What is advised and reviewed by what was seen; of a Product that is not in order what there is stays, and at Basic there is none (AP-5). */
export function reviewed(
  application: ManagedApplication,
  managedVM: ManagedVM | undefined,
  product: ProductSpec | undefined,
  seen: SeenPerformance | undefined,
  now: Date,
): Reviewed {
  const { advice: before = [], reviews: past = [] } = application.status ?? {};
  if (!includesPerformance(application.spec.serviceLevel)) return {};
  if (product === undefined) return shown({ advice: before, reviews: past });
  const watched = watchedOf(application, product);
  const advisors = advisorsAt(product, watched.level);
  const { readings, firing } = ofProduct(seen, product, advisors);
  const machine = { name: watched.vm, disks: (managedVM?.spec.disks ?? []).map(({ name }) => name) };
  const { advice, ended } = adviceOf({
    ...{ advisors, readings, before, machine, now },
    queryOf: advisor => usedExpression(advisor, watched),
  });
  return shown({ advice, reviews: reviewsOf(past, { readings, firing, advice, ended, now }) });
}

/** Whoever may write rules in the namespace can make up advisors and indicators: those of the Product count. */
function ofProduct(seen: SeenPerformance | undefined, { monitoring }: ProductSpec, advisors: readonly Advisor[]) {
  const isOf = (own: readonly { readonly name: string }[] | undefined) => (name: string) =>
    own?.some(each => each.name === name) === true;
  return {
    readings: new Map([...(seen?.readings ?? [])].filter(([name]) => isOf(advisors)(name))),
    firing: (seen?.firing ?? []).filter(isOf(monitoring?.indicators)),
  };
}

function shown({ advice = [], reviews = [] }: Reviewed): Reviewed {
  return { ...(advice.length > 0 && { advice }), ...(reviews.length > 0 && { reviews }) };
}

export type ReviewedFacts = WatchedFacts & { readonly kept: Reviewed };

/** Whether its performance is analysed: each advisor is read, and each month has its review (AP-5, AP-12). */
export function performanceReviewed(facts: ReviewedFacts): Verdict {
  const { application, kept, now } = facts;
  const { serviceLevel } = application.spec;
  if (!includesPerformance(serviceLevel))
    return unknown('NotIncluded', `Service level ${serviceLevel} does not include performance (AP-5).`);
  const expiries = (kept.advice ?? []).map(({ expires }) => new Date(expires));
  const nextEdge = earliest(nextMonth(now), ...expiries);
  return { ...judged(facts), ...(nextEdge && { nextEdge }) };
}

function judged(facts: ReviewedFacts): Verdict {
  const { application, kept, now, watch } = facts;
  const { product, performance: seen } = watch;
  if (product === undefined) return noProduct();
  const hindrance = hindranceOf(facts);
  if (hindrance !== undefined) return hindrance;
  if (watch.prometheus === undefined) return unknown('NotObserved', 'No Prometheus is asked about its performance.');
  if (seen === undefined) return asBefore(application, 'PerformanceReviewed');
  if (seen.silence !== undefined) return silent(seen.silence);
  const [newest] = kept.reviews ?? [];
  if (newest !== undefined && newest.month < monthBefore(now)) return overdue(newest, now);
  const advisors = advisorsAt(product, application.spec.serviceLevel).map(({ name }) => name);
  const unread = advisors.filter(name => !seen.readings.has(name));
  if (unread.length === 0) return analysed(kept, advisors.length, now);
  if (!seen.decided) return asBefore(application, 'PerformanceReviewed');
  return lacking(unread, advisors.length, newest);
}

/** What was read before and is not any more is a fault; what was never read may be on its way. */
function lacking(unread: readonly string[], total: number, newest: PerformanceReview | undefined): Verdict {
  const message = `Prometheus has no reading of ${unread.length} of ${counted(total, 'advisor')}, so nothing is advised by ${enumerated(unread)}.`;
  const isGone = unread.some(name => newest?.peaks.some(({ advisor }) => advisor === name));
  return isGone ? { status: 'False', reason: 'ReadingsMissing', message } : unknown('NotMeasured', message);
}

function overdue({ month }: PerformanceReview, now: Date): Verdict {
  const message = `The last review is that of ${month}: in ${monthBefore(now)} Prometheus had nothing to review.`;
  return { status: 'False', reason: 'ReviewOverdue', message };
}

function analysed({ reviews = [], advice = [] }: Reviewed, advisors: number, now: Date): Verdict {
  const last = reviews.find(({ closed }) => closed !== undefined);
  const standing = `${counted(advice.length, 'piece of advice stands', 'pieces of advice stand')}: see status.advice.`;
  if (last === undefined)
    return {
      ...{ status: 'True', reason: 'UnderReview' },
      message: `${counted(advisors, 'advisor')} of ${advisors} are read; the review of ${monthOf(now)} is closed at ${instant(nextMonth(now))}. ${standing}`,
    };
  return { status: 'True', reason: 'Reviewed', message: `${inNumbers(last)} ${standing}` };
}

function inNumbers({ month, closed, peaks, bottlenecks, unusual, advice }: PerformanceReviews[number]): string {
  const parts = [
    counted(peaks.length, 'load peak'),
    counted(bottlenecks.length, 'bottleneck'),
    `${unusual.length} unusual`,
    counted(advice.length, 'piece of advice', 'pieces of advice'),
  ];
  return `The review of ${month} was closed at ${closed}: ${parts.join(', ')}.`;
}

function monthBefore(now: Date): string {
  return monthOf(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1)));
}
