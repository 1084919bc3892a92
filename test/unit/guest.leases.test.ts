import { describe, expect, it } from 'vitest';
import { giveBack, takeLease } from '../../src/guest/run/vmlease.ts';
import { type Exploration, explore } from '../guest/explore.ts';
import { brokenLease, LEASE_RULES, type LeaseRules, leaseEventsOf, leaseWorld } from '../guest/leaseworld.ts';
import { brokenShard, SHARD_RULES, type ShardRules, shardEventsOf, shardWorld } from '../guest/shardworld.ts';

/** Enough for every mutant. */
const leases = (rules: Partial<LeaseRules> = {}, crash = 0): Exploration => {
  const left = { time: 3, takings: 2, crash, remake: 1 - crash };
  return explore(leaseWorld(left), leaseEventsOf({ ...LEASE_RULES, ...rules }), brokenLease);
};
const shards = (rules: Partial<ShardRules> = {}): Exploration => {
  const left = { time: 4, writes: 2, crash: 0, release: 0, asks: 1 };
  return explore(shardWorld(left), shardEventsOf({ ...SHARD_RULES, ...rules }), brokenShard);
};

describe('the lease of a VM, in every order of takings, renewals, crashes, pauses and deletions (GE-8)', () => {
  it('is never given twice under one generation, nor taken from one who renews in time, nor written by one who lost it', () => {
    for (const crash of [0, 1]) {
      const seen = leases({}, crash);
      console.log(`VM lease, ${crash} crashes: ${seen.states} states, ${seen.depth} steps deep`);
      expect(seen.broken).toBeUndefined();
      expect(seen.states).toBeGreaterThan(10_000);
    }
  });

  const impatient: typeof takeLease = (leased, taker, when) => takeLease(leased, taker, { ...when, unchangedMs: 1e9 });
  const forgetful: typeof giveBack = record => ({ ...giveBack(record), leaseGeneration: 0 });
  const fromOne: typeof takeLease = (leased, taker, when) => takeLease(leased, taker, { ...when, first: 1 });
  it.each<[string, Partial<LeaseRules>]>([
    ['a lease is taken before its time', { takeLease: impatient }],
    ['the generation goes when the lease is given back', { giveBack: forgetful }],
    ['a record that was made anew begins at one', { takeLease: fromOne }],
    ['a lease is written over a newer one', { conflicts: false }],
    ['the wall clock decides when a lease is over', { steady: false }],
  ])('a mutant is found: %s', (_, rules) => {
    expect(leases(rules).broken?.way.length).toBeGreaterThan(0);
  });
});

describe('the Lease of a shard, in every order of sights, renewals, late writes and late answers', () => {
  it('never lets two workers write at once', () => {
    const seen = shards();
    console.log(`shard Lease: ${seen.states} states, ${seen.depth} steps deep`);
    expect(seen.broken).toBeUndefined();
    expect(seen.states).toBeGreaterThan(10_000);
  });

  it.each<[string, Partial<ShardRules>]>([
    ['a Lease is taken for free as soon as it is seen', { freeFrom: (_spec, _identity, seenAt) => seenAt }],
    ['the time to write is counted from the answer', { fromSending: false }],
    ['a renewal holds for longer than others wait', { writableUntil: sentAt => sentAt + 30_000 }],
    ['a Lease is written over a newer one', { conflicts: false }],
    ['a renewal is taken for a question', { isSameHold: () => true }],
  ])('a mutant is found: %s', (_, rules) => {
    expect(shards(rules).broken?.way.length).toBeGreaterThan(0);
  });
});
