import { setTimeout as sleep } from 'node:timers/promises';
import { type Case, type FaultClass, type Outcome, runCases } from '../cases.ts';
import type { EventFate } from '../interception.ts';
import { OPERATIONS } from '../lives.ts';
import type { FaultRun, Running } from '../run.ts';

type StreamFault = {
  readonly what: string;
  /** What is changed next can only be learnt from the watches that follow. */
  readonly before?: (running: Running, run: FaultRun) => Promise<void>;
  readonly during?: (running: Running, run: FaultRun) => Promise<void>;
  readonly fate?: EventFate;
};

const CUTS = 4;
const BETWEEN_CUTS_MS = 500;

const faults: readonly StreamFault[] = [
  { what: '410 in mid-watch', during: async ({ interception }) => interception.relist() },
  {
    what: '410 on connect',
    before: async ({ interception }, run) => {
      // As after a compaction: whoever wants to go on from where he was is refused, and a new list is not.
      interception.refuseWatches([run.refusal(410, 'Expired')], path => !path.includes('sendInitialEvents'));
      interception.sayText('cut\n');
    },
  },
  {
    what: 'ERROR 500 in mid-watch',
    during: async ({ interception }) =>
      interception.say({ type: 'ERROR', object: { kind: 'Status', code: 500, message: 'broken' } }),
  },
  {
    what: 'half a line, and then the next one',
    during: async ({ interception }) => interception.sayText('{"type":"MO'),
  },
  { what: 'lines of 5 MB', fate: 'huge' },
  { what: 'bytes in small pieces', fate: 'shred' },
  {
    what: 'every watch closed again and again',
    during: async ({ interception }) => {
      for (let cut = 0; cut < CUTS; cut += 1) {
        interception.sayText('cut\n');
        await sleep(BETWEEN_CUTS_MS);
      }
    },
  },
  {
    what: 'every watch silent, as behind a dead peer',
    during: async ({ interception }) => interception.freeze(() => true),
  },
];

/** What goes wrong with connections that watch, while operations are under way: no object is missed. */
export const streams: FaultClass = {
  id: 5,
  title: '410, half lines, 5 MB lines, closed and silent watches',
  names: () => faults.flatMap(({ what }) => OPERATIONS.map(operation => nameOf(operation, what))),
  run: async (run, only) => {
    const outcomes: Outcome[] = [];
    const matching = faults.filter(({ what }) => OPERATIONS.some(operation => only(nameOf(operation, what))));
    for (const fault of run.chosen(matching, 4)) {
      const { fate, before, during } = fault;
      const cases = OPERATIONS.map(
        (operation): Case => ({
          ...{ operation, name: nameOf(operation, fault.what) },
          ...(fate && { fault: { event: () => fate } }),
        }),
      );
      const chosen = run.chosen(
        cases.filter(({ name }) => only(name)),
        4,
      );
      // A watch that is silent is given up after its time and the grace together: seconds here, ten minutes in life.
      const settings = { watchSeconds: 4, graceMs: 500 };
      const options = {
        ...(before && { settings, before: (running: Running) => before(running, run) }),
        ...(during && { settings, during: (running: Running) => during(running, run) }),
      };
      outcomes.push(...(await runCases(run, chosen, options)));
    }
    return outcomes;
  },
};

function nameOf(operation: string, what: string): string {
  return `${operation}, ${what}`;
}
