/**
 * One run of one guest: its record, the lease of the VM, two runners that both believe they are the one, and all that can go wrong: crashes and
 * pauses of any length, lost and late starts, a scheduler that begins what it is told late or never (Windows), a lease that lapses, a guest that reboots or is rolled back, a clock that is off, and a
 * window that closes meanwhile. What is decided in it, the production code decides; the checks before are over, and reading back is one event.
 * Where the terms have steps around the install, the one before stops a service, which the one that starts it again does at its end.
 */
import { isDeepStrictEqual } from 'node:util';
import type { FinalPhase } from '../../src/api/patchrun.ts';
import type { Run } from '../../src/domain/patching/attempts.ts';
import { at, OCCURRENCE, openssl, runWith, step } from '../../src/domain/patching/run.fixtures.ts';
import { byBothRecords, type GuestStep, nextOf as nextOfRun, type RunAct } from '../../src/domain/patching/run.ts';
import { admits, type Fence } from '../../src/guest/run/fence.ts';
import { nextOf as nextOfStep, type Report, type StepRecord } from '../../src/guest/run/step.ts';
import type { Event } from './explore.ts';

/** The window opens at 02:00, its cutoff is at 03:30; at 04:30 nothing is followed any more. */
const TIMES = { early: at('01:00'), open: at('02:10'), late: at('03:40'), over: at('04:40') } as const;
const ORDER = ['early', 'open', 'late', 'over'] as const;
type Time = (typeof ORDER)[number];

type Verdict = 'Passed' | 'Failed' | 'CutOff' | 'Unknown' | 'Withdrawn';
/** A step of the guest that is claimed, with the attempt where there may be several. */
type Carried = 'before' | 'install' | 'startagain' | 'after';
type Id = 'before' | 'install' | 'after' | `startagain${number}`;
/** The run's record, as far as it differs. */
export type RunRecord = {
  readonly version: number;
  /** What the operator was asked to make, and what it said of it. */
  readonly snapshot?: 'open' | 'Passed' | 'Failed';
  readonly before?: 'open' | Verdict;
  readonly install?: 'open' | Verdict;
  /** What was read back; broken: a service that ran before does no more. */
  readonly readBack?: 'installed' | 'not' | 'broken';
  /** What the operator was asked to do where it failed, and what was read back after that. */
  readonly rollback?: 'open' | 'Passed';
  readonly backcheck?: 'Passed' | 'Failed';
  readonly startagain?: { readonly attempt: number; readonly said: 'open' | Verdict };
  readonly after?: 'open' | Verdict;
  /** Of which instance the operator has noted that it ends, and what it said of it. */
  readonly restart?: 'open' | 'noted' | 'Passed';
  readonly instance?: number;
  /** In which boot it was read back, and read back again. */
  readonly verifiedIn?: number;
  readonly recheckedIn?: number;
  readonly phase?: FinalPhase;
  /** What the verdict says that it does not know: whether services run again, or what came of the steps after. */
  readonly told?: 'services' | 'steps';
};
/** Lease and steps of the VM, one object. */
type LeaseRecord = {
  readonly version: number;
  readonly generation: number;
  readonly free: boolean;
  readonly steps: Partial<Record<Id, StepRecord>>;
};
type Known = { readonly run: RunRecord; readonly lease: LeaseRecord };

type Runner =
  | { readonly at: 'idle' }
  /** It believes that it holds the lease. */
  | { readonly at: 'held'; readonly generation: number }
  | { readonly at: 'read'; readonly generation: number; readonly known: Known }
  | {
      readonly at: 'asked';
      readonly known: Known;
      readonly fence: Fence;
      readonly report: Report;
      readonly due: Due;
    }
  /** It has claimed the step with the lease, and notes it in the run before anything is sent. */
  | {
      readonly at: 'claimed';
      readonly run: RunRecord;
      readonly lease: LeaseRecord;
      readonly fence: Fence;
      readonly due: Due;
    };

/** What is carried out, and until when it may begin. */
type Due = { readonly id: Id; readonly until: number };
/** A start that is under way. */
type Start = Due & { readonly fence: Fence };

type Disk = {
  readonly generation: number;
  readonly steps: Partial<Record<Id, 'began' | 'done'>>;
  /** Of a Windows guest: what its folder says of a step whose task has not begun it. */
  readonly task?: 'ready' | 'withdrawn';
};
export type RunFaults = Readonly<
  Record<'lapse' | 'crash' | 'lose' | 'reboot' | 'restore' | 'clock' | 'forget', number>
>;

