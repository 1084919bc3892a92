/**
 * One run of one guest: its record, the lease of the VM, two runners that both believe they are the one, and all that can go wrong: crashes and
 * pauses of any length, lost and late starts, a scheduler that begins what it is told late or never (Windows), a lease that lapses, a guest that reboots or is rolled back, a clock that is off, and a
 * window that closes meanwhile. What is decided in it, the production code decides; the checks before are over, and reading back is one event.
 */
import { isDeepStrictEqual } from 'node:util';
import type { FinalPhase } from '../../src/api/patchrun.ts';
import { at, OCCURRENCE, openssl, runWith, step } from '../../src/domain/patching/run.fixtures.ts';
import {
  byBothRecords,
  type GuestStep,
  nextOf as nextOfRun,
  type Run,
  type RunAct,
} from '../../src/domain/patching/run.ts';
import { admits, type Fence } from '../../src/guest/run/fence.ts';
import { nextOf as nextOfStep, type Report, type StepRecord } from '../../src/guest/run/step.ts';
import type { Event } from './explore.ts';

/** The window opens at 02:00, its cutoff is at 03:30; at 04:30 nothing is followed any more. */
const TIMES = { early: at('01:00'), open: at('02:10'), late: at('03:40'), over: at('04:40') } as const;
const ORDER = ['early', 'open', 'late', 'over'] as const;
type Time = (typeof ORDER)[number];

type Verdict = 'Passed' | 'CutOff' | 'Unknown' | 'Withdrawn';
/** The run's record, as far as it differs. */
export type RunRecord = {
  readonly version: number;
  /** What the operator was asked to make, and what it said of it. */
  readonly snapshot?: 'open' | 'Passed' | 'Failed';
  readonly install?: 'open' | Verdict;
  /** What was read back; broken: a service that ran before does no more. */
  readonly readBack?: 'installed' | 'not' | 'broken';
  /** What the operator was asked to do where it failed, and what was read back after that. */
  readonly rollback?: 'open' | 'Passed';
  readonly backcheck?: 'Passed' | 'Failed';
  readonly phase?: FinalPhase;
};
/** Lease and step of the VM, one object. */
type LeaseRecord = {
  readonly version: number;
  readonly generation: number;
  readonly free: boolean;
  readonly step?: StepRecord;
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
      readonly until: number;
    }
  /** It has claimed the step with the lease, and notes it in the run before anything is sent. */
  | {
      readonly at: 'claimed';
      readonly run: RunRecord;
      readonly lease: LeaseRecord;
      readonly fence: Fence;
      readonly until: number;
    };

/** A start that is under way, and until when it may begin. */
type Start = { readonly fence: Fence; readonly until: number };

type Disk = {
  readonly generation: number;
  readonly began: boolean;
  readonly done: boolean;
  /** Of a Windows guest: what its folder says of a step whose task has not begun it. */
  readonly task?: 'ready' | 'withdrawn';
};
export type RunFaults = Readonly<
  Record<'lapse' | 'crash' | 'lose' | 'reboot' | 'restore' | 'clock' | 'forget', number>
>;

export const NO_FAULTS: RunFaults = { lapse: 0, crash: 0, lose: 0, reboot: 0, restore: 0, clock: 0, forget: 0 };

/** What the run's terms ask for besides packages. */
export type RunTerms = { readonly snapshot?: true; readonly rollback?: 'Automatic' };

