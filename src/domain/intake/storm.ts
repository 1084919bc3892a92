/** When so many incidents are opened at once that nobody could read them, alerts about one system are put together. */

/** Incidents in a minute beyond which it is a storm. */
export const STORM = 100;
const WINDOW_MS = 60_000;

/** When the incidents of the last minute were opened; never more than {@link STORM} + 1 instants. */
export type Opened = readonly number[];

export function withOpened(opened: Opened, now: Date): Opened {
  return [...opened.slice(-STORM), now.getTime()];
}

/** Whether more than {@link STORM} were opened within the last minute. */
export function isStorm(opened: Opened, now: Date): boolean {
  const since = now.getTime() - WINDOW_MS;
  return opened.length > STORM && (opened[0] ?? 0) > since;
}