export const NO_FAULTS: RunFaults = { lapse: 0, crash: 0, lose: 0, reboot: 0, restore: 0, clock: 0, forget: 0 };

/** What the run's terms ask for besides packages. */
export type RunTerms = {
  readonly snapshot?: true;
  readonly rollback?: 'Automatic';
  readonly around?: true;
  readonly restart?: true;
};

const AROUND = {
  before: [{ stopService: { name: 'shop.service' } }],
  after: [{ restartService: { name: 'shop.service' } }],
};

export type RunWorld = {
  readonly terms: RunTerms;
  readonly time: Time;
  readonly run: RunRecord;
  readonly lease: LeaseRecord;
  readonly guest: {
    readonly boot: number;
    readonly running: readonly Id[];
    /** Of the VM: a restart ends it, a reboot of the guest does not. */
    readonly instance?: number;
    /** Whether the service is, by a step of the run; a boot starts it. */
    readonly stopped?: true;
    readonly disk: Disk;
    /** Until when the task may begin that the scheduler was told to start. */
    readonly scheduled?: number;
  };
  /** Somebody else's. */
  readonly snapshot?: Disk;
  /** The run's own, as KubeVirt made it; `whole`: every disk is in it. */
  readonly made?: { readonly disk: Disk; readonly whole: boolean };
  /** How often the disk was turned back to it. */
  readonly turnedBack: number;
  readonly restarts?: number;
  readonly sent: readonly Start[];
  readonly runners: readonly [Runner, Runner];
  /** Whose clock is off, and how: of a runner, or of the guest. */
  readonly off?: { readonly who: 0 | 1 | 'guest'; readonly time: Time };
  readonly begun: Partial<Record<Id, number>>;
  readonly wrong?: string;
  readonly left: RunFaults;
};

export const RUN_RULES = {
  nextOfRun,
  nextOfStep,
  byBothRecords,
  admits,
  /** Whether the API server refuses what was made from an older version. */
  conflicts: true,
  /** Whether the guest looks at its own clock before it begins. */
  guestClock: true,
  /** Whether the run is noted before the start is sent. */
  notes: true,
  /** Windows: a start makes a task, which the scheduler begins when it likes, or never. */
  scheduler: false,
  /** Whether who asks after a step that has not begun renames its `ready`, so that it never does. */
  withdraws: true,
  /** Whether the task looks at the clock before it begins. */
  taskClock: true,
  /** Whether a boot begins tasks that have not begun. */
  triggers: false,
  /** Whether a start is refused where the folder of the step is there. */
  knows: true,
  /** Whether a restore has the name of its run, so that the API server refuses a second. */
  namedRestore: true,
  /** Whether only the instance is ended that was noted. */
  namedInstance: true,
  /** Whether it is ended only as long as there is time. */
  restartClock: true,
};
export type RunRules = typeof RUN_RULES;

/** So many holders of the lease are enough. */
const LATEST = 4;

export function runWorld(left: RunFaults, terms: RunTerms = {}, time: Time = 'early'): RunWorld {
  return {
    ...{ terms, time, left, run: { version: 0 }, lease: { version: 0, generation: 0, free: true, steps: {} } },
    guest: { boot: 1, running: [], disk: { generation: 0, steps: {} } },
    ...{ sent: [], runners: [{ at: 'idle' }, { at: 'idle' }], begun: {}, turnedBack: 0 },
  };
}

/** The record as the production code reads it. */
function runOf(record: RunRecord, { around, restart: waits, ...terms }: RunTerms): Run {
  const { readBack, restart, verifiedIn, recheckedIn, startagain, backcheck, phase } = record;
  const told = (name: 'snapshot' | 'before' | 'install' | 'after' | 'rollback') => {
    const said = record[name];
    return said === undefined ? [] : [step(name, said === 'open' ? undefined : said)];
  };
  const again = startagain?.said === 'open' ? undefined : startagain?.said;
  const steps = [
    ...[step('preflight', 'Passed'), step('plan', 'Passed')],
    ...[...told('snapshot'), ...told('before'), ...told('install')],
    ...(readBack === undefined ? [] : [step('verify', readBack === 'broken' ? 'Failed' : 'Passed')]),
    ...(restart === undefined ? [] : [step('restart', restart === 'Passed' ? restart : undefined)]),
    ...(recheckedIn === undefined ? [] : [step('recheck', 'Passed')]),
    ...(startagain === undefined ? [] : [step('startagain', again, { attempt: startagain.attempt })]),
    ...[...told('after'), ...told('rollback')],
    ...(backcheck === undefined ? [] : [step('backcheck', backcheck)]),
  ];
  const state = readBack === undefined ? 'Pending' : readBack === 'not' ? 'Failed' : 'Installed';
  const status = { packages: [openssl(state)], bootIdAfter: 'a', ...(phase && { phase }) };
  const boots = {
    ...{ bootIdBefore: String(verifiedIn), bootIdAfter: String(recheckedIn ?? verifiedIn) },
    ...{ restartPending: true, rebootPending: recheckedIn === undefined },
  };
  const reboot = waits ? 'IfRequired' : 'Never';
  return runWith(steps, { ...status, ...(waits && boots) }, { reboot, ...terms, ...(around && AROUND) });
}

