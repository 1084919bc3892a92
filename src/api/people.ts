/** Who decides, on whose side, and by which name he is known. */
import { z } from 'zod';

/** A user as the API server names him in `request.userInfo.username`. */
export const UserName = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[!-~]+$/);

/** The two sides of a contract. */
export const Party = z.enum(['Provider', 'Customer']);
export type Party = z.infer<typeof Party>;

/** What a contact of the customer decides and is told (GE-4). */
export const ContactRole = z.enum(['Approver', 'Technical', 'Billing']);
export type ContactRole = z.infer<typeof ContactRole>;
