/**
 * One step in one guest, two workers that both believe they may carry it out, and all that can go wrong between them: crashes, pauses of any
 * length, lost and late messages, a lease that lapses, a guest that reboots or is rolled back to a snapshot of its disk.
 */
import { isDeepStrictEqual } from 'node:util';
import { admits, type Fence } from '../../src/guest/run/fence.ts';
import { nextOf, type Report, type StepRecord } from '../../src/guest/run/step.ts';
import type { Event } from './explore.ts';

type Worker =
  | { readonly at: 'idle' }
  /** It believes that it holds the lease. */
  | { readonly at: 'held'; readonly generation: number }
  | { readonly at: 'read'; readonly generation: number; readonly record?: StepRecord; readonly version: number }
  | {
      readonly at: 'asked';
      readonly fence: Fence;
      readonly record?: StepRecord;
      readonly version: number;
      readonly report: Report;
    };

/** What survives a reboot, and what a snapshot brings back. */
type Disk = { readonly generation: number; readonly began: boolean; readonly exitCode?: number };

export type StepWorld = {
  /** Generation of the lease, and whether anybody may take it: its holder does not learn that it lapsed. */
  readonly lease: { readonly generation: number; readonly free: boolean };
  readonly record?: StepRecord;
  readonly version: number;
  readonly guest: { readonly boot: number; readonly running: boolean; readonly disk: Disk };
  readonly snapshot?: Disk;
  /** Starts that are under way. */
  readonly sent: readonly Fence[];
  /** How often the step has begun, in all. */
  readonly begun: number;
  /** The highest generation that was ever in the guest, also where its disk has forgotten it. */
  readonly highest: number;
  /** Whether a start of a lower one began the step. */
  readonly overtaken: boolean;
  readonly workers: readonly [Worker, Worker];
  /** How often each fault may still happen. */
  readonly left: Faults;
};

export type Faults = {
  readonly lapse: number;
  readonly crash: number;
  readonly lose: number;
  readonly reboot: number;
  readonly restore: number;
};

/** What is under test, so that a mutant can take its place. */
export type Rules = {
  readonly admits: typeof admits;
  readonly nextOf: typeof nextOf;
  /** Whether the API server refuses a record that was made from an older one. */
  readonly conflicts: boolean;
  /** Whether the lease and the record are one object, so that a change of the one conflicts with a write of the other. */
  readonly oneObject: boolean;
  /** Whether the guest knows a step that it has begun. */
  readonly remembers: boolean;
  /** Whether the fence is raised before the guest is asked. */
  readonly raises: boolean;
  /** When the guest may forget a step for another: once it has ended in the record, and under a higher fence. */
  readonly forgets: 'ended' | 'open' | 'unfenced';
};

export const RULES: Rules = {
  admits,
  nextOf,
  conflicts: true,
  oneObject: true,
  remembers: true,
  raises: true,
  forgets: 'ended',
};

export function stepWorld(left: Faults): StepWorld {
  return {
    lease: { generation: 0, free: true },
    version: 0,
    guest: { boot: 1, running: false, disk: { generation: 0, began: false } },
    sent: [],
    begun: 0,
    highest: 0,
    overtaken: false,
    workers: [{ at: 'idle' }, { at: 'idle' }],
    left,
  };
}

/** So many holders of the lease are enough: each of the two, once more after a lapse, and the one for whom the step is forgotten. */
const LATEST = 4;

/** Everything that may happen next. */
export function eventsOf(rules: Rules): (world: StepWorld) => readonly Event<StepWorld>[] {
  return world => [
    ...[0, 1].flatMap(number => worked(rules, world, number)),
    ...delivered(rules, world),
    ...inGuest(world),
    ...forgotten(rules, world),
    ...fault(world, 'lapse', !world.lease.free, { lease: { ...world.lease, free: true } }),
  ];
}

/** The promise: a step begins at most once, whatever was forgotten, never without a record, and never amid the work of a later holder. */
export function brokenPromise({ begun, overtaken, record }: StepWorld): string | undefined {
  if (begun > 1) return 'the step began twice';
  if (overtaken) return 'the step began for one who was overtaken';
  return begun === 1 && record === undefined ? 'the step began without a record' : undefined;
}

function worked(rules: Rules, world: StepWorld, number: number): readonly Event<StepWorld>[] {
  const worker = world.workers[number] ?? { at: 'idle' };
  const name = `worker ${number + 1}`;
  const moved = (to: Worker, more: Partial<StepWorld> = {}): StepWorld => {
    const workers = world.workers.map((other, index) => (index === number ? to : other));
    return { ...world, ...more, workers: workers as unknown as StepWorld['workers'] };
  };
  const crash = worker.at === 'idle' ? [] : fault(world, 'crash', true, moved({ at: 'idle' }), ` of ${name}`);
  return [
    ...crash,
    ...stepsOf(rules, world, worker, moved).map(event => ({ ...event, name: `${name} ${event.name}` })),
  ];
}

