import { z } from 'zod';

/** Hour and minute of a day, `HH:MM`, from 00:00 to 24:00, which is the end of the day. As texts they sort as they follow each other. */
export const TimeOfDay = z
  .string()
  .min(5)
  .max(5)
  .regex(/^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/);

/** Minutes from the day's beginning, by the clock on the wall; of a time of day. */
export function minutesOf(timeOfDay: string): number {
  const [hours, minutes] = timeOfDay.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}
