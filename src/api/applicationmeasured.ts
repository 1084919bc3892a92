import { z } from 'zod';

const Month = z.string().max(7).describe('Month in UTC, e.g. 2026-11.');

/** What Prometheus has measured of an application in the month that runs. */
export const MeasuredAvailability = z
  .strictObject({
    month: Month,
    percent: z
      .string()
      .max(7)
      .describe('Percent of the minutes of the month so far in which all probes were seen to succeed.'),
    budgetLeftSeconds: z
      .int()
      .optional()
      .describe('What the objective of the level leaves for the rest of the month; below 0 where it is missed.'),
  })
  .describe('How long it was available, by the probes and Prometheus. Written every ten minutes at most.');
export type MeasuredAvailability = z.infer<typeof MeasuredAvailability>;

export const MeasuredResponseTimes = z
  .array(
    z.strictObject({
      probe: z.string().max(24).describe('Probe of the Product.'),
      month: Month,
      percent: z.int().describe('Percent of its readings in the month so far that took no longer.'),
      milliseconds: z.int().describe('How long they took at most, to two digits.'),
    }),
  )
  .max(8)
  .meta({ 'x-kubernetes-list-type': 'atomic' })
  .describe('How long its probes take (AP-11). Written every ten minutes at most.');
export type MeasuredResponseTimes = z.infer<typeof MeasuredResponseTimes>;
