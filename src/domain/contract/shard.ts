import { hash } from 'node:crypto';

/** In which of `count` shards a name is, from 0. All who divide something, and who reads what they write, must count the same. */
export function shardOf(name: string, count: number): number {
  return hash('sha256', name, 'buffer').readUInt32BE(0) % count;
}
