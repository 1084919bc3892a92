import { z } from 'zod';
import { Instant } from './common.ts';
import { LicenceMetric } from './productlicence.ts';

export const ApplicationLicence = z
  .strictObject({
    metric: LicenceMetric,
    amount: z.int().min(0).describe('How many of them.'),
    billed: z.boolean().describe('Whether they are billed beside the service, as the Product says.'),
    at: Instant.describe('Since when it has been so.'),
  })
  .describe('What its licence is metered at (AP-1).');
export type ApplicationLicence = z.infer<typeof ApplicationLicence>;
