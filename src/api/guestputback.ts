import { z } from 'zod';
import { Instant } from './common.ts';

/** Days in which a step that is put back once more is said of its application: somebody changes it again and again (GE-10). */
export const REPEATED_WITHIN_DAYS = 7;

/** A step of an application that was found changed, and put back. */
export const GuestPutBack = z.strictObject({
  step: z.string().min(1).max(64).describe('Name of the step.'),
  at: z
    .array(Instant)
    .min(1)
    .max(8)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe(`When, within the last ${REPEATED_WITHIN_DAYS} days; the newest are last.`),
});
export type GuestPutBack = z.infer<typeof GuestPutBack>;