const decided = new Map<string, RunAct>();
function decide(rules: RunRules, world: RunWorld, run: RunRecord, hindrance: string | undefined, now: Time): RunAct {
  const asked = () => rules.nextOfRun(runOf(run, world.terms), hindrance, TIMES[now]);
  if (rules.nextOfRun !== nextOfRun) return asked();
  const { version: _, ...said } = run;
  const key = JSON.stringify([said, world.terms, hindrance, now]);
  const known = decided.get(key) ?? asked();
  decided.set(key, known);
  return known;
}

/** Everything that may happen next. */
export function runEventsOf(rules: RunRules): (world: RunWorld) => readonly Event<RunWorld>[] {
  const all = allEventsOf(rules);
  return world => all(world).map(event => ({ ...event, world: withoutDead(rules, event.world) }));
}

function allEventsOf(rules: RunRules): (world: RunWorld) => readonly Event<RunWorld>[] {
  return world => [
    ...([0, 1] as const).flatMap(number => worked(rules, world, number)),
    ...delivered(rules, world),
    ...inGuest(rules, world),
    ...time(world),
    ...operator(rules, world),
    ...snapshots(rules, world),
    ...rollbacks(rules, world),
    ...restarts(rules, world),
    ...fault(world, 'lapse', !world.lease.free, { lease: { ...world.lease, free: true } }),
    ...forgets(world),
  ];
}

function forgets(world: RunWorld): readonly Event<RunWorld>[] {
  const { steps, ...lease } = world.lease;
  return idsIn(steps).flatMap(id => {
    const { [id]: ended, ...others } = steps;
    const changed = { ...lease, steps: others, version: lease.version + 1 };
    return fault(world, 'forget', ended?.phase === 'Ended', { lease: changed }, ` of ${id}`);
  });
}

function idsIn(steps: Partial<Record<Id, unknown>>): readonly Id[] {
  return Object.keys(steps) as Id[];
}

/** What must hold however it came to this. */
export function brokenRun({
  wrong,
  begun,
  run,
  turnedBack,
  restarts: restarted = 0,
  guest,
}: RunWorld): string | undefined {
  if (wrong !== undefined) return wrong;
  if (turnedBack > 1) return 'the guest was turned back twice';
  if (restarted > 1) return 'the VM was restarted twice';
  if (run.phase === 'Succeeded' && run.restart !== undefined && restarted === 0)
    return 'it is called restarted, and was not';
  if (run.phase === 'RolledBack' && turnedBack === 0) return 'it is called rolled back, and was not';
  const twice = idsIn(begun).find(id => (begun[id] ?? 0) > 1);
  if (twice !== undefined) return `${twice} began twice in the guest`;
  const unnoted = idsIn(begun).find(id => !isNoted(run, id));
  if (unnoted !== undefined) return `${unnoted} began without a note in the run`;
  if (run.phase !== undefined && guest.stopped === true && run.told !== 'services')
    return `the verdict is ${run.phase}, and a service stays stopped`;
  const denied = run.phase === 'WindowExceeded' || run.phase === 'Skipped' || run.phase === 'NothingToDo';
  return denied && begun.install !== undefined ? `the verdict is ${run.phase}, and packages were installed` : undefined;
}

function isNoted(run: RunRecord, id: Id): boolean {
  if (id === 'before' || id === 'install' || id === 'after') return run[id] !== undefined;
  return Number(id.slice('startagain'.length)) <= (run.startagain?.attempt ?? 0);
}

const clockOf = ({ off, time: now }: RunWorld, who: 0 | 1 | 'guest'): Time => (off?.who === who ? off.time : now);

