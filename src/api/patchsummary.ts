/** What a ManagedVM's status tells of the updates of its guest, and of its last PatchRun. */
import { z } from 'zod';
import { ATOMIC } from './guestupdates.ts';
import { WrittenMoment } from './moment.ts';

export const UpdateSummary = z
  .strictObject({
    askedAt: WrittenMoment.describe("When the guest's package manager was asked."),
    missing: z.int().min(0).describe('How many updates are missing.'),
    security: z.int().min(0).describe('How many of them mend holes.'),
    standing: z
      .array(
        z.strictObject({
          bucket: z
            .enum(['Overdue', 'Failed', 'Unknown', 'Blocked', 'InSLA', 'NotYetApproved', 'Excluded'])
            .describe('Where they stand.'),
          severity: z.enum(['Critical', 'Important', 'Other']).describe('By which numbers of the policy.'),
          count: z.int().min(1).describe('How many.'),
        }),
      )
      .max(21)
      .meta(ATOMIC)
      .describe('How they stand by the policy.'),
    oldest: WrittenMoment.optional().describe('Since when the oldest is missing of those that shall be installed.'),
    due: WrittenMoment.optional().describe('When the next one is overdue.'),
    rebootPending: z.boolean().optional().describe('Whether some take effect at the next boot; absent: not known.'),
  })
  .describe('Updates that are missing; absent where that is not known.');
export type UpdateSummary = z.infer<typeof UpdateSummary>;

export const RunSummary = z
  .strictObject({
    name: z.string().max(253).describe('Its name.'),
    phase: z.string().max(40).describe('Where it stands, or its verdict.'),
    ended: WrittenMoment.optional().describe('When its verdict was written; absent: it has none.'),
    underWay: z.boolean().describe('Whether it has no verdict, and its window has not been closed for an hour.'),
  })
  .describe('The last PatchRun of it.');
export type RunSummary = z.infer<typeof RunSummary>;

export const MissedWindow = z
  .strictObject({
    window: z.string().max(63).describe('Its name.'),
    end: WrittenMoment.describe('When it closed.'),
  })
  .describe('The last window, where no PatchRun worked in it or none came to its end.');
export type MissedWindow = z.infer<typeof MissedWindow>;
