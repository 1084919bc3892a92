import { z } from 'zod';
import { Instant } from './common.ts';
import { Resource } from './productperformance.ts';

const Day = z
  .string()
  .max(10)
  .regex(/^\d{4}-\d\d-\d\d$/);

const GivenAdvice = z.strictObject({
  advisor: z.string().max(32).describe('Advisor of the Product.'),
  resource: Resource.describe('What is scarce, or will be.'),
  query: z.string().max(16_384).describe('Expression of Prometheus for the part that is in use, from 0 to 1.'),
  windowHours: z.int().describe('The hours that were looked at.'),
  percent: z
    .int()
    .describe(
      'Percent in use that was reached or exceeded in them for as long as the advisor asks. Kept until it differs visibly.',
    ),
  exhausted: Day.optional().describe('When nothing of it is left, if it grows on as it has; a day in UTC.'),
  proposal: z.string().max(1024).describe('What should be done; full sentences.'),
  since: Instant.describe('Since when it is given.'),
  expires: Instant.describe('When it goes unless it is found so again before. Renewed while it is.'),
});
export type GivenAdvice = z.infer<typeof GivenAdvice>;

export const Advice = z
  .array(GivenAdvice)
  .max(8)
  .meta({ 'x-kubernetes-list-type': 'atomic' })
  .describe('What is advised, by what was measured (AP-12). None at Basic (AP-5).');
export type Advice = z.infer<typeof Advice>;
