import { z } from 'zod';
import { Instant } from './common.ts';

const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** What the guest's own records say of the dumps of an application and their proofs; instants by the guest's clock. */
export const ApplicationBackup = z.strictObject({
  dumps: z
    .array(Instant)
    .max(14)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .optional()
    .describe('Good dumps that lie in the guest, each by as of when it holds the data, the newest first.'),
  kept: z
    .array(
      z.strictObject({
        restore: z
          .string()
          .min(1)
          .max(64)
          .describe('UID of the Restore; they lie in before-restore-<uid> beside its data.'),
        at: Instant.describe('Since when.'),
        bytes: count.describe('How large they are.'),
      }),
    )
    .max(8)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .optional()
    .describe('Data of before restores, kept in the guest; status.pending says until when (GE-13).'),
  last: z
    .strictObject({
      at: Instant.describe('As of when it holds the data.'),
      bytes: count.describe('Its size.'),
      tookSeconds: count.describe('How long it took.'),
      databases: count.describe('Databases in it; of files, folders.'),
      tables: count.describe('Tables in it; of files, the files, folders and links.'),
      rows: count.describe('Rows in it; of files, the bytes of all.'),
    })
    .optional()
    .describe('The newest good dump; its consistency is that of the application.'),
  failed: z
    .strictObject({
      at: Instant.describe('When it began.'),
      what: z.string().max(256).describe('Why, in bounded words of the guest’s.'),
    })
    .optional()
    .describe('A dump after it that failed.'),
  proven: z
    .strictObject({
      at: Instant.describe('When it began.'),
      of: Instant.describe('As of when the dump holds the data.'),
      tookSeconds: count.describe('How long it took to read and restore the dump.'),
      tables: count.describe('Tables, or files, folders and links, that were compared.'),
      rows: count.describe('Rows, or bytes, that were compared.'),
    })
    .optional()
    .describe('The last time that a dump was restored into a second instance and found to hold what was dumped.'),
  unproven: z
    .strictObject({
      at: Instant.describe('When it began.'),
      of: Instant.describe('As of when the dump holds the data.'),
      outcome: z.enum(['Differs', 'Failed']).describe('Whether it was restored and differs, or was not restored.'),
      what: z.string().max(256).describe('The first difference, or why, in bounded words of the guest’s.'),
    })
    .optional()
    .describe('A proof after it that did not succeed.'),
});
export type ApplicationBackup = z.infer<typeof ApplicationBackup>;
