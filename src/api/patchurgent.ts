import { z } from 'zod';
import { AdvisoryName, ATOMIC, PackageWord } from './guestupdates.ts';

/** What is patched at once, without waiting for its age and for rings to prove it: signed off by an Emergency change (GE-6). */
export const Urgent = z
  .strictObject({
    packages: z.array(PackageWord(128)).min(1).max(32).meta(ATOMIC).optional().describe('These packages.'),
    advisories: z
      .array(AdvisoryName)
      .min(1)
      .max(32)
      .meta(ATOMIC)
      .optional()
      .describe('What mends the holes of these advisories, e.g. DSA-6012-1.'),
  })
  .describe(
    'Of an emergency: which updates are installed at once, without minimum age and proof by rings. Neither packages nor advisories: every update for security.',
  );
export type Urgent = z.infer<typeof Urgent>;
