import { z } from 'zod';

/** A ChangeRequest that Steward has made. */
export const ChangeReference = z.strictObject({
  name: z.string().max(253).describe('Its name.'),
  uid: z.string().max(64).optional().describe('Its UID, once it was read.'),
});
