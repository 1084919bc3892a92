import { z } from 'zod';

/** A version line: what a customer orders. The exact version is the provider's matter, and stands in status. */
export const LineName = z
  .string()
  .max(16)
  .regex(/^[0-9]+(\.[0-9]+)*$/);
