import { z } from 'zod';

/** Where a file or folder is in a guest, of at most so many characters. */
export function absolutePath(most: number) {
  return z
    .string()
    .max(most)
    .regex(/^(\/[A-Za-z0-9._@+-]+)+$/);
}
