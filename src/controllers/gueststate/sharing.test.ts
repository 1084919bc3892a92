import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askedOf, isUneven, patience } from './sharing.ts';

const SETTLED = 30_000;

describe('a free shard', () => {
  const order = [2, 3, 0, 1];

  it('is left to others for as many retry periods as the worker holds shards, and one after the other', () => {
    expect(order.map(shard => patience(shard, 0, order))).toEqual([0, 1, 2, 3]);
    expect([0, 1].map(shard => patience(shard, 2, [0, 1]))).toEqual([2, 3]);
  });

  it('comes to him who holds none, before one who holds some', () => {
    expect(patience(1, 0, [1])).toBeLessThan(patience(1, 1, [1]));
  });
});

describe('a shard is given back unasked', () => {
  it.each([
    ['another holds two less', 4, [2], SETTLED, true],
    ['another holds far less', 7, [1], SETTLED, true],
    ['one of several holds less', 5, [5, 1, 4], SETTLED, true],
    ['another holds less, but something has just changed', 4, [2], SETTLED - 1, false],
    ['another holds one less: that is even', 4, [3], SETTLED, false],
    ['one that is alone has all', 8, [], SETTLED, false],
    ['others hold more', 2, [6], SETTLED, false],
    ['it holds none', 0, [8], SETTLED, false],
  ])('or kept, where %s', (_, held, others, settledMs, expected) => {
    expect(isUneven({ held, others, settledMs })).toBe(expected);
  });
});

describe('a shard is asked for', () => {
  it.each([
    ['by one that has none, of the one with the most', 0, [2, 5, 3], SETTLED, 1],
    ['by nobody who has one', 1, [7], SETTLED, undefined],
    ['by nobody where none has one to spare', 0, [1, 1], SETTLED, undefined],
    ['by nobody where nobody holds any: they are free', 0, [], SETTLED, undefined],
    ['by nobody who has just come, or asked', 0, [8], SETTLED - 1, undefined],
  ])('%s', (_, held, others, settledMs, expected) => {
    expect(askedOf({ held, others, settledMs })).toBe(expected);
  });
});

describe('any number of workers, however the shards begin', () => {
  /** One after another decides; what is given goes to the one who waits least. */
  function round(counts: number[]): number {
    let moved = 0;
    for (const [number, held] of counts.entries()) {
      const others = counts.filter((count, index) => index !== number && count > 0);
      const sharing = { held, others, settledMs: SETTLED };
      const asked = askedOf(sharing);
      const giver =
        asked === undefined ? number : counts.findIndex((each, at) => at !== number && each === others[asked]);
      if (asked === undefined && !isUneven(sharing)) continue;
      counts[giver] = (counts[giver] ?? 0) - 1;
      const waits = counts.map(count => patience(0, count, [0]));
      const taker = waits.indexOf(Math.min(...waits));
      counts[taker] = (counts[taker] ?? 0) + 1;
      moved += 1;
    }
    return moved;
  }
  const spread = (counts: readonly number[]) => Math.max(...counts) - Math.min(...counts);

  it('come to an even share, those that held none at the beginning too, and then nothing moves any more', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 16 }), { minLength: 1, maxLength: 8 }), beginning => {
        const counts = [...beginning];
        const shards = counts.reduce((sum, count) => sum + count, 0);
        for (let rounds = 0; rounds < shards + 8; rounds += 1) round(counts);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(shards);
        expect(spread(counts)).toBeLessThanOrEqual(1);
        expect(round(counts)).toBe(0);
      }),
    );
  });
});
