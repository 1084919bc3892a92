import { describe, expect, it } from 'vitest';
import { openssl } from '../../src/domain/patching/run.fixtures.ts';
import { type byBothRecords, nextOf as nextOfRun } from '../../src/domain/patching/run.ts';
import { nextOf as nextOfStep } from '../../src/guest/run/step.ts';
import { type Exploration, explore } from '../guest/explore.ts';
import {
  brokenRun,
  NO_FAULTS,
  RUN_RULES,
  type RunFaults,
  type RunRules,
  type RunTerms,
  type RunWorld,
  runEventsOf,
  runWorld,
} from '../guest/runworld.ts';

/** Enough for every mutant; `npm run faults -- --guest` walks with more of each. */
function explored(faults: Partial<RunFaults>, rules: Partial<RunRules> = {}, terms: RunTerms = {}): Exploration {
  return explore(runWorld({ ...NO_FAULTS, ...faults }, terms), runEventsOf({ ...RUN_RULES, ...rules }), brokenRun);
}

const SNAPSHOT: RunTerms = { snapshot: true };
const ROLLBACK: RunTerms = { rollback: 'Automatic' };
const STEPS: RunTerms = { around: true };
const RESTART: RunTerms = { restart: true };

/** The world that is left to one runner from here on, without another fault. */
function leftAlone(world: RunWorld): RunWorld {
  const { off: _, ...right } = world;
  let now: RunWorld = {
    ...right,
    left: NO_FAULTS,
    lease: { ...world.lease, free: true },
    runners: [{ at: 'idle' }, { at: 'idle' }],
  };
  for (let count = 0; count < 60 && now.run.phase === undefined; count += 1) {
    const events = runEventsOf(RUN_RULES)(now);
    const first = (...words: readonly string[]) => events.find(({ name }) => words.some(word => name.includes(word)));
    // A runner that waits does so until something else happens.
    const acts = events.find(({ name }) => name.startsWith('runner 1') && !name.endsWith('waits'));
    const event =
      first(
        'arrives',
        'ends in the guest',
        'is to end',
        'restarted',
        'snapshot is',
        'noted as turned back',
        'is turned back',
      ) ??
      acts ??
      first('it is') ??
      first('operator');
    if (event === undefined) break;
    now = event.world;
  }
  return now;
}

