/** A Lease by which a guest worker holds a shard of namespaces. */
export type ShardLease = {
  readonly name: string;
  /** Changes with every renewal. It is compared with itself alone: the clock of its writer is not ours. */
  readonly renewal: string;
  /** How long it is held after a renewal, in milliseconds; 0: nobody holds it. */
  readonly heldMs: number;
};

/** How the shard stands whose worker has said something. `undecided`: not seen for long enough to tell. */
export type ShardStanding = 'held' | 'lost' | 'undecided';

type Shard = {
  readonly renewal: string;
  /** When it is over, in milliseconds of our own clock, unless it is renewed. */
  readonly lapsesAt: number;
  /** Whether a renewal has been seen: one that was there from the start may be anybody's, from long ago. */
  readonly renewed: boolean;
};

/** What is known of the shards. Times are milliseconds of this process's own clock. */
export type Shards = {
  readonly firstSeen: number;
  readonly seen: number;
  readonly byName: ReadonlyMap<string, Shard>;
};

/** No worker may claim to hold a shard for longer without a renewal. */
const LONGEST_HOLD_MS = 60_000;

/** What is known after the Leases were listed. */
export function seenShards(before: Shards | undefined, leases: readonly ShardLease[], now: number): Shards {
  const known = before?.byName ?? new Map<string, Shard>();
  const listed = leases.map(
    lease => [lease.name, shardOf(lease, known.get(lease.name), before !== undefined, now)] as const,
  );
  const names = new Set(leases.map(({ name }) => name));
  const gone = [...known].filter(([name]) => !names.has(name));
  const ended = gone.map(([name, shard]) => [name, { ...shard, lapsesAt: Math.min(shard.lapsesAt, now) }] as const);
  return { firstSeen: before?.firstSeen ?? now, seen: now, byName: new Map([...ended, ...listed]) };
}

function shardOf({ renewal, heldMs }: ShardLease, before: Shard | undefined, watched: boolean, now: number): Shard {
  if (before?.renewal === renewal) return before;
  return { renewal, lapsesAt: now + Math.min(heldMs, LONGEST_HOLD_MS), renewed: watched && heldMs > 0 };
}

/**
 * Lost: the Lease is over, or not there, for `graceMs`, in which another worker would have taken it. A record that names none has just been
 * made: it is anybody's who lives.
 */
export function standingOf(shards: Shards | undefined, name: string | undefined, graceMs: number): ShardStanding {
  if (shards === undefined) return 'undecided';
  const judge = (shard: Shard | undefined): ShardStanding => {
    if (shards.seen - (shard?.lapsesAt ?? shards.firstSeen) >= graceMs) return 'lost';
    return shard?.renewed ? 'held' : 'undecided';
  };
  if (name !== undefined) return judge(shards.byName.get(name));
  const all = new Set([...shards.byName.values(), undefined].map(judge));
  return (['held', 'undecided'] as const).find(standing => all.has(standing)) ?? 'lost';
}
