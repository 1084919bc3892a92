import { z } from 'zod';

/** What a web server is asked for: a path, with its query. */
export const HTTPPath = z
  .string()
  .max(256)
  .regex(/^\/[!-~]*$/);
