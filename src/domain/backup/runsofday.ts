import { type Cron, runs, startOfDay } from '../time/cron.ts';
import { shortestInterval } from '../time/rungaps.ts';

const DAY = 24 * 3_600_000;
/** Runs of a schedule that are looked at: daily for ten years. Of one that has more only the newest, for a policy of a tenant must cost little. */
const MOST = 4000;

type Known = { readonly day: number; readonly kept: number; readonly runs: readonly number[] };

/** By the schedule as it was read: thousands of VMs share one. */
const known = new WeakMap<Cron, Known>();

/** The runs of the last `kept` milliseconds, and those of the rest of the day (UTC), as instants in milliseconds, ascending. */
export function runsOfDay(cron: Cron, timeZone: string, kept: number, now: Date): readonly number[] {
  const day = startOfDay(now.getTime());
  const before = known.get(cron);
  if (before?.day === day && before.kept === kept) return before.runs;
  const longest = Math.min(kept, MOST * shortestInterval(cron, now));
  const all = runs(cron, timeZone, new Date(day - longest), new Date(day + DAY));
  const found = { day, kept, runs: Array.from(all, run => run.getTime()) };
  known.set(cron, found);
  return found.runs;
}
