import { z } from 'zod';
import { Instant } from './common.ts';

const ATOMIC = { 'x-kubernetes-list-type': 'atomic' } as const;

const AdvisorName = z.string().max(32).describe('Advisor of the Product.');

const Peak = z.strictObject({
  advisor: AdvisorName,
  percent: z.int().describe('Greatest percent in use, to two points.'),
  at: Instant.describe('When it was read, up to a quarter of an hour later.'),
});
export type Peak = z.infer<typeof Peak>;

const Bottleneck = z.strictObject({
  indicator: z.string().max(32).describe('Indicator of the Product.'),
  first: Instant.describe('When it was first seen to be told in this month.'),
  last: z.string().max(10).describe('The last day on which it was, in UTC.'),
});
export type Bottleneck = z.infer<typeof Bottleneck>;

const Unusual = z.strictObject({
  advisor: AdvisorName,
  percent: z.int().describe('Average percent in use of an hour.'),
  usualPercent: z.int().describe('That of the week in which it was.'),
  at: Instant.describe('When it was read.'),
});
export type Unusual = z.infer<typeof Unusual>;

const Outcome = z
  .enum(['Standing', 'Resolved', 'Expired'])
  .describe('Standing: it holds. Resolved: what was advised on is well again. Expired: it was not found so any more.');

const Followed = z.strictObject({
  advisor: AdvisorName,
  since: Instant.describe('Since when it was given.'),
  outcome: Outcome,
  until: Instant.optional().describe('When it ended.'),
});
export type Followed = z.infer<typeof Followed>;

const PerformanceReview = z.strictObject({
  month: z.string().max(7).describe('Month in UTC, e.g. 2026-11.'),
  since: Instant.describe('From when on the month was looked at.'),
  closed: Instant.optional().describe('When it was closed; absent: the month runs.'),
  peaks: z.array(Peak).max(8).meta(ATOMIC).describe('Load peaks. An advisor that is not here had no reading.'),
  bottlenecks: z.array(Bottleneck).max(16).meta(ATOMIC).describe('Indicators that were told.'),
  unusual: z
    .array(Unusual)
    .max(8)
    .meta(ATOMIC)
    .describe('What was unlike its week: by 20 points and by three standard deviations. Of each advisor the furthest.'),
  advice: z.array(Followed).max(16).meta(ATOMIC).describe('What was advised, and what became of it; the newest first.'),
});
export type PerformanceReview = z.infer<typeof PerformanceReview>;

export const PerformanceReviews = z
  .array(PerformanceReview)
  .max(7)
  .meta(ATOMIC)
  .describe('The month that runs and the last six, the newest first (AP-12). None at Basic (AP-5).');
export type PerformanceReviews = z.infer<typeof PerformanceReviews>;
