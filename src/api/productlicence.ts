import { z } from 'zod';
import { withExactlyOne } from './rules.ts';

export const LicenceMetric = z
  .enum(['PerVM', 'PerVCPU', 'PerInstance'])
  .describe(
    'What is counted: the VM that it runs on, the virtual CPUs of that VM, or the installation, which is the order.',
  );
export type LicenceMetric = z.infer<typeof LicenceMetric>;

export const ProductLicence = withExactlyOne(
  z.strictObject({
    spdx: z
      .string()
      .min(1)
      .max(128)
      .regex(/^[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*$/)
      .optional()
      .describe('A free licence by its expression of SPDX, e.g. PostgreSQL. Nothing is metered.'),
    commercial: z
      .strictObject({
        metric: LicenceMetric,
        billed: z.boolean().prefault(true).describe('Whether it is billed beside the service.'),
      })
      .optional()
      .describe('One that costs.'),
  }),
  ['spdx', 'commercial'],
  'a licence is either spdx or commercial',
).describe('Under which licence it is used, and how that is metered (AP-1).');
export type ProductLicence = z.infer<typeof ProductLicence>;