export type RunWorld = {
  readonly terms: RunTerms;
  readonly time: Time;
  readonly run: RunRecord;
  readonly lease: LeaseRecord;
  readonly guest: {
    readonly boot: number;
    readonly running: boolean;
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
  readonly sent: readonly Start[];
  readonly runners: readonly [Runner, Runner];
  /** Whose clock is off, and how: of a runner, or of the guest. */
  readonly off?: { readonly who: 0 | 1 | 'guest'; readonly time: Time };
  readonly begun: number;
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
};
export type RunRules = typeof RUN_RULES;

/** So many holders of the lease are enough. */
const LATEST = 4;

export function runWorld(left: RunFaults, terms: RunTerms = {}, time: Time = 'early'): RunWorld {
  return {
    ...{ terms, time, left, run: { version: 0 }, lease: { version: 0, generation: 0, free: true } },
    guest: { boot: 1, running: false, disk: { generation: 0, began: false, done: false } },
    ...{ sent: [], runners: [{ at: 'idle' }, { at: 'idle' }], begun: 0, turnedBack: 0 },
  };
}

/** The record as the production code reads it. */
function runOf({ snapshot, install, readBack, rollback, backcheck, phase }: RunRecord, terms: RunTerms): Run {
  const verdict = install === 'open' ? undefined : install;
  const steps = [
    ...[step('preflight', 'Passed'), step('plan', 'Passed')],
    ...(snapshot === undefined ? [] : [step('snapshot', snapshot === 'open' ? undefined : snapshot)]),
    ...(install === undefined ? [] : [step('install', verdict)]),
    ...(readBack === undefined ? [] : [step('verify', readBack === 'broken' ? 'Failed' : 'Passed')]),
    ...(rollback === undefined ? [] : [step('rollback', rollback === 'open' ? undefined : rollback)]),
    ...(backcheck === undefined ? [] : [step('backcheck', backcheck)]),
  ];
  const state = readBack === undefined ? 'Pending' : readBack === 'not' ? 'Failed' : 'Installed';
  const status = { packages: [openssl(state)], bootIdAfter: 'a', ...(phase && { phase }) };
  return runWith(steps, status, { reboot: 'Never', ...terms });
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
  return world => [
    ...([0, 1] as const).flatMap(number => worked(rules, world, number)),
    ...delivered(rules, world),
    ...inGuest(rules, world),
    ...time(world),
    ...operator(rules, world),
    ...snapshots(rules, world),
    ...rollbacks(rules, world),
    ...fault(world, 'lapse', !world.lease.free, { lease: { ...world.lease, free: true } }),
    ...fault(world, 'forget', world.lease.step?.phase === 'Ended', { lease: forgotten(world.lease) }),
  ];
}

function forgotten({ step: _, ...lease }: LeaseRecord): LeaseRecord {
  return { ...lease, version: lease.version + 1 };
}

/** What must hold however it came to this. */
export function brokenRun({ wrong, begun, run, turnedBack }: RunWorld): string | undefined {
  if (wrong !== undefined) return wrong;
  if (turnedBack > 1) return 'the guest was turned back twice';
  if (run.phase === 'RolledBack' && turnedBack === 0) return 'it is called rolled back, and was not';
  if (begun > 1) return 'the guest was patched twice';
  if (begun === 1 && run.install === undefined) return 'it began without a note in the run';
  const denied = run.phase === 'WindowExceeded' || run.phase === 'Skipped' || run.phase === 'NothingToDo';
  return denied && begun > 0 ? `the verdict is ${run.phase}, and packages were installed` : undefined;
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
  return [
    { name: `gives up: ${act.phase}`, world: moved({ at: 'idle' }, verdict(rules, world, world.run, act.phase)) },
  ];
}

/** The operator gives up what nobody works on any more. */
function operator(rules: RunRules, world: RunWorld): readonly Event<RunWorld>[] {
  if (world.time !== 'over') return [];
  const act = decide(rules, world, world.run, 'no runner has come', 'over');
  if (act.act !== 'end') return [];
  return [
    {
      name: `the operator gives up: ${act.phase}`,
      world: { ...world, ...verdict(rules, world, world.run, act.phase) },
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
  const back = { boot: guest.boot + 1, running: false, disk: made.disk };
  const wrong = world.begun === 0 ? 'it was turned back, and nothing was installed' : world.wrong;
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
  phase: NonNullable<RunRecord['phase']>,
): Partial<RunWorld> {
  return written(rules, world, read, { phase }) ?? {};
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
      return [
        { name: `writes the verdict ${act.phase}`, world: moved(again, verdict(rules, world, known.run, act.phase)) },
      ];
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
      if (act.step === 'install')
        return installs(rules, world, { generation, known, until: act.until.getTime() }, moved);
      return readsBack(world, act.step).map(read => ({
        name: `reads back: ${Object.values(read)}`,
        world: moved(again, written(rules, world, known.run, read)),
      }));
  }
}

function readsBack({ guest, terms }: RunWorld, step: GuestStep): readonly Partial<RunRecord>[] {
  if (step === 'backcheck') return [{ backcheck: guest.disk.began ? 'Failed' : 'Passed' }];
  if (!guest.disk.done) return [{ readBack: 'not' }];
  return terms.rollback === undefined
    ? [{ readBack: 'installed' }]
    : [{ readBack: 'installed' }, { readBack: 'broken' }];
}

function installs(
  rules: RunRules,
  world: RunWorld,
  { generation, known, until }: { readonly generation: number; readonly known: Known; readonly until: number },
  moved: Moved,
): readonly Event<RunWorld>[] {
  const again = { at: 'held', generation } as const;
  const { run, lease } = known;
  switch (rules.byBothRecords(run.install !== undefined, lease.step !== undefined)) {
    case 'Forgotten':
      return [
        { name: 'ends what is forgotten', world: moved(again, written(rules, world, run, { install: 'Unknown' })) },
      ];
    case 'Note':
      return [{ name: 'notes the step', world: moved(again, written(rules, world, run, { install: 'open' })) }];
    case 'Begin':
    case 'Follow': {
      const { guest } = world;
      if (generation < guest.disk.generation)
        return [{ name: 'is refused by the guest', world: moved({ at: 'idle' }) }];
      const fence = { generation, bootId: String(guest.boot) };
      const { report, raised } = answered(rules, guest, generation);
      return [{ name: 'asks the guest', world: moved({ at: 'asked', known, fence, report, until }, raised) }];
    }
  }
}

/** What the guest says under the generation that it now has, and what it does with a task that it finds not begun. */
function answered(
  rules: RunRules,
  guest: RunWorld['guest'],
  generation: number,
): { readonly report: Report; readonly raised: Pick<RunWorld, 'guest'> } {
  const disk = { ...guest.disk, generation };
  const finds = disk.task === 'ready' && rules.withdraws;
  return {
    report: reportOf(guest),
    raised: { guest: { ...guest, disk: finds ? { ...disk, task: 'withdrawn' } : disk } },
  };
}

function reportOf({ running, disk }: RunWorld['guest']): Report {
  if (!disk.began) return { state: disk.task === undefined ? 'Never' : 'Gone' };
  if (disk.done) return { state: 'Finished', exitCode: 0 };
  return { state: running ? 'Running' : 'Gone' };
}

function acts(
  rules: RunRules,
  world: RunWorld,
  { known, fence, report, until }: Extract<Runner, { at: 'asked' }>,
  now: Time,
  moved: Moved,
): readonly Event<RunWorld>[] {
  const { run, lease } = known;
  const again = { at: 'held', generation: fence.generation } as const;
  const mayBegin = TIMES[now].getTime() < until;
  const next = rules.nextOfStep(lease.step, fence, report, mayBegin);
  switch (next.act) {
    case 'claim':
    case 'end': {
      const conflict = rules.conflicts && lease.version !== world.lease.version;
      if (conflict) return [{ name: `is refused its ${next.act}`, world: moved(again) }];
      const claimed = { ...world.lease, step: next.record, version: world.lease.version + 1 };
      const to = next.act === 'claim' ? ({ at: 'claimed', run, lease: claimed, fence, until } as const) : again;
      return [{ name: `writes its ${next.act}`, world: moved(to, { lease: claimed }) }];
    }
    case 'start':
      return [{ name: 'sends the start', world: sent(moved(again), { fence, until }) }];
    case 'nothing':
      return [ended(rules, world, known, again, moved)];
    case 'wait': {
      const mine = lease.step?.fence.generation === fence.generation && report.state === 'Never';
      const isLast = world.lease.generation !== fence.generation || fence.generation >= LATEST + 2;
      if (mayBegin || !mine || isLast) return [{ name: 'waits', world: moved(again) }];
      const next = { at: 'held', generation: fence.generation + 1 } as const;
      return [{ name: 'takes its lease anew', world: moved(next, { lease: taken(world.lease) }) }];
    }
  }
}

function ended(rules: RunRules, world: RunWorld, { run, lease }: Known, again: Runner, moved: Moved): Event<RunWorld> {
  if (lease.step?.phase !== 'Ended') return { name: 'begins nothing', world: moved(again) };
  const { kind } = lease.step.verdict;
  const install = kind === 'Finished' ? 'Passed' : kind;
  return { name: `ends the step as ${install}`, world: moved(again, written(rules, world, run, { install })) };
}

/** The same pass notes the claim in the run, and asks the guest once more before it sends the start. */
function notes(
  rules: RunRules,
  world: RunWorld,
  { run, lease, fence, until }: Extract<Runner, { at: 'claimed' }>,
  moved: Moved,
): readonly Event<RunWorld>[] {
  const { guest } = world;
  const noted = rules.notes ? written(rules, world, run, { install: 'open' }) : {};
  if (noted === undefined)
    return [{ name: 'is refused its note', world: moved({ at: 'held', generation: fence.generation }) }];
  if (fence.generation < guest.disk.generation)
    return [{ name: 'notes the step, and is refused by the guest', world: moved({ at: 'idle' }, noted) }];
  const now = { generation: fence.generation, bootId: String(guest.boot) };
  const { report, raised } = answered(rules, guest, fence.generation);
  const known = { run: noted.run ?? run, lease };
  const asked = { at: 'asked', known, fence: now, report, until } as const;
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
    const isNew = !rules.knows || (!guest.disk.began && guest.disk.task === undefined);
    const passes = rules.admits(known, start.fence) && isNew && isInTime(rules.guestClock, world, start.until);
    const task = { guest: { ...guest, scheduled: start.until, disk: { ...guest.disk, task: 'ready' as const } } };
    const name = `a start of generation ${start.fence.generation} arrives`;
    return [
      {
        name: passes ? `${name} and begins` : `${name} and is refused`,
        world: { ...world, ...rest, ...(passes && (rules.scheduler ? task : begun(world))) },
      },
      ...fault(world, 'lose', true, rest),
    ];
  });
}

