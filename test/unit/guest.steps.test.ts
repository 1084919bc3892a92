import { describe, expect, it } from 'vitest';
import type { Fence } from '../../src/guest/run/fence.ts';
import { nextOf } from '../../src/guest/run/step.ts';
import { type Exploration, explore } from '../guest/explore.ts';
import {
  brokenPromise,
  eventsOf,
  type Faults,
  RULES,
  type Rules,
  type StepWorld,
  stepWorld,
} from '../guest/stepworld.ts';

/** Enough for every mutant; `npm run faults -- --guest` walks with more of each. */
const faults: Faults = { lapse: 1, crash: 0, lose: 0, reboot: 0, restore: 1 };

function explored(rules: Partial<Rules> = {}, left = faults): Exploration {
  return explore(stepWorld(left), eventsOf({ ...RULES, ...rules }), brokenPromise);
}

/** The world that is left to one worker from here on, without another fault. */
function leftAlone(world: StepWorld): StepWorld {
  let now: StepWorld = { ...world, left: { ...world.left, lapse: 0, crash: 0, lose: 0, reboot: 0, restore: 0 } };
  now = { ...now, lease: { ...now.lease, free: true }, workers: [{ at: 'idle' }, { at: 'idle' }] };
  for (let count = 0; count < 60 && now.record?.phase !== 'Ended'; count += 1) {
    const [event] = eventsOf(RULES)(now)
      .filter(({ name }) => /^worker 1|arrives|ends/.test(name))
      .reverse();
    if (event === undefined) break;
    now = event.world;
  }
  return now;
}

describe('a step in a guest', () => {
  it('begins at most once in every order of crash, pause, loss, reboot and rollback', () => {
    const seen = explored();
    expect(seen.broken).toBeUndefined();
    expect(seen.states).toBeGreaterThan(10_000);
  });

  it('comes to a verdict from every state once a worker is left in peace', () => {
    const verdict = (world: StepWorld) => (leftAlone(world).record?.phase === 'Ended' ? undefined : 'no verdict');
    const seen = explore(stepWorld({ ...faults, reboot: 1, restore: 0 }), eventsOf(RULES), verdict);
    expect(seen.broken).toBeUndefined();
  });

  const byGeneration = (known: Fence, start: Fence) => start.generation >= known.generation;
  const byBoot = (known: Fence, start: Fence) => start.bootId === known.bootId;
  const unknownIsNever: typeof nextOf = (record, mine, report) => {
    const next = nextOf(record, mine, report);
    const unknown = next.act === 'end' && next.record.phase === 'Ended' && next.record.verdict.kind === 'Unknown';
    return unknown ? { act: 'claim', record: { phase: 'Claimed', fence: mine } } : next;
  };
  const claimsNothing: typeof nextOf = (record, mine, report) =>
    record === undefined ? { act: 'start', fence: mine } : nextOf(record, mine, report);
  it.each<[string, Partial<Rules>]>([
    ['the guest does not look at the generation', { admits: byBoot }],
    ['the guest does not look at its boot', { admits: byGeneration }],
    ['the guest forgets what it began', { remembers: false }],
    ['what the guest has forgotten is taken for never begun', { nextOf: unknownIsNever }],
    ['a lease and its record are two objects', { oneObject: false }],
    ['a record is written over a newer one', { conflicts: false }],
    ['the guest is asked before the fence is raised', { raises: false }],
    ['the guest forgets a step that is open in the record', { forgets: 'open' }],
    ['the guest forgets a step without a higher fence', { forgets: 'unfenced' }],
    ['the start is sent before it is claimed', { nextOf: claimsNothing }],
  ])('a mutant is found: %s', (_, rules) => {
    expect(explored(rules).broken?.way.length).toBeGreaterThan(0);
  });
});
