import { z } from 'zod';
import { ChangeReference } from './changereference.ts';
import { LineName } from './linename.ts';
import { keyedList, withRules } from './rules.ts';

const Path = withRules(
  z.strictObject({
    from: LineName.describe('Line that is left.'),
    to: LineName.describe('Line that is gone to.'),
    engine: z.enum(['PostgreSQL']).describe('By whose means the data are brought into the new line.'),
    freeSpacePercent: z
      .int()
      .min(100)
      .max(1000)
      .prefault(150)
      .describe('Room that must be free for the second copy, in percent of the data.'),
    withinSeconds: z
      .int()
      .min(10)
      .max(3600)
      .prefault(120)
      .describe('Within so many seconds the probes must succeed in the new line, or the old one serves again.'),
    expectedMinutes: z
      .int()
      .min(1)
      .max(10_080)
      .describe('How long nobody is let in, as those are told who must agree.'),
  }),
  {
    rule: 'self.from != self.to',
    message: 'an upgrade path leads from one line to another',
    fieldPath: '.to',
    holds: ({ from, to }) => from !== to,
  },
);
export type UpgradePath = z.infer<typeof Path>;

export const UpgradePaths = keyedList(Path, 'from', { min: 1, max: 16 }).describe(
  'Changes of the line that the provider carries out, one from each line, each by an approved change only (GE-11).',
);

/** How far a change of the line of an application is. */
export const LineChange = z
  .strictObject({
    from: LineName.describe('Line of before.'),
    to: LineName.describe('Line that was asked for.'),
    phase: z
      .enum(['NotPossible', 'Checked', 'Agreed', 'Changing', 'Done', 'Failed', 'Refused'])
      .describe(
        'Checked: nobody has agreed to it yet. Failed: the line of before serves again. Refused: it is not carried out. To ask anew after either, take nextLine out and set it again.',
      ),
    message: z.string().max(1024).describe('How far it is, and what stands against it; sentences.'),
    change: ChangeReference.optional().describe('ChangeRequest by which it is agreed to.'),
    retired: z
      .boolean()
      .optional()
      .describe('The instance of the line of before is gone, for the customer has accepted.'),
  })
  .describe('The last change of the line.');
export type LineChange = z.infer<typeof LineChange>;