function worked(rules: RunRules, world: RunWorld, number: 0 | 1): readonly Event<RunWorld>[] {
  const runner = world.runners[number];
  const moved = (to: Runner, more: Partial<RunWorld> = {}): RunWorld => {
    const runners = world.runners.map((other, index) => (index === number ? to : other));
    return { ...world, ...more, runners: runners as unknown as RunWorld['runners'] };
  };
  const name = `runner ${number + 1}`;
  const crash = runner.at === 'idle' ? [] : fault(world, 'crash', true, moved({ at: 'idle' }), ` of ${name}`);
  const clocks = ORDER.filter(each => each !== world.time).flatMap(each =>
    fault(world, 'clock', world.off === undefined, { off: { who: number, time: each } }, ` of ${name}: ${each}`),
  );
  const now = clockOf(world, number);
  return [
    ...[...crash, ...clocks],
    ...stepsOf(rules, world, runner, now, moved).map(event => ({ ...event, name: `${name} ${event.name}` })),
  ];
}

type Moved = (to: Runner, more?: Partial<RunWorld>) => RunWorld;

function stepsOf(
  rules: RunRules,
  world: RunWorld,
  runner: Runner,
  now: Time,
  moved: Moved,
): readonly Event<RunWorld>[] {
  switch (runner.at) {
    case 'idle':
      return [...takes(world, moved), ...hindered(rules, world, now, moved)];
    case 'held': {
      const { generation } = runner;
      const known = { run: world.run, lease: world.lease };
      if (generation < world.lease.generation)
        return [{ name: 'sees that it was overtaken', world: moved({ at: 'idle' }) }];
      return [{ name: 'reads', world: moved({ at: 'read', generation, known }) }];
    }
    case 'read':
      return decides(rules, world, runner, now, moved);
    case 'asked':
      return acts(rules, world, runner, now, moved);
    case 'claimed':
      return notes(rules, world, runner, moved);
  }
}

function takes(world: RunWorld, moved: Moved): readonly Event<RunWorld>[] {
  const { lease, run } = world;
  if (!lease.free || run.phase !== undefined || lease.generation >= LATEST) return [];
  return [
    {
      name: 'takes the lease',
      world: moved({ at: 'held', generation: lease.generation + 1 }, { lease: taken(lease) }),
    },
  ];
}

function taken(lease: LeaseRecord): LeaseRecord {
  return { ...lease, generation: lease.generation + 1, free: false, version: lease.version + 1 };
}

/** One that cannot work in the guest, because another holds the lease: it may give the run up by its clock. */
function hindered(rules: RunRules, world: RunWorld, now: Time, moved: Moved): readonly Event<RunWorld>[] {
  if (world.lease.free) return [];
  const act = decide(rules, world, world.run, 'another works in it', now);
  if (act.act !== 'end') return [];
  return [{ name: `gives up: ${act.phase}`, world: moved({ at: 'idle' }, verdict(rules, world, world.run, act)) }];
}

/** The operator gives up what nobody works on any more. */
function operator(rules: RunRules, world: RunWorld): readonly Event<RunWorld>[] {
  if (world.time !== 'over') return [];
  const act = decide(rules, world, world.run, 'no runner has come', 'over');
  if (act.act !== 'end') return [];
  return [
    {
      name: `the operator gives up: ${act.phase}`,
      world: { ...world, ...verdict(rules, world, world.run, act) },
    },
  ];
}

/** The operator has one made where it is asked for, KubeVirt makes it with or without every disk, and the operator says which. */
function snapshots(rules: RunRules, world: RunWorld): readonly Event<RunWorld>[] {
  const { run, made, guest } = world;
  if (run.snapshot !== 'open' || run.phase !== undefined) return [];
  if (made === undefined)
    return [true, false].map(whole => ({
      name: `a snapshot is made ${whole ? 'of every disk' : 'without a disk'}`,
      world: { ...world, made: { disk: guest.disk, whole } },
    }));
  const said = made.whole ? 'Passed' : 'Failed';
  return [
    {
      name: `the snapshot is noted as ${said}`,
      world: { ...world, ...written(rules, world, run, { snapshot: said }) },
    },
  ];
}

/** The operator has the disk turned back where it is asked to, with another boot, and says so when it is. */
function rollbacks(rules: RunRules, world: RunWorld): readonly Event<RunWorld>[] {
  const { run, made, guest, turnedBack } = world;
  if (run.rollback !== 'open' || run.phase !== undefined || made === undefined) return [];
  const back = { boot: guest.boot + 1, running: [], disk: made.disk };
  const wrong = world.begun.install === undefined ? 'it was turned back, and nothing was installed' : world.wrong;
  const again = turnedBack === 0 || (!rules.namedRestore && turnedBack < 2);
  return [
    ...(again
      ? [
          {
            name: 'the guest is turned back',
            world: { ...world, guest: back, turnedBack: turnedBack + 1, ...(wrong !== undefined && { wrong }) },
          },
        ]
      : []),
    ...(turnedBack === 0
      ? []
      : [
          {
            name: 'the guest is noted as turned back',
            world: { ...world, ...written(rules, world, run, { rollback: 'Passed' }) },
          },
        ]),
  ];
}

