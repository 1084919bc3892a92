import { z } from 'zod';

/** What an approver of the provider answers for by agreeing to a change (AP-9). */
export const Attests = z
  .strictObject({
    rootDisk: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[0-9a-f-]+$/)
      .describe('UID of the root disk that was examined, as the condition SoleRoot of the ManagedVM names it.'),
  })
  .describe(
    'That nothing which a former root has left lets anybody in: of a Normal change of a ManagedVM, by its uid, to which the Provider must agree. Written by the provider only (AP-9).',
  );
