import { z } from 'zod';
import { Duration, secondsOf } from './duration.ts';
import { isRising } from './rising.ts';
import { withRules } from './rules.ts';

/** Time from a patch being offered to its being overdue, by how grave the vendor calls it. */
export const PatchDeadlines = withRules(
  z.strictObject({
    Critical: Duration.describe('Of critical patches, e.g. 72h.'),
    Important: Duration.describe('Of important ones.'),
    Other: Duration.describe('Of all others.'),
  }),
  {
    rule: 'duration(self.Critical) <= duration(self.Important) && duration(self.Important) <= duration(self.Other)',
    message: 'a less severe patch is not due before a more severe one',
    holds: ({ Critical, Important, Other }) => isRising([Critical, Important, Other].map(secondsOf)),
  },
);
export type PatchDeadlines = z.infer<typeof PatchDeadlines>;