/** The operator notes which instance is to end, the ManagedVM's pass ends it, another starts, and the operator says so. */
function restarts(rules: RunRules, world: RunWorld): readonly Event<RunWorld>[] {
  const { run, guest, time: now, restarts: before = 0 } = world;
  const { instance = 1 } = guest;
  if (run.restart === undefined || run.restart === 'Passed' || run.phase !== undefined) return [];
  const hasTime = now === 'open' || now === 'late';
  const said = (change: Partial<RunRecord>) => ({ ...world, ...written(rules, world, run, change) });
  if (run.restart === 'open')
    return hasTime
      ? [{ name: 'the instance that is to end is noted', world: said({ restart: 'noted', instance }) }]
      : [];
  const { stopped: _, ...other } = guest;
  const ends = (run.instance === instance || (!rules.namedInstance && before < 2)) && (hasTime || !rules.restartClock);
  const restarted = { ...other, boot: guest.boot + 1, running: [], instance: instance + 1 };
  const wrong = hasTime ? world.wrong : 'the VM was restarted after the window';
  return [
    ...(ends
      ? [
          {
            name: 'the VM is restarted',
            world: { ...world, guest: restarted, restarts: before + 1, ...(wrong !== undefined && { wrong }) },
          },
        ]
      : []),
    ...(run.instance === instance
      ? []
      : [{ name: 'the VM is noted as restarted', world: said({ restart: 'Passed' }) }]),
  ];
}

/** A write of the run from the version that was read; refused where there is a newer one, or a verdict. */
function written(
  rules: RunRules,
  world: RunWorld,
  read: RunRecord,
  change: Partial<RunRecord>,
): Partial<RunWorld> | undefined {
  if (rules.conflicts && read.version !== world.run.version) return undefined;
  return { run: { ...read, ...change, version: world.run.version + 1 } };
}

function verdict(
  rules: RunRules,
  world: RunWorld,
  read: RunRecord,
  { phase, message }: Extract<RunAct, { act: 'end' }>,
): Partial<RunWorld> {
  const services = /runs again after it was stopped is not known|does not run as before/.test(message);
  const steps = message.includes('What came of the steps after it');
  const told = services ? 'services' : steps ? 'steps' : undefined;
  return written(rules, world, read, { phase, ...(told !== undefined && { told }) }) ?? {};
}

function decides(
  rules: RunRules,
  world: RunWorld,
  { generation, known }: Extract<Runner, { at: 'read' }>,
  now: Time,
  moved: Moved,
): readonly Event<RunWorld>[] {
  const again = { at: 'held', generation } as const;
  const act = decide(rules, world, known.run, undefined, now);
  switch (act.act) {
    case 'nothing': {
      const { lease } = world;
      const mine = lease.generation === generation;
      const given = mine ? { lease: { ...lease, free: true, version: lease.version + 1 } } : {};
      return [{ name: 'gives the lease back', world: moved({ at: 'idle' }, given) }];
    }
    case 'wait':
      return [{ name: 'waits', world: moved(again) }];
    case 'end':
      return [{ name: `writes the verdict ${act.phase}`, world: moved(again, verdict(rules, world, known.run, act)) }];
    case 'ask':
      return known.run[act.step] === undefined
        ? [
            {
              name: `asks for a ${act.step}`,
              world: moved(again, written(rules, world, known.run, { [act.step]: 'open' })),
            },
          ]
        : [{ name: 'waits', world: moved(again) }];
    case 'carryOut':
      if (isCarried(act.step)) {
        const id: Id = act.step === 'startagain' ? `startagain${act.attempt}` : act.step;
        return carries(rules, world, { generation, known, due: { id, until: act.until.getTime() } }, moved);
      }
      return readsBack(world, act.step).map(read => ({
        name: `reads back: ${Object.values(read)}`,
        world: moved(again, written(rules, world, known.run, read)),
      }));
  }
}

function isCarried(step: GuestStep): step is Carried {
  return step === 'before' || step === 'install' || step === 'startagain' || step === 'after';
}

