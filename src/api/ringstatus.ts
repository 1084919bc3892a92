import { z } from 'zod';
import { ATOMIC } from './guestupdates.ts';
import { WrittenMoment } from './moment.ts';

const RingStatus = z.strictObject({
  name: z.string().max(63).describe('Name of the ring.'),
  state: z
    .enum(['Empty', 'Waiting', 'Open', 'Soaking', 'Proven', 'Halted'])
    .describe('How far it is: see the page of PatchBaseline.'),
  reason: z.string().max(512).describe('Why, in a sentence with numbers.'),
  members: z.int().min(0).describe('ManagedVMs that are in it.'),
  running: z.int().min(0).describe('How many are being patched.'),
  failed: z.int().min(0).describe('How many failed last and are not forgiven.'),
  haltedBy: z
    .string()
    .max(317)
    .optional()
    .describe('namespace/name of the PatchRun that halted it: spec.resume names it.'),
  haltedAt: WrittenMoment.optional().describe('When that was.'),
});
export type RingStatus = z.infer<typeof RingStatus>;

/** How the rings of a policy stand, in their order. A halt stays in it until somebody resumes it. */
export const RingStatuses = z
  .array(RingStatus)
  .max(8)
  .meta(ATOMIC)
  .describe(
    'How the rings stand, in their order (MO-11). A halt stays until spec.resume names the run that halted it.',
  );
