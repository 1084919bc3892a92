/** Who takes a shard, and who gives one back: so that workers come to share them evenly without one that decides. */

/** A period in which a worker tries again to take what is free, in milliseconds. */
export const RETRY_MS = 2_000;
/** An uneven share is put right one shard at a time, and not before what was done last has shown its effect. */
const UNEVEN_MS = 30_000;
/** Who holds no shard is seen by nobody, so each worker offers one of its own from time to time. */
const OFFER_MS = 600_000;
/** For so many periods, at most: nobody works on it meanwhile. */
const OFFER_PERIODS = 2;

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

/**
 * Whether a worker gives a shard back now: for how many retry periods it leaves it to others; undefined: it keeps all. Where another holds two
 * less, he takes it first; where nobody does it comes back before any of those takes it, unless somebody is there who holds none and takes it
 * at once.
 */
export function givenFor({ held, others, settledMs }: Sharing): number | undefined {
  if (held < 2) return undefined;
  const isUneven = others.some(other => other < held - 1);
  if (isUneven) return settledMs < UNEVEN_MS ? undefined : held;
  return settledMs < OFFER_MS ? undefined : Math.min(OFFER_PERIODS, held - 1.5);
}