function readsBack({ guest, terms }: RunWorld, step: GuestStep): readonly Partial<RunRecord>[] {
  if (step === 'backcheck') return [{ backcheck: guest.disk.steps.install === undefined ? 'Passed' : 'Failed' }];
  if (step === 'recheck') return [{ recheckedIn: guest.boot }];
  const seen = terms.restart && { verifiedIn: guest.boot };
  if (guest.disk.steps.install !== 'done') return [{ readBack: 'not', ...seen }];
  return terms.rollback === undefined
    ? [{ readBack: 'installed', ...seen }]
    : [
        { readBack: 'installed', ...seen },
        { readBack: 'broken', ...seen },
      ];
}

function carries(
  rules: RunRules,
  world: RunWorld,
  { generation, known, due }: { readonly generation: number; readonly known: Known; readonly due: Due },
  moved: Moved,
): readonly Event<RunWorld>[] {
  const again = { at: 'held', generation } as const;
  const { run, lease } = known;
  const { id } = due;
  switch (rules.byBothRecords(isNoted(run, id), lease.steps[id] !== undefined)) {
    case 'Forgotten':
      return [
        {
          name: `ends ${id}, which is forgotten`,
          world: moved(again, written(rules, world, run, said(id, 'Unknown'))),
        },
      ];
    case 'Note':
      return [{ name: `notes ${id}`, world: moved(again, written(rules, world, run, said(id, 'open'))) }];
    case 'Begin':
    case 'Follow': {
      const { guest } = world;
      if (generation < guest.disk.generation)
        return [{ name: 'is refused by the guest', world: moved({ at: 'idle' }) }];
      const fence = { generation, bootId: String(guest.boot) };
      const { report, raised } = answered(rules, guest, generation, id);
      return [{ name: 'asks the guest', world: moved({ at: 'asked', known, fence, report, due }, raised) }];
    }
  }
}

/** What the run says of a step. */
function said(id: Id, word: 'open' | Verdict): Partial<RunRecord> {
  if (id === 'before' || id === 'install' || id === 'after') return { [id]: word };
  return { startagain: { attempt: Number(id.slice('startagain'.length)), said: word } };
}

/** What the guest says under the generation that it now has, and what it does with a task that it finds not begun. */
function answered(
  rules: RunRules,
  guest: RunWorld['guest'],
  generation: number,
  id: Id,
): { readonly report: Report; readonly raised: Pick<RunWorld, 'guest'> } {
  const disk = { ...guest.disk, generation };
  const finds = disk.task === 'ready' && rules.withdraws;
  return {
    report: reportOf(guest, id),
    raised: { guest: { ...guest, disk: finds ? { ...disk, task: 'withdrawn' } : disk } },
  };
}

function reportOf({ running, disk }: RunWorld['guest'], id: Id): Report {
  if (disk.steps[id] === undefined) return { state: disk.task === undefined ? 'Never' : 'Gone' };
  if (disk.steps[id] === 'done') return { state: 'Finished', exitCode: 0 };
  return { state: running.includes(id) ? 'Running' : 'Gone' };
}

function acts(
  rules: RunRules,
  world: RunWorld,
  { known, fence, report, due }: Extract<Runner, { at: 'asked' }>,
  now: Time,
  moved: Moved,
): readonly Event<RunWorld>[] {
  const { run, lease } = known;
  const again = { at: 'held', generation: fence.generation } as const;
  const mayBegin = TIMES[now].getTime() < due.until;
  const record = lease.steps[due.id];
  const next = rules.nextOfStep(record, fence, report, mayBegin);
  switch (next.act) {
    case 'claim':
    case 'end': {
      const conflict = rules.conflicts && lease.version !== world.lease.version;
      if (conflict) return [{ name: `is refused its ${next.act}`, world: moved(again) }];
      const steps = { ...world.lease.steps, [due.id]: next.record };
      const claimed = { ...world.lease, steps, version: world.lease.version + 1 };
      const to = next.act === 'claim' ? ({ at: 'claimed', run, lease: claimed, fence, due } as const) : again;
      return [{ name: `writes its ${next.act}`, world: moved(to, { lease: claimed }) }];
    }
    case 'start':
      return [{ name: 'sends the start', world: sent(moved(again), { ...due, fence }) }];
    case 'nothing':
      return ended(rules, world, { ...known, id: due.id }, again, moved);
    case 'wait': {
      const mine = record?.fence.generation === fence.generation && report.state === 'Never';
      const isLast = world.lease.generation !== fence.generation || fence.generation >= LATEST + 2;
      if (mayBegin || !mine || isLast) return [{ name: 'waits', world: moved(again) }];
      const next = { at: 'held', generation: fence.generation + 1 } as const;
      return [{ name: 'takes its lease anew', world: moved(next, { lease: taken(world.lease) }) }];
    }
  }
}