describe('a run of patches, in every order of crash, pause, lost and late start, reboot, rollback and a clock that is off', () => {
  it.each<[Partial<RunFaults>, RunTerms]>([
    [{ lapse: 1 }, {}],
    [{ restore: 1, forget: 1 }, {}],
    [{ reboot: 1, lose: 1 }, {}],
    [{ clock: 1 }, {}],
    [{ lapse: 1 }, SNAPSHOT],
    [{ crash: 1, reboot: 1 }, SNAPSHOT],
    [{ lapse: 1 }, ROLLBACK],
    [{ restore: 1, forget: 1 }, ROLLBACK],
    [{ crash: 1, reboot: 1 }, ROLLBACK],
    [{ forget: 1, crash: 1 }, STEPS],
    [{ reboot: 1 }, STEPS],
    [{ crash: 1 }, { ...STEPS, ...ROLLBACK }],
    [{ lapse: 1 }, RESTART],
    [{ crash: 1, reboot: 1 }, RESTART],
    [{ restore: 1, forget: 1 }, RESTART],
  ])(
    'patches at most once, in its window and before the cutoff, and says nothing else of it: one of %j, %j (MO-3, GE-8)',
    (faults, terms) => {
      const seen = explored(faults, {}, terms);
      const told = [...Object.keys(faults), ...Object.keys(terms)].join(', ');
      console.log(`patch run, one of ${told}: ${seen.states} states, ${seen.depth} steps deep`);
      expect(seen.broken).toBeUndefined();
      expect(seen.states).toBeGreaterThan(1_000);
    },
  );

  it.each<[Partial<RunFaults>, RunTerms]>([
    [{ lapse: 1 }, {}],
    [{ restore: 1 }, {}],
    [{ clock: 1 }, {}],
    [{ crash: 1 }, SNAPSHOT],
    [{ crash: 1 }, ROLLBACK],
    [{ crash: 1 }, STEPS],
    [{ crash: 1 }, RESTART],
  ])('ends with a verdict from every state: one of %j, %j', (faults, terms) => {
    const verdict = (world: RunWorld) => (leftAlone(world).run.phase === undefined ? 'no verdict' : undefined);
    expect(
      explore(runWorld({ ...NO_FAULTS, ...faults }, terms), runEventsOf(RUN_RULES), verdict).broken,
    ).toBeUndefined();
  });

  const againWhereForgotten: typeof byBothRecords = (_, recorded) => (recorded ? 'Follow' : 'Begin');
  const unknownIsNever: typeof nextOfStep = (record, mine, report, mayBegin) => {
    const next = nextOfStep(record, mine, report, mayBegin);
    const unknown = next.act === 'end' && next.record.phase === 'Ended' && next.record.verdict.kind === 'Unknown';
    return unknown ? { act: 'claim', record: { phase: 'Claimed', fence: mine } } : next;
  };
  const withdrawsItsOwn: typeof nextOfStep = (record, mine, report, mayBegin) => {
    const next = nextOfStep(record, mine, report, mayBegin);
    if (mayBegin || record === undefined || next.act !== 'wait' || report.state !== 'Never') return next;
    return { act: 'end', record: { phase: 'Ended', fence: record.fence, verdict: { kind: 'Withdrawn' } } };
  };
  const untilTheEnd: typeof nextOfRun = (run, hindrance, now) => {
    const next = nextOfRun(run, hindrance, now);
    return next.act === 'carryOut' ? { ...next, until: new Date(run.spec.occurrence.end) } : next;
  };
  const deniesAll: typeof nextOfRun = (run, hindrance, now) => {
    const next = nextOfRun(run, hindrance, now);
    return next.act === 'end' && next.phase === 'Unknown' ? { ...next, phase: 'WindowExceeded' } : next;
  };
  const without: typeof nextOfRun = ({ spec, status }, hindrance, now) =>
    nextOfRun({ spec: { ...spec, terms: { ...spec.terms, snapshot: false } }, status }, hindrance, now);
  const anySnapshot: typeof nextOfRun = ({ spec, status }, hindrance, now) => {
    const steps = status?.steps?.map(each =>
      each.verdict === 'Failed' ? { ...each, verdict: 'Passed' as const } : each,
    );
    return nextOfRun({ spec, status: status && { ...status, ...(steps && { steps }) } }, hindrance, now);
  };
  /** The record's steps from the rollback on do not count. */
  const asBefore: typeof nextOfRun = ({ spec, status }, hindrance, now) => {
    const { steps = [] } = status ?? {};
    const end = steps.findIndex(({ name }) => name === 'rollback' && steps.length > 0);
    const before = end < 0 ? steps : steps.slice(0, end).filter(({ name }) => name !== 'install' && name !== 'verify');
    const packages = end < 0 ? status?.packages : [openssl()];
    return nextOfRun(
      { spec, status: status && { ...status, steps: before, ...(packages && { packages }) } },
      hindrance,
      now,
    );
  };
  const anyBoot: RunRules['admits'] = (known, fence) => fence.generation >= known.generation;
  const whateverFailed: typeof nextOfRun = (run, hindrance, now) => {
    const next = nextOfRun(run, hindrance, now);
    return next.act === 'end' && next.phase === 'WindowExceeded' ? { act: 'ask', step: 'rollback' } : next;
  };
  const installsFirst: typeof nextOfRun = (run, hindrance, now) => {
    const isInstalled = run.status?.steps?.some(({ name }) => name === 'install') === true;
    const { before, ...terms } = run.spec.terms;
    return isInstalled || before === undefined
      ? nextOfRun(run, hindrance, now)
      : nextOfRun({ ...run, spec: { ...run.spec, terms } }, hindrance, now);
  };
  /** The run is over when the restart was asked for. */
  const believesAnyBoot: typeof nextOfRun = (run, hindrance, now) => {
    const asked = run.status?.steps?.some(({ name }) => name === 'restart') === true;
    return asked ? { act: 'end', phase: 'Succeeded', message: 'Restarted.' } : nextOfRun(run, hindrance, now);
  };
  const leavesStopped: typeof nextOfRun = (run, hindrance, now) => {
    const next = nextOfRun(run, hindrance, now);
    if (next.act !== 'carryOut' || next.step !== 'startagain') return next;
    return { act: 'end', phase: 'Failed', message: 'It has failed.' };
  };
  const saysNothing: typeof nextOfRun = (run, hindrance, now) => {
    const next = nextOfRun(run, hindrance, now);
    return next.act === 'end' ? { ...next, message: 'It is over.' } : next;
  };
  const afterAtAnyTime: typeof nextOfRun = (run, hindrance, now) => {
    const next = nextOfRun(run, hindrance, now);
    return next.act === 'carryOut' && next.step === 'after' ? { ...next, until: new Date(8.64e15) } : next;
  };
  it.each<[string, Partial<RunFaults>, Partial<RunRules>, RunTerms?]>([
    ['the VM is restarted as often as something waits for it', {}, { namedInstance: false }, RESTART],
    ['the VM is restarted after the window', {}, { restartClock: false }, RESTART],
    ['a restart is believed in the boot of before', {}, { nextOfRun: believesAnyBoot }, RESTART],
    ['packages are installed before the steps before', {}, { nextOfRun: installsFirst }, STEPS],
    ['packages are installed though a step before has failed', {}, { nextOfRun: anySnapshot }, STEPS],
    ['a step before begins in the reserve', {}, { nextOfRun: untilTheEnd }, STEPS],
    ['a step after begins when the run is over', {}, { nextOfRun: afterAtAnyTime, guestClock: false }, STEPS],
    ['a service is left stopped', {}, { nextOfRun: leavesStopped }, STEPS],
    ['the verdict does not say that a service may be stopped', {}, { nextOfRun: saysNothing }, STEPS],
    ['a step before begins without a note in the run', {}, { notes: false }, STEPS],
    ['the guest is turned back twice', {}, { namedRestore: false }, ROLLBACK],
    ['a start of before begins after the rollback', { lapse: 1 }, { admits: anyBoot }, ROLLBACK],
    [
      'the run begins anew after the rollback',
      { forget: 1 },
      { nextOfRun: asBefore, byBothRecords: againWhereForgotten },
      ROLLBACK,
    ],
    ['a guest in which nothing was installed is turned back', {}, { nextOfRun: whateverFailed }, ROLLBACK],
    [
      'a step that the lease has forgotten begins again',
      { restore: 1, forget: 1 },
      { byBothRecords: againWhereForgotten },
    ],
    ['the start is sent without a note in the run', {}, { notes: false }],
    ['a record is written over a newer one', { lapse: 1 }, { conflicts: false }],
    ['packages are installed in the reserve too', {}, { nextOfRun: untilTheEnd }],
    ['the guest does not look at its own clock', {}, { guestClock: false }],
    ['what the guest has forgotten is taken for never begun', { restore: 1 }, { nextOfStep: unknownIsNever }],
    ['a step is withdrawn while a start of it may be under way', { clock: 1 }, { nextOfStep: withdrawsItsOwn }],
    ['what may have been installed is called not installed', {}, { nextOfRun: deniesAll }],
    ['packages are installed without the snapshot that the terms want', {}, { nextOfRun: without }, SNAPSHOT],
    ['packages are installed though a disk is not in the snapshot', {}, { nextOfRun: anySnapshot }, SNAPSHOT],
  ])('a mutant is found: %s', (_, faults, rules, terms) => {
    expect(explored(faults, rules, terms).broken?.way.length).toBeGreaterThan(0);
  });
});
