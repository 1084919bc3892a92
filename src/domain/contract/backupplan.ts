/** The part of an application's plan that says how its data are dumped in the guest, and how each dump is proven there (AP-13). */
import { z } from 'zod';

export const BackupPlan = z.strictObject({
  /** By whose method. */
  engine: z.enum(['PostgreSQL', 'MariaDB', 'Valkey', 'Files']),
  everyHours: z.int(),
  proveEveryDays: z.int(),
  /** Dumps that are kept. */
  keep: z.int(),
  dumpMinutes: z.int(),
  proofMinutes: z.int(),
  /** Of Files: where they are. */
  folders: z.array(z.string()).optional(),
});
export type BackupPlan = z.infer<typeof BackupPlan>;
