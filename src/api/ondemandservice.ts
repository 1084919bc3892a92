import { z } from 'zod';

/** What can be ordered one by one at a price from a list (MO-2, GE-2). What has no such price is work by effort. */
export const OnDemandService = z.enum([
  'PatchRun',
  'Backup',
  'Restore',
  'RestoreDrill',
  'Snapshot',
  'Restart',
  'ForcedStop',
  'LiveMigration',
  'Migration',
  'Rebuild',
  'Rescue',
]);
export type OnDemandService = z.infer<typeof OnDemandService>;
