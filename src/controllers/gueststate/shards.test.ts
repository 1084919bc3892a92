import { describe, expect, it } from 'vitest';
import { patience, shardOf } from './shards.ts';

describe('shards of namespaces', () => {
  it('are the same for every worker, for good', () => {
    expect(['acme', 'globex', 'default'].map(namespace => shardOf(namespace, 8))).toEqual([5, 5, 1]);
  });

  it('share a thousand namespaces about evenly', () => {
    const counts = new Map<number, number>();
    for (let index = 0; index < 1000; index += 1) {
      const shard = shardOf(`tenant-${index}`, 8);
      counts.set(shard, (counts.get(shard) ?? 0) + 1);
    }
    expect(counts.size).toBe(8);
    expect(Math.max(...counts.values())).toBeLessThan(170);
  });
});

describe('a free shard', () => {
  const order = [2, 3, 0, 1];
  it('is left to others for as many retry periods as the worker holds shards, and one after the other', () => {
    expect(order.map(shard => patience(shard, new Set(), order))).toEqual([0, 1, 2, 3]);
    expect([0, 1].map(shard => patience(shard, new Set([2, 3]), order))).toEqual([2, 3]);
  });

  it('comes to him who holds none, before one who holds some', () => {
    expect(patience(1, new Set(), [1, 2, 3, 0])).toBeLessThan(patience(1, new Set([0]), order));
  });
});