function stepsOf(
  rules: Rules,
  world: StepWorld,
  worker: Worker,
  moved: (to: Worker, more?: Partial<StepWorld>) => StepWorld,
): readonly Event<StepWorld>[] {
  const { lease, record, version, guest } = world;
  switch (worker.at) {
    case 'idle': {
      if (!lease.free || record?.phase === 'Ended') return [];
      const generation = lease.generation + 1;
      const taken = { lease: { generation, free: false } };
      // Lease and record are one object: whoever takes the one makes void what others wanted to write into the other.
      const write = rules.oneObject ? { ...taken, version: version + 1 } : taken;
      return [{ name: 'takes the lease', world: moved({ at: 'held', generation }, write) }];
    }
    case 'held': {
      const { generation } = worker;
      const overtaken = rules.oneObject && generation < lease.generation;
      if (overtaken) return [{ name: 'sees that it was overtaken', world: moved({ at: 'idle' }) }];
      return [{ name: 'reads', world: moved({ at: 'read', generation, ...(record && { record }), version }) }];
    }
    case 'read': {
      const { generation, ...known } = worker;
      if (generation < guest.disk.generation)
        return [{ name: 'is refused by the guest', world: moved({ at: 'idle' }) }];
      const disk = rules.raises ? { ...guest.disk, generation } : guest.disk;
      const fence = { generation, bootId: String(guest.boot) };
      const asked = { ...known, at: 'asked', fence, report: reportOf(rules, guest) } as const;
      const highest = Math.max(world.highest, generation);
      return [{ name: 'asks the guest', world: moved(asked, { guest: { ...guest, disk }, highest }) }];
    }
    case 'asked':
      return [acted(rules, world, worker, moved)];
  }
}

function acted(
  rules: Rules,
  world: StepWorld,
  worker: Extract<Worker, { at: 'asked' }>,
  moved: (to: Worker, more?: Partial<StepWorld>) => StepWorld,
): Event<StepWorld> {
  const again = { at: 'held', generation: worker.fence.generation } as const;
  const next = rules.nextOf(worker.record, worker.fence, worker.report);
  switch (next.act) {
    case 'claim':
    case 'end': {
      const conflict = rules.conflicts && worker.version !== world.version;
      const written = conflict ? {} : { record: next.record, version: world.version + 1 };
      return { name: conflict ? `is refused its ${next.act}` : `writes its ${next.act}`, world: moved(again, written) };
    }
    case 'start': {
      // One of a kind under way is enough: the next is sent when it has arrived or is lost.
      const same = world.sent.some(start => isDeepStrictEqual(start, next.fence));
      return { name: 'sends the start', world: moved(again, same ? {} : { sent: [...world.sent, next.fence] }) };
    }
    case 'wait':
      return { name: 'waits', world: moved(again) };
    case 'nothing':
      return { name: 'is done', world: moved({ at: 'idle' }) };
  }
}

function reportOf(rules: Rules, { running, disk }: StepWorld['guest']): Report {
  if (!disk.began || !rules.remembers) return { state: 'Never' };
  if (disk.exitCode !== undefined) return { state: 'Finished', exitCode: disk.exitCode };
  return { state: running ? 'Running' : 'Gone' };
}

function delivered(rules: Rules, world: StepWorld): readonly Event<StepWorld>[] {
  const { guest, sent } = world;
  return sent.flatMap((start, index) => {
    const rest = { sent: sent.filter((_, other) => other !== index) };
    const known = { generation: guest.disk.generation, bootId: String(guest.boot) };
    const passes = rules.admits(known, start) && !(guest.disk.began && rules.remembers);
    const begun = {
      guest: { ...guest, running: true, disk: { ...guest.disk, began: true } },
      begun: world.begun + 1,
      overtaken: start.generation < world.highest,
    };
    const name = `a start of generation ${start.generation} arrives`;
    return [
      {
        name: passes ? `${name} and begins` : `${name} and is refused`,
        world: { ...world, ...rest, ...(passes && begun) },
      },
      ...fault(world, 'lose', true, rest),
    ];
  });
}

/** A later holder begins another step, with which the guest forgets this one. */
function forgotten({ forgets }: Rules, world: StepWorld): readonly Event<StepWorld>[] {
  const { record, lease, guest } = world;
  const isOver = forgets === 'open' ? record !== undefined : record?.phase === 'Ended';
  const isFirst = guest.disk.began && !guest.running && lease.generation < LATEST;
  if (!isOver || !isFirst || !lease.free) return [];
  const generation = lease.generation + 1;
  const raised = forgets === 'unfenced' ? guest.disk.generation : generation;
  return [
    {
      name: 'a later holder has the guest forget the step',
      world: {
        ...world,
        // It gives the lease back at once.
        ...{ lease: { generation, free: true }, version: world.version + 1 },
        guest: { ...guest, disk: { generation: raised, began: false } },
        highest: Math.max(world.highest, raised),
      },
    },
  ];
}

function inGuest(world: StepWorld): readonly Event<StepWorld>[] {
  const { guest, snapshot } = world;
  const down = { ...guest, boot: guest.boot + 1, running: false };
  return [
    ...(guest.running
      ? [
          {
            name: 'the step ends',
            world: { ...world, guest: { ...guest, running: false, disk: { ...guest.disk, exitCode: 0 } } },
          },
        ]
      : []),
    ...(snapshot === undefined && world.left.restore > 0
      ? [{ name: 'a snapshot is taken', world: { ...world, snapshot: guest.disk } }]
      : []),
    ...fault(world, 'reboot', true, { guest: down }),
    ...(snapshot === undefined ? [] : fault(world, 'restore', true, { guest: { ...down, disk: snapshot } })),
  ];
}

function fault(
  world: StepWorld,
  kind: keyof Faults,
  possible: boolean,
  change: Partial<StepWorld>,
  of = '',
): readonly Event<StepWorld>[] {
  if (!possible || world.left[kind] === 0) return [];
  const left = { ...world.left, [kind]: world.left[kind] - 1 };
  return [{ name: `${kind}${of}`, world: { ...world, ...change, left } }];
}
