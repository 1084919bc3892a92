import { z } from 'zod';

/** What a part of an object is known by among its like: small letters, digits and hyphens, at most so many characters. */
export function wordName(most: number) {
  return z
    .string()
    .max(most)
    .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/);
}
