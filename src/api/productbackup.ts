import { z } from 'zod';
import { absolutePath } from './absolutepath.ts';
import { stringSet, withRules } from './rules.ts';

const whole = (least: number, most: number, usual: number) => z.int().min(least).max(most).prefault(usual);

const Folder = absolutePath(256);

export const ProductBackup = withRules(
  z
    .strictObject({
      engine: z
        .enum(['PostgreSQL', 'MariaDB', 'Valkey', 'Files'])
        .describe('By whose own method all of its data are dumped, and restored into a second instance beside it.'),
      everyHours: whole(1, 168, 24).describe('Hours between two dumps.'),
      proveEveryDays: whole(1, 31, 7).describe('Days between two proofs: the newest dump is restored and compared.'),
      keep: whole(1, 14, 2).describe('Dumps that are kept in the guest; older ones are in the backups of its VM.'),
      dumpMinutes: whole(1, 1440, 60).describe('A dump that takes longer has failed.'),
      proofMinutes: whole(1, 1440, 240).describe('A proof that takes longer has failed.'),
      folders: stringSet(Folder, { min: 1, max: 16 })
        .optional()
        .describe('Of Files: where its data are, each an absolute path without a link in it.'),
    })
    .describe(
      'How its data are dumped onto a disk of the VM, which the VM’s backup policy then backs up, and how each dump is proven to be restorable (AP-6, AP-13).',
    ),
  {
    rule: "has(self.folders) == (self.engine == 'Files')",
    message: 'Files have folders, and no other engine has',
    fieldPath: '.folders',
    holds: ({ folders, engine }) => (folders !== undefined) === (engine === 'Files'),
  },
);
export type ProductBackup = z.infer<typeof ProductBackup>;
