import type { z } from 'zod';
import { millisecondsOf } from '../../api/duration.ts';
import type { WINDOW_FIELDS } from '../../api/windowtimes.ts';
import { instant } from '../contract/condition.ts';
import { parseCron } from '../time/cron.ts';
import { firstOverlap, type Window } from './window.ts';

/** What people write of a window. */
export type WindowTimes = z.infer<z.ZodObject<typeof WINDOW_FIELDS>>;

/** A window as it is reckoned with. @throws InvalidCron of a schedule that admission refuses */
export function windowOf(name: string, times: WindowTimes): Window {
  const { schedule, timeZone, duration, cutoff, exclusions = [], validFrom, validUntil } = times;
  return {
    ...{ name, cron: parseCron(schedule), timeZone, exclusions, validFrom, validUntil },
    ...{ durationMs: millisecondsOf(duration), cutoffMs: millisecondsOf(cutoff) },
  };
}

/** Why nothing may be planned in a window, as a sentence; undefined: it can be worked by. */
export function windowProblem(window: Window, now: Date): string | undefined {
  const overlap = firstOverlap(window, now);
  if (overlap === undefined) return undefined;
  const [first, second] = overlap;
  return `What opens on ${instant(first.start)} closes on ${instant(first.end)}, after it would open again on ${instant(second.start)}: shorten duration, or let it open less often.`;
}

/** Those of some windows in which something may be planned, and why not in the first of the others. */
export function usableOf(
  windows: readonly Window[],
  now: Date,
): { readonly usable: readonly Window[]; readonly problem: string | undefined } {
  const judged = windows.map(window => ({ window, problem: windowProblem(window, now) }));
  const first = judged.find(({ problem }) => problem !== undefined);
  return {
    usable: judged.filter(({ problem }) => problem === undefined).map(({ window }) => window),
    problem: first && `Window ${first.window.name}: ${first.problem}`,
  };
}