function ended(
  rules: RunRules,
  world: RunWorld,
  { run, lease, id }: Known & { readonly id: Id },
  again: Runner,
  moved: Moved,
): readonly Event<RunWorld>[] {
  const record = lease.steps[id];
  if (record?.phase !== 'Ended') return [{ name: 'begins nothing', world: moved(again) }];
  const { kind } = record.verdict;
  // Of an install only the reading back tells how it went.
  const words: readonly Verdict[] =
    kind !== 'Finished' ? [kind] : id === 'before' || id === 'after' ? ['Passed', 'Failed'] : ['Passed'];
  return words.map(word => ({
    name: `ends ${id} as ${word}`,
    world: moved(again, written(rules, world, run, said(id, word))),
  }));
}

/** The same pass notes the claim in the run, and asks the guest once more before it sends the start. */
function notes(
  rules: RunRules,
  world: RunWorld,
  { run, lease, fence, due }: Extract<Runner, { at: 'claimed' }>,
  moved: Moved,
): readonly Event<RunWorld>[] {
  const { guest } = world;
  const noted = rules.notes ? written(rules, world, run, said(due.id, 'open')) : {};
  if (noted === undefined)
    return [{ name: 'is refused its note', world: moved({ at: 'held', generation: fence.generation }) }];
  if (fence.generation < guest.disk.generation)
    return [{ name: 'notes the step, and is refused by the guest', world: moved({ at: 'idle' }, noted) }];
  const now = { generation: fence.generation, bootId: String(guest.boot) };
  const { report, raised } = answered(rules, guest, fence.generation, due.id);
  const known = { run: noted.run ?? run, lease };
  const asked = { at: 'asked', known, fence: now, report, due } as const;
  return [{ name: 'notes the step, and asks the guest', world: moved(asked, { ...noted, ...raised }) }];
}

/** One of a kind under way is enough: the next is sent when it has arrived or is lost. */
function sent(world: RunWorld, start: Start): RunWorld {
  const same = world.sent.some(each => isDeepStrictEqual(each, start));
  return same ? world : { ...world, sent: [...world.sent, start] };
}

function delivered(rules: RunRules, world: RunWorld): readonly Event<RunWorld>[] {
  const { guest } = world;
  return world.sent.flatMap((start, index) => {
    const rest = { sent: world.sent.filter((_, other) => other !== index) };
    const known = { generation: guest.disk.generation, bootId: String(guest.boot) };
    const isNew = !rules.knows || (guest.disk.steps[start.id] === undefined && guest.disk.task === undefined);
    const passes = rules.admits(known, start.fence) && isNew && isInTime(rules.guestClock, world, start.until);
    const task = { guest: { ...guest, scheduled: start.until, disk: { ...guest.disk, task: 'ready' as const } } };
    const name = `a start of ${start.id}, generation ${start.fence.generation}, arrives`;
    return [
      {
        name: passes ? `${name} and begins` : `${name} and is refused`,
        world: { ...world, ...rest, ...(passes && (rules.scheduler ? task : begun(world, start.id))) },
      },
      ...fault(world, 'lose', true, rest),
    ];
  });
}

function begun(world: RunWorld, id: Id): Partial<RunWorld> {
  const { task: _, ...disk } = world.guest.disk;
  const { scheduled: __, ...guest } = world.guest;
  const wrong = beginsWrongly(world, id);
  return {
    guest: {
      ...guest,
      ...(id === 'before' && { stopped: true as const }),
      running: [...guest.running, id],
      disk: { ...disk, steps: { ...disk.steps, [id]: 'began' } },
    },
    begun: { ...world.begun, [id]: (world.begun[id] ?? 0) + 1 },
    ...(wrong !== undefined && { wrong }),
  };
}

/** The task renames `ready` first, and holds its file from then on. */
function started(rules: RunRules, world: RunWorld): readonly Event<RunWorld>[] {
  const { scheduled: until, ...guest } = world.guest;
  if (until === undefined) return [];
  const begins = guest.disk.task === 'ready' && isInTime(rules.taskClock, world, until);
  const name = begins ? 'the scheduler begins the task' : 'the scheduler begins the task, which ends at once';
  return [{ name, world: { ...world, ...(begins ? begun(world, 'install') : { guest }) } }];
}

function isInTime(looks: boolean, world: RunWorld, until: number): boolean {
  const now = TIMES[clockOf(world, 'guest')];
  return !looks || (now >= new Date(OCCURRENCE.start) && now.getTime() < until);
}

