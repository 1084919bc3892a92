import { z } from 'zod';

/** Levels of Managed VM Application (requirements, "Managed VM Application" matrix). */
export const ApplicationLevel = z
  .enum(['Basic', 'Advanced', 'Expert'])
  .describe('Service level of the application. What it includes is the matrix AP-1 to AP-6.');
export type ApplicationLevel = z.infer<typeof ApplicationLevel>;
