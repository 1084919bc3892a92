import { expect, test } from 'vitest';
import { IdleGarbageCollector } from './garbagecollector.ts';

function collectionsAt(...cpuMs: readonly number[]): number[] {
  const collected: number[] = [];
  let now = 0;
  const collector = new IdleGarbageCollector(() => collected.push(now));
  for (now of cpuMs) collector.check(now);
  return collected;
}

test('what a start took is given back at the first rest, however little work it was', () => {
  expect(collectionsAt(1_000, 1_100, 1_200, 1_300)).toEqual([1_100]);
});

test('memory is given back once when rest comes after work, and again only after more work', () => {
  expect(collectionsAt(1_000, 3_000, 5_000, 5_100, 5_200, 5_300)).toEqual([5_100]);
  expect(collectionsAt(3_000, 3_100, 3_200, 6_000, 6_100)).toEqual([3_100, 6_100]);
});

test('neither work without rest nor rest without more work collects', () => {
  expect(collectionsAt(1_000, 2_000, 3_000, 4_000, 5_000)).toEqual([]);
  expect(collectionsAt(100, 200, 300, 400, 500)).toEqual([100]);
});
