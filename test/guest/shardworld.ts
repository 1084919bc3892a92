/**
 * One shard's Lease of Kubernetes, two workers, and a watch that may be late: what each knows is what it has seen. Time goes in steps of a third
 * of the Lease's duration; the decisions are the production code's (src/runtime/leader/leaseterms.ts).
 */
import { freeFrom, heldBy, isSameHold, type LeaseSpec, writableUntil } from '../../src/runtime/leader/leaseterms.ts';
import type { Event } from './explore.ts';

const DURATION_MS = 15_000;
const DEADLINE_MS = 10_000;
const STEP_MS = 5_000;

type Worker = {
  readonly seen?: { readonly spec: LeaseSpec; readonly version: number; readonly freeAt: number };
  /** A write that was sent and not answered yet: when, made from which version, and what became of it at the API server. */
  readonly sent?: {
    readonly at: number;
    readonly version: number;
    readonly spec: LeaseSpec;
    readonly became?: { readonly version: number } | 'refused';
  };
  readonly writableUntil: number;
};

export type ShardWorld = {
  readonly time: number;
  readonly spec: LeaseSpec;
  readonly version: number;
  readonly workers: readonly [Worker, Worker];
  readonly left: {
    readonly time: number;
    readonly writes: number;
    readonly crash: number;
    readonly release: number;
    readonly asks: number;
  };
};

export type ShardRules = {
  readonly freeFrom: typeof freeFrom;
  readonly writableUntil: typeof writableUntil;
  readonly isSameHold: typeof isSameHold;
  readonly conflicts: boolean;
  /** Whether the time to write is counted from when the renewal was sent, not from when its answer came. */
  readonly fromSending: boolean;
};

export const SHARD_RULES: ShardRules = { freeFrom, writableUntil, isSameHold, conflicts: true, fromSending: true };

const idle: Worker = { writableUntil: -1 };

export function shardWorld(left: ShardWorld['left']): ShardWorld {
  return { time: 0, spec: {}, version: 1, workers: [idle, idle], left };
}

const nameOf = (number: number): string => `worker ${number + 1}`;
const mayWrite = ({ time }: ShardWorld, worker: Worker, number: number): boolean =>
  time * STEP_MS < worker.writableUntil && worker.seen?.spec.holderIdentity === nameOf(number);

/** The promise: never do two workers believe at once that they may write. */
export function brokenShard(world: ShardWorld): string | undefined {
  return world.workers.every((worker, number) => mayWrite(world, worker, number))
    ? 'two workers may write to one shard'
    : undefined;
}

export function shardEventsOf(rules: ShardRules): (world: ShardWorld) => readonly Event<ShardWorld>[] {
  return world => [
    ...[0, 1].flatMap(number => worked(rules, world, number)),
    ...(world.left.time > 0
      ? [{ name: 'time passes', world: { ...world, time: world.time + 1, left: less(world, 'time') } }]
      : []),
  ];
}

function less({ left }: ShardWorld, fault: keyof ShardWorld['left']): ShardWorld['left'] {
  return { ...left, [fault]: left[fault] - 1 };
}

function worked(rules: ShardRules, world: ShardWorld, number: number): readonly Event<ShardWorld>[] {
  const name = nameOf(number);
  const worker = world.workers[number] ?? idle;
  const now = world.time * STEP_MS;
  const moved = (to: Worker, more: Partial<ShardWorld> = {}): ShardWorld => {
    const workers = world.workers.map((other, index) => (index === number ? to : other));
    return { ...world, ...more, workers: workers as unknown as ShardWorld['workers'] };
  };
  const { seen, sent } = worker;
  const events: Event<ShardWorld>[] = [];
  if (seen?.version !== world.version) {
    // What was only asked for was not renewed.
    const asked = seen !== undefined && rules.isSameHold(world.spec, seen.spec);
    const freeAt = asked ? seen.freeAt : rules.freeFrom(world.spec, name, now);
    events.push({
      name: `${name} sees the Lease`,
      world: moved({ ...worker, seen: { spec: world.spec, version: world.version, freeAt } }),
    });
  }
  if (sent !== undefined) return [...events, answered(rules, world, worker, sent, name, moved)];
  const mine = seen?.spec.holderIdentity === name;
  // Its own it only renews while it still may write; what it has lost it takes as anybody does.
  if (seen !== undefined && world.left.writes > 0 && (mine ? now < worker.writableUntil : now >= seen.freeAt)) {
    const spec = heldBy(name, seen.spec, { durationMs: DURATION_MS, time: String(world.time) });
    events.push({
      name: `${name} ${mine ? 'renews' : 'takes'} it`,
      world: moved({ ...worker, sent: { at: now, version: seen.version, spec } }, { left: less(world, 'writes') }),
    });
  }
  if (seen?.version === world.version && !mine && world.left.asks > 0) {
    const version = world.version + 1;
    events.push({ name: `${name} asks for it`, world: moved(worker, { version, left: less(world, 'asks') }) });
  }
  if (mayWrite(world, worker, number) && world.left.release > 0 && seen?.version === world.version) {
    const spec = { ...world.spec, holderIdentity: '', leaseDurationSeconds: 1 };
    const released = { spec, version: world.version + 1, left: less(world, 'release') };
    events.push({ name: `${name} gives it back`, world: moved({ ...worker, writableUntil: -1 }, released) });
  }
  if (world.left.crash > 0 && seen !== undefined)
    events.push({ name: `crash of ${name}`, world: moved(idle, { left: less(world, 'crash') }) });
  return events;
}

/** The request comes to the API server, and then its answer back, however late each of them is. */
function answered(
  rules: ShardRules,
  world: ShardWorld,
  worker: Worker,
  sent: NonNullable<Worker['sent']>,
  name: string,
  moved: (to: Worker, more?: Partial<ShardWorld>) => ShardWorld,
): Event<ShardWorld> {
  const { became, spec } = sent;
  if (became === undefined) {
    if (rules.conflicts && sent.version !== world.version)
      return { name: `${name} is refused`, world: moved({ ...worker, sent: { ...sent, became: 'refused' } }) };
    const version = world.version + 1;
    const accepted = moved({ ...worker, sent: { ...sent, became: { version } } }, { spec, version });
    return { name: `the write of ${name} arrives`, world: accepted };
  }
  const { sent: _, ...rest } = worker;
  if (became === 'refused') return { name: `${name} learns that it was refused`, world: moved(rest) };
  const now = world.time * STEP_MS;
  const until = rules.writableUntil(rules.fromSending ? sent.at : now, DEADLINE_MS);
  // The watch may have told of a newer one before the answer came.
  const newer = (worker.seen?.version ?? 0) > became.version;
  const seen = newer ? worker.seen : { spec, version: became.version, freeAt: rules.freeFrom(spec, name, now) };
  return { name: `${name} has it`, world: moved({ ...rest, ...(seen && { seen }), writableUntil: until }) };
}
