import { z } from 'zod';
import { Instant } from './common.ts';

export const OpenIncidents = z
  .strictObject({
    open: z.int().min(1).describe('How many are neither resolved nor closed.'),
    latest: Instant.describe(
      'When the latest of them was detected: the log of the guest is asked for what came before it.',
    ),
  })
  .describe('Incidents of this VM that are open (MO-14); absent: none.');
export type OpenIncidents = z.infer<typeof OpenIncidents>;
