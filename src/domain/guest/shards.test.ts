import { describe, expect, it } from 'vitest';
import { type ShardLease, type Shards, seenShards, standingOf } from './shards.ts';

const GRACE = 60_000;
const NAME = 'steward-guest-0';
const lease = (renewal: string, heldMs = 15_000, name = NAME): ShardLease => ({ name, renewal, heldMs });

/** What is thought of the shard after each list; one every 30 s. */
function course(...lists: readonly (readonly ShardLease[])[]) {
  let shards: Shards | undefined;
  return lists.map((leases, index) => {
    shards = seenShards(shards, leases, index * 30_000);
    return standingOf(shards, NAME, GRACE);
  });
}

describe("a guest worker's shard", () => {
  it('is held while its Lease is renewed', () => {
    expect(course([lease('1')], [lease('2')], [lease('3')])).toEqual(['undecided', 'held', 'held']);
  });

  it('is lost when the Lease has lapsed for two intervals, and held again with the next renewal', () => {
    const still = [lease('2')];
    expect(course([lease('1')], still, still, still, still, [lease('3')])).toEqual([
      'undecided',
      'held',
      'held',
      'held',
      'lost',
      'held',
    ]);
  });

  it('of which a new leader sees only a Lease that was there before is neither until it has seen enough', () => {
    const old = [lease('1')];
    expect(course(old, old, old, old)).toEqual(['undecided', 'undecided', 'undecided', 'lost']);
  });

  it('is lost two intervals after its Lease was given up or deleted', () => {
    expect(course([lease('1')], [lease('2')], [lease('3', 0)], [lease('3', 0)], [lease('3', 0)])).toEqual([
      ...['undecided', 'held', 'undecided', 'undecided', 'lost'],
    ]);
    expect(course([lease('1')], [lease('2')], [], [], [])).toEqual(['undecided', 'held', 'held', 'held', 'lost']);
    expect(course([], [], [])).toEqual(['undecided', 'undecided', 'lost']);
  });

  it('is held as soon as a worker takes it that nobody held', () => {
    expect(course([], [lease('1')])).toEqual(['undecided', 'held']);
  });

  it('cannot be claimed for days by one renewal', () => {
    const forever = [lease('2', 1e12)];
    expect(course([lease('1', 1e12)], forever, forever, forever, forever, forever).at(-1)).toBe('lost');
  });

  it('that a record does not name, because it was just made, is lost when all are', () => {
    const unnamed = (...lists: readonly (readonly ShardLease[])[]) => {
      let shards: Shards | undefined;
      for (const [index, leases] of lists.entries()) shards = seenShards(shards, leases, index * 30_000);
      return standingOf(shards, undefined, GRACE);
    };
    const dead = lease('1', 15_000, 'steward-guest-1');
    expect(unnamed()).toBe('undecided');
    expect(unnamed([dead, lease('1')], [dead], [dead], [dead, lease('2')])).toBe('held');
    expect(unnamed([dead], [dead], [dead], [dead])).toBe('lost');
  });
});
