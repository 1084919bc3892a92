import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { givenFor, patience } from './sharing.ts';

const [LONG, SETTLED] = [600_000, 30_000];

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

describe('a shard is given back', () => {
  it.each([
    ['one that is alone has had all for long: somebody may wait who holds none', 8, [], LONG, 2],
    ['one that is alone has not had all for long', 8, [], LONG - 1, undefined],
    ['another holds two less', 4, [2], SETTLED, 4],
    ['another holds far less', 7, [1], SETTLED, 7],
    ['one of several holds less', 5, [5, 1, 4], SETTLED, 5],
    ['another holds less, but something has just changed', 4, [2], SETTLED - 1, undefined],
    ['another holds one less: that is even', 4, [3], LONG - 1, undefined],
    ['all hold the same, for long: somebody may wait who holds none', 4, [4], LONG, 2],
    ['it has two, and another one, for long: it comes back before that one takes it', 2, [1], LONG, 0.5],
    ['others hold more', 2, [6], LONG - 1, undefined],
    ['it is the only one, however long', 1, [], LONG, undefined],
    ['it is the only one, and others hold more', 1, [7], LONG, undefined],
    ['it holds none', 0, [8], LONG, undefined],
  ])('or kept, where %s', (_, held, others, settledMs, expected) => {
    expect(givenFor({ held, others, settledMs })).toBe(expected);
  });
});

describe('any number of workers, however the shards begin', () => {
  /** One after another decides after the time that it takes; what is given goes to the one who waits least, back to the giver after his time. */
  function round(counts: number[], settledMs: number): number {
    let moved = 0;
    for (const [giver, held] of counts.entries()) {
      const others = counts.filter((count, index) => index !== giver && count > 0);
      const periods = givenFor({ held, others, settledMs });
      if (periods === undefined) continue;
      const waits = counts.map((count, index) => (index === giver ? periods : patience(0, count, [0])));
      const taker = waits.indexOf(Math.min(...waits));
      counts[giver] = (counts[giver] ?? 0) - 1;
      counts[taker] = (counts[taker] ?? 0) + 1;
      if (taker !== giver) moved += 1;
    }
    return moved;
  }
  const spread = (counts: readonly number[]) => Math.max(...counts) - Math.min(...counts);
  const workers = fc.array(fc.integer({ min: 0, max: 16 }), { minLength: 1, maxLength: 8 });

  it('come to an even share, those that held none at the beginning too, and then nothing moves any more', () => {
    fc.assert(
      fc.property(workers, beginning => {
        const counts = [...beginning];
        const shards = counts.reduce((sum, count) => sum + count, 0);
        for (let rounds = 0; rounds < shards + 8; rounds += 1) round(counts, LONG);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(shards);
        expect(spread(counts)).toBeLessThanOrEqual(1);
        expect(round(counts, LONG)).toBe(0);
      }),
    );
  });

  it('that share evenly give nothing back but their offers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 64 }), (count, shards) => {
        const counts = Array.from({ length: count }, (_, index) => Math.floor((shards + index) / count));
        for (const [index, held] of counts.entries()) {
          const others = counts.filter((_, other) => other !== index);
          expect(givenFor({ held, others, settledMs: LONG - 1 })).toBeUndefined();
        }
      }),
    );
  });
});
