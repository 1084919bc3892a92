/**
 * The lease of one VM, two workers that want it, and all that can go wrong between them: crashes and pauses of any length, a record that is
 * deleted and made anew, wall clocks that are off. Time goes in steps of a third of the lease's time; the decisions are the production code's.
 */
import { giveBack, isHeldBy, LEASE_MS, type Leased, renewLease, takeLease } from '../../src/guest/run/vmlease.ts';
import type { Event } from './explore.ts';

const STEP_MS = LEASE_MS / 3;

/** What a worker has read, and since when it knows the lease as it stands there. */
type Seen = { readonly leased: Leased; readonly version: number; readonly lease: string; readonly since: number };

type Worker = {
  /** Its wall clock, in steps beside the true time. */
  readonly clockOff: number;
  readonly seen?: Seen;
};

export type LeaseWorld = {
  readonly time: number;
  /** The API server's seconds of the record's creation, by which a new record begins above a former one. */
  readonly created: number;
  readonly record: Leased;
  readonly version: number;
  /** When the lease that stands there was written last, in truth. */
  readonly writtenAt: number;
  readonly workers: readonly [Worker, Worker];
  /** The highest generation that any lease of this VM ever had. */
  readonly highest: number;
  readonly broken?: string;
  readonly left: { readonly time: number; readonly takings: number; readonly crash: number; readonly remake: number };
};

export type LeaseRules = {
  readonly takeLease: typeof takeLease;
  readonly renewLease: typeof renewLease;
  readonly giveBack: typeof giveBack;
  /** Whether the API server refuses a write that was made from an older version. */
  readonly conflicts: boolean;
  /** Whether a worker counts a lease's time from when it saw it, by a steady clock; else it believes `until` and its own wall clock. */
  readonly steady: boolean;
};

export const LEASE_RULES: LeaseRules = { takeLease, renewLease, giveBack, conflicts: true, steady: true };

export function leaseWorld(left: LeaseWorld['left']): LeaseWorld {
  const workers = [{ clockOff: 0 }, { clockOff: 5 }] as const;
  return { time: 0, created: 1, record: {}, version: 1, writtenAt: 0, workers, highest: 0, left };
}

export function brokenLease({ broken }: LeaseWorld): string | undefined {
  return broken;
}

export function leaseEventsOf(rules: LeaseRules): (world: LeaseWorld) => readonly Event<LeaseWorld>[] {
  return world => [
    ...[0, 1].flatMap(number => worked(rules, world, number)),
    ...(world.left.time > 0
      ? [{ name: 'time passes', world: { ...world, time: world.time + 1, left: less(world, 'time') } }]
      : []),
    ...(world.left.remake > 0 ? [{ name: 'the record is deleted and made anew', world: remade(world) }] : []),
  ];
}

function less({ left }: LeaseWorld, fault: keyof LeaseWorld['left']): LeaseWorld['left'] {
  return { ...left, [fault]: left[fault] - 1 };
}

/** The clock that it takes its generations from has gone on by more than the leases that there were. */
function remade(world: LeaseWorld): LeaseWorld {
  const created = world.created + 100;
  return { ...world, created, record: {}, version: world.version + 1, left: less(world, 'remake') };
}

const nameOf = (number: number): string => `worker ${number + 1}`;

function worked(rules: LeaseRules, world: LeaseWorld, number: number): readonly Event<LeaseWorld>[] {
  const name = nameOf(number);
  const worker = world.workers[number];
  if (worker === undefined) return [];
  const moved = (to: Worker): LeaseWorld => {
    const workers = world.workers.map((other, index) => (index === number ? to : other));
    return { ...world, workers: workers as unknown as LeaseWorld['workers'] };
  };
  const { seen, clockOff } = worker;
  const reads = { name: `${name} reads`, world: moved({ clockOff, seen: readBy(world, seen) }) };
  if (seen === undefined) return [reads];
  const crash = { name: `crash of ${name}`, world: { ...moved({ clockOff }), left: less(world, 'crash') } };
  return [reads, ...(world.left.crash > 0 ? [crash] : []), ...writes(rules, world, number, seen, clockOff, moved)];
}

function readBy({ record, version, time }: LeaseWorld, seen: Seen | undefined): Seen {
  const lease = JSON.stringify(record.lease ?? null);
  return { leased: record, version, lease, since: seen?.lease === lease ? seen.since : time };
}

function writes(
  rules: LeaseRules,
  world: LeaseWorld,
  number: number,
  seen: Seen,
  clockOff: number,
  moved: (to: Worker) => LeaseWorld,
): readonly Event<LeaseWorld>[] {
  const holder = nameOf(number);
  const now = new Date((world.time + clockOff) * STEP_MS);
  const { lease } = seen.leased;
  const lapsed = lease !== undefined && now.getTime() >= Date.parse(lease.until);
  const unchangedMs = rules.steady ? (world.time - seen.since) * STEP_MS : lapsed ? LEASE_MS : 0;
  const written = (name: string, next: Leased): Event<LeaseWorld> => {
    const conflict = rules.conflicts && seen.version !== world.version;
    if (conflict)
      return { name: `${holder} is refused: ${name}`, world: moved({ clockOff, seen: readBy(world, seen) }) };
    const version = world.version + 1;
    const after = { ...world, record: next, version, writtenAt: world.time };
    const highest = Math.max(world.highest, next.leaseGeneration ?? 0);
    const broken = brokenBy(world, seen, holder, next);
    const workers = moved({ clockOff, seen: readBy(after, seen) }).workers;
    return { name: `${holder} ${name}`, world: { ...after, workers, highest, ...(broken && { broken }) } };
  };
  if (!isHeldBy(seen.leased, holder)) {
    const taken = rules.takeLease(
      seen.leased,
      { holder, purpose: 'Configuration' },
      { now, unchangedMs, first: world.created },
    );
    if (taken === undefined || world.left.takings === 0) return [];
    const { name, world: after } = written('takes the lease', taken);
    return [{ name, world: { ...after, left: less(world, 'takings') } }];
  }
  const renewed = lease && rules.renewLease(lease, { now, unchangedMs });
  return [
    written('gives it back', rules.giveBack(seen.leased)),
    ...(renewed === undefined || renewed === lease ? [] : [written('renews it', { ...seen.leased, lease: renewed })]),
  ];
}

/**
 * The promises: each taking has a generation above all that there ever were; who renews in time is never overtaken; and nothing is written
 * by one who was.
 */
function brokenBy(world: LeaseWorld, seen: Seen, holder: string, next: Leased): string | undefined {
  const held = world.record.lease;
  const takes = next.lease !== undefined && next.lease.generation !== seen.leased.lease?.generation;
  if (takes && (next.leaseGeneration ?? 0) <= world.highest) return 'a generation was given twice';
  if (held !== undefined && held.holder !== holder) {
    if (!takes) return 'one who was overtaken has written';
    if ((world.time - world.writtenAt) * STEP_MS < LEASE_MS) return 'one who renews in time was overtaken';
  }
  return undefined;
}