function begun(world: RunWorld): Partial<RunWorld> {
  const { task: _, ...disk } = world.guest.disk;
  const { scheduled: __, ...guest } = world.guest;
  const wrong = beginsWrongly(world);
  return {
    guest: { ...guest, running: true, disk: { ...disk, began: true } },
    begun: world.begun + 1,
    ...(wrong !== undefined && { wrong }),
  };
}

/** The task renames `ready` first, and holds its file from then on. */
function started(rules: RunRules, world: RunWorld): readonly Event<RunWorld>[] {
  const { scheduled: until, ...guest } = world.guest;
  if (until === undefined) return [];
  const begins = guest.disk.task === 'ready' && isInTime(rules.taskClock, world, until);
  const name = begins ? 'the scheduler begins the task' : 'the scheduler begins the task, which ends at once';
  return [{ name, world: { ...world, ...(begins ? begun(world) : { guest }) } }];
}

function isInTime(looks: boolean, world: RunWorld, until: number): boolean {
  const now = TIMES[clockOf(world, 'guest')];
  return !looks || (now >= new Date(OCCURRENCE.start) && now.getTime() < until);
}

function beginsWrongly({ time: now, run, terms, made, turnedBack }: RunWorld): string | undefined {
  if (now === 'early') return 'it began before the window';
  if (now !== 'open') return 'it began after the cutoff';
  if (turnedBack > 0) return 'it began after the guest was turned back';
  if ((terms.snapshot === true || terms.rollback === 'Automatic') && made?.whole !== true)
    return 'it began without a snapshot of every disk';
  // A verdict of Unknown says that it may begin: its start was under way.
  return run.phase === undefined || run.phase === 'Unknown' ? undefined : `it began after the verdict ${run.phase}`;
}

function inGuest(rules: RunRules, world: RunWorld): readonly Event<RunWorld>[] {
  const { snapshot } = world;
  const { scheduled, ...guest } = world.guest;
  const down = { ...guest, boot: guest.boot + 1, running: false, ...(rules.triggers && scheduled && { scheduled }) };
  const canBlind = world.off === undefined && !isUnderWay(world);
  const ends = { ...world, guest: { ...world.guest, running: false, disk: { ...guest.disk, done: true } } };
  return [
    ...started(rules, world),
    ...(guest.running ? [{ name: 'the packages are installed', world: ends }] : []),
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

function time(world: RunWorld): readonly Event<RunWorld>[] {
  const next = ORDER[ORDER.indexOf(world.time) + 1];
  // By no clock can a guest tell that a start is late if its own is off as well: these two together are not held.
  const isBlind = world.off?.who === 'guest' && isUnderWay(world);
  return next === undefined || isBlind ? [] : [{ name: `it is ${next}`, world: { ...world, time: next } }];
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
