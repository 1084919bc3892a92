import { z } from 'zod';

/** Most that are named of what nobody ordered. */
export const MOST_MODULES = 16;

/** Extensions of an application in the guest that nobody ordered (GE-10). */
export const GuestModules = z
  .strictObject({
    count: z.int().min(0).max(99_999).describe('How many there are.'),
    named: z
      .array(
        z.strictObject({
          module: z.string().min(1).max(64).describe('Its name, as the guest says.'),
          database: z.string().min(1).max(64).describe('The database that it is in, as the guest says.'),
        }),
      )
      .max(MOST_MODULES)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .describe('The first of them.'),
  })
  .describe('Extensions that nobody ordered; absent: the server was not asked, or not all of it has answered.');
export type GuestModules = z.infer<typeof GuestModules>;