function beginsWrongly(world: RunWorld, id: Id): string | undefined {
  const { time: now, run, begun: begunBefore, turnedBack } = world;
  if (now === 'early') return `${id} began before the window`;
  if ((id === 'before' || id === 'install') && now !== 'open') return `${id} began after the cutoff`;
  if (now === 'over') return `${id} began when the run was over`;
  if (turnedBack > 0) return `${id} began after the guest was turned back`;
  if (id === 'before' && begunBefore.install !== undefined) return 'a step before began after the install';
  if (id === 'after' && run.readBack !== 'installed') return 'a step after began before the install was read back';
  if (id === 'install') return installsWrongly(world);
  // A verdict of Unknown says that it may begin: its start was under way. So does one that tells what is not known.
  return run.phase === undefined || run.phase === 'Unknown' || run.told !== undefined
    ? undefined
    : `${id} began after the verdict ${run.phase}`;
}

function installsWrongly({ run, terms, made, guest }: RunWorld): string | undefined {
  if ((terms.snapshot === true || terms.rollback === 'Automatic') && made?.whole !== true)
    return 'it was installed without a snapshot of every disk';
  if (terms.around === true && run.before !== 'Passed') return 'it was installed though a step before did not pass';
  if (guest.running.includes('before')) return 'it was installed while a step before was running';
  return run.phase === undefined || run.phase === 'Unknown'
    ? undefined
    : `it was installed after the verdict ${run.phase}`;
}

function inGuest(rules: RunRules, world: RunWorld): readonly Event<RunWorld>[] {
  const { snapshot } = world;
  const { scheduled, stopped: _, ...guest } = world.guest;
  const down = { ...guest, boot: guest.boot + 1, running: [], ...(rules.triggers && scheduled && { scheduled }) };
  const canBlind = world.off === undefined && !isUnderWay(world);
  return [
    ...started(rules, world),
    ...guest.running.map(id => ({
      name: `${id} ends in the guest`,
      world: { ...world, guest: done(world.guest, id) },
    })),
    ...(snapshot === undefined && world.left.restore > 0
      ? [{ name: 'a snapshot is taken', world: { ...world, snapshot: guest.disk } }]
      : []),
    ...fault(world, 'reboot', true, { guest: down }),
    ...(snapshot === undefined ? [] : fault(world, 'restore', true, { guest: { ...down, disk: snapshot } })),
    ...ORDER.filter(each => each !== world.time).flatMap(each =>
      fault(world, 'clock', canBlind, { off: { who: 'guest', time: each } }, ` of the guest: ${each}`),
    ),
  ];
}

function done({ stopped, ...guest }: RunWorld['guest'], id: Id): RunWorld['guest'] {
  const { running, disk } = guest;
  const startsAgain = id.startsWith('startagain');
  return {
    ...guest,
    ...(stopped && !startsAgain && { stopped }),
    running: running.filter(each => each !== id),
    disk: { ...disk, steps: { ...disk.steps, [id]: 'done' } },
  };
}

function time(world: RunWorld): readonly Event<RunWorld>[] {
  const next = ORDER[ORDER.indexOf(world.time) + 1];
  // By no clock can a guest tell that a start is late if its own is off as well: these two together are not held.
  const isBlind = world.off?.who === 'guest' && isUnderWay(world);
  return next === undefined || isBlind ? [] : [{ name: `it is ${next}`, world: { ...world, time: next } }];
}

/** Without starts that no fence lets pass any more, whatever happens: they only make more worlds. */
function withoutDead(rules: RunRules, world: RunWorld): RunWorld {
  if (rules.admits !== admits || !rules.knows) return world;
  const { boot, disk } = world.guest;
  const known = { generation: disk.generation, bootId: String(boot) };
  const alive = world.sent.filter(({ fence, id }) => admits(known, fence) && disk.steps[id] === undefined);
  return alive.length === world.sent.length ? world : { ...world, sent: alive };
}

/** A start is on its way to the guest, or to be begun by its scheduler. */
function isUnderWay({ sent: starts, guest }: RunWorld): boolean {
  return starts.length > 0 || guest.scheduled !== undefined;
}

function fault(
  world: RunWorld,
  kind: keyof RunFaults,
  possible: boolean,
  change: Partial<RunWorld>,
  of = '',
): readonly Event<RunWorld>[] {
  if (!possible || world.left[kind] === 0) return [];
  const left = { ...world.left, [kind]: world.left[kind] - 1 };
  return [{ name: `${kind}${of}`, world: { ...world, ...change, left } }];
}
