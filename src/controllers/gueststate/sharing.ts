/** Who takes a shard, who gives one back, and who asks for one: so that workers come to share them evenly without one that decides. */

/** A period in which a worker tries again to take what is free, in milliseconds. */
export const RETRY_MS = 2_000;
/** An uneven share is put right one shard at a time, and not before what was done last has shown its effect. */
const SETTLED_MS = 30_000;

/**
 * How many retry periods a worker leaves a free shard to others: as many as it holds shards, and then one after the other, so that two that
 * start at once share, and one alone has all of them soon. `free`: those that nobody holds, in the order in which it wants them.
 */
export function patience(shard: number, held: number, free: readonly number[]): number {
  return held + Math.max(0, free.indexOf(shard));
}

/** What a worker knows of how the shards are shared out. */
export type Sharing = {
  /** How many it holds. */
  readonly held: number;
  /** How many each other worker holds of those that hold any. */
  readonly others: readonly number[];
  /** Milliseconds since it took one, lost one or gave one back. */
  readonly settledMs: number;
};

/** Whether a worker gives a shard back unasked: where another holds two less, who then takes it first. */
export function isUneven({ held, others, settledMs }: Sharing): boolean {
  return settledMs >= SETTLED_MS && others.some(other => other < held - 1);
}

/** Who holds none is seen by nobody: he asks one who can spare a shard, the one with the most. Which of the others that is; undefined: none. */
export function askedOf({ held, others, settledMs }: Sharing): number | undefined {
  const most = Math.max(...others);
  return held > 0 || settledMs < SETTLED_MS || most < 2 ? undefined : others.indexOf(most);
}
