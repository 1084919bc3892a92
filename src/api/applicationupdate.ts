import { z } from 'zod';
import { Instant } from './common.ts';

/** An update inside the version line of an application, and what it has come to (AP-2). */
export const ApplicationUpdate = z
  .strictObject({
    from: z.string().max(64).describe('Exact version before it.'),
    to: z.string().max(64).describe('The designated version.'),
    outcome: z
      .enum(['Running', 'Updated', 'RolledBack', 'Failed'])
      .describe(
        'RolledBack: it did not work, and the packages are as they were. Failed: it works neither way, and its interface stays closed.',
      ),
    at: Instant.describe('When it was begun, by the guest’s clock.'),
    closedSince: Instant.optional().describe('Since when its interface is closed to clients; absent: it is open.'),
  })
  .describe('An update inside the version line.');
export type ApplicationUpdate = z.infer<typeof ApplicationUpdate>;
