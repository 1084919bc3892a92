import { describe, expect, it } from 'vitest';
import { shardOf } from './shard.ts';

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
