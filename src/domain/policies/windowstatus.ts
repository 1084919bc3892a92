import {
  type MaintenanceWindow,
  MaintenanceWindowSpec,
  type MaintenanceWindowStatus,
} from '../../api/maintenancewindow.ts';
import { earliest, instant } from '../contract/condition.ts';
import { cut } from '../contract/excerpt.ts';
import { readable } from '../contract/readable.ts';
import { occurrenceStatus } from '../patching/notice.ts';
import { atClockChanges, nextOccurrences, type Occurrence, occurrenceAt, type Window } from '../patching/window.ts';
import { windowOf, windowProblem } from '../patching/windows.ts';
import { type Assessment, observed, stalled } from './policystatus.ts';

const DAY = 86_400_000;
/** How far ahead changes of clocks are told: both of a year, and the night of the next one. */
const WARNED_AHEAD = 370 * DAY;

/** When a MaintenanceWindow opens, and whether it can be worked by (MO-4). */
export function assessMaintenanceWindow(object: MaintenanceWindow, now: Date): Assessment<MaintenanceWindowStatus> {
  const seen = observed(object.metadata.generation);
  const { spec, problem } = readable(MaintenanceWindowSpec, object.spec);
  if (spec === undefined) return { status: seen, conditions: stalled('InvalidWindow', cut(`${problem}.`, 300)) };
  const window = windowOf(object.metadata.name, spec);
  const overlap = windowProblem(window, now);
  if (overlap !== undefined) return { status: seen, conditions: stalled('OpensBeforeItHasClosed', overlap) };
  const open = occurrenceAt([window], now);
  const next = nextOccurrences(window, now, 5);
  const warnings = warningsOf(window, now);
  const nextEdge = earliest(open?.end, next[0]?.start);
  return {
    status: {
      ...seen,
      ...(open && { open: occurrenceStatus(open) }),
      ...(next.length > 0 && { next: next.map(occurrenceStatus) }),
      ...(warnings.length > 0 && { warnings }),
    },
    conditions: readiness(spec, open, next[0]),
    ...(nextEdge && { nextEdge }),
  };
}

function readiness(
  { timeZone, duration, cutoff, validUntil }: MaintenanceWindowSpec,
  open: Occurrence | undefined,
  next: Occurrence | undefined,
): Assessment<MaintenanceWindowStatus>['conditions'] {
  const length = `for ${duration}, the last ${cutoff} of it for reboots, checks and a way back`;
  const now = open === undefined ? '' : `It is open until ${instant(open.end)}. `;
  if (next !== undefined) {
    const message = `${now}It opens next on ${instant(next.start)} (${next.date} in ${timeZone}) ${length}.`;
    return [{ type: 'Ready', status: 'True', reason: 'InForce', message }];
  }
  const why =
    validUntil === undefined ? 'its exclusions leave no day of the next nine years' : `validUntil is ${validUntil}`;
  const message = `${now}It does not open ${open === undefined ? '' : 'again'}`.trimEnd();
  return stalled('NeverOpens', `${message}: ${why}.`);
}

/** Openings of the next year at which clocks are changed. */
function warningsOf(window: Window, now: Date): string[] {
  const changes = atClockChanges(window, now, new Date(now.getTime() + WARNED_AHEAD));
  return [...changes.take(8)].map(({ occurrence: { date, start }, clock }) => {
    const what =
      clock === 'Skipped'
        ? 'skip the minute at which it opens: it opens when they go on'
        : 'show the minute at which it opens twice: it opens the first time, and not again';
    return `On ${date} the clocks of ${window.timeZone} ${what}, on ${instant(start)}.`;
  });
}
