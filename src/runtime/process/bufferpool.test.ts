import { afterEach, expect, test } from 'vitest';
import { useSmallBufferPools } from './bufferpool.ts';

const { poolSize } = Buffer;
afterEach(() => {
  Buffer.poolSize = poolSize;
});

test('a hundred small Buffers that are kept, among many that are not, hold back less than a megabyte', () => {
  useSmallBufferPools();
  // What is left of the pool before.
  for (let used = 0; used <= poolSize; used += 1024) Buffer.allocUnsafe(1024);
  const pools = new Set<ArrayBufferLike>();
  for (let kept = 0; kept < 100; kept += 1) {
    pools.add(Buffer.from('a session').buffer);
    for (let used = 0; used <= poolSize; used += 1024) Buffer.allocUnsafe(1024);
  }
  const held = [...pools].reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(held).toBeLessThan(1e6);
});
