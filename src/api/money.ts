import { z } from 'zod';

/** An amount of money: a decimal with two places and no sign, e.g. 49.00. A number would be rounded by whoever reads it. */
export const Amount = z
  .string()
  .min(4)
  .max(12)
  .regex(/^(0|[1-9][0-9]{0,8})\.[0-9]{2}$/);

/** A currency by ISO 4217, e.g. EUR. */
export const Currency = z
  .string()
  .min(3)
  .max(3)
  .regex(/^[A-Z]{3}$/);
