import { describe, expect, it } from 'vitest';
import { nextOf as nextOfStep } from '../../src/guest/run/step.ts';
import { type Exploration, explore } from '../guest/explore.ts';
import {
  brokenRun,
  NO_FAULTS,
  RUN_RULES,
  type RunFaults,
  type RunRules,
  type RunWorld,
  runEventsOf,
  runWorld,
} from '../guest/runworld.ts';

const WINDOWS: RunRules = { ...RUN_RULES, scheduler: true };

function explored(faults: Partial<RunFaults>, rules: Partial<RunRules> = {}): Exploration {
  const first: RunWorld = runWorld({ ...NO_FAULTS, ...faults });
  return explore(first, runEventsOf({ ...WINDOWS, ...rules }), brokenRun);
}

/** How the files of a step decide among its task and those who ask is walked more closely in src/guest/windows/withdrawal.test.ts. */
describe('a run of updates in a Windows guest, whose scheduler begins tasks late or never', () => {
  it.each<Partial<RunFaults>>([{ lapse: 1 }, { restore: 1, forget: 1 }, { reboot: 1, lose: 1 }, { clock: 1 }])(
    'installs at most once, in its window and before the cutoff, and says nothing else of it: one of %j (MO-3, GE-8)',
    faults => {
      const seen = explored(faults);
      console.log(`Windows run, one of ${Object.keys(faults).join(', ')}: ${seen.states} states, ${seen.depth} deep`);
      expect(seen.broken).toBeUndefined();
      expect(seen.states).toBeGreaterThan(1_000);
    },
  );

  const goneIsNever: typeof nextOfStep = (record, mine, report, mayBegin) =>
    nextOfStep(record, mine, report.state === 'Gone' ? { state: 'Never' } : report, mayBegin);
  it.each<[string, Partial<RunFaults>, Partial<RunRules>]>([
    ['the task does not look at the clock', {}, { taskClock: false }],
    ['who asks says that it is gone, and leaves it to begin', {}, { withdraws: false }],
    ['a start makes the folder of a step anew', { lapse: 1 }, { knows: false }],
    ['what is gone is begun again', { lapse: 1 }, { nextOfStep: goneIsNever, knows: false, withdraws: false }],
    ['a boot begins tasks', { reboot: 1 }, { triggers: true, withdraws: false }],
    ['a record is written over a newer one', { lapse: 1 }, { conflicts: false, knows: false }],
  ])('a mutant is found: %s', (_, faults, rules) => {
    expect(explored(faults, rules).broken?.way.length).toBeGreaterThan(0);
  });
});
