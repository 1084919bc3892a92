import { expect, test } from 'vitest';
import { IdleGarbageCollector } from './garbagecollector.ts';

/** CPU time at which it was collected, where each collection takes so much of it. */
function collectionsAt(tookMs: number, ...cpuMs: readonly number[]): number[] {
  const collected: number[] = [];
  let now = 0;
  const collector = new IdleGarbageCollector(() => {
    collected.push(now);
    return tookMs;
  });
  for (now of cpuMs) collector.check(now);
  return collected;
}

test('what a start took is given back at the first rest, however little work it was', () => {
  expect(collectionsAt(10, 1_000, 1_100, 1_200, 1_300)).toEqual([1_100]);
});

test('memory is given back once when rest comes after work, and again only after more work', () => {
  expect(collectionsAt(10, 1_000, 3_000, 5_000, 5_100, 5_200, 5_300)).toEqual([5_100]);
  expect(collectionsAt(10, 3_000, 3_100, 3_200, 6_000, 6_100)).toEqual([3_100, 6_100]);
});

test('neither work without rest nor rest without more work collects', () => {
  expect(collectionsAt(10, 1_000, 2_000, 3_000, 4_000, 5_000)).toEqual([]);
  expect(collectionsAt(10, 100, 200, 300, 400, 500)).toEqual([100]);
});

test('a process that works a little all the time spends at most a twentieth of that on collections', () => {
  const always = Array.from({ length: 400 }, (_, index) => 100 * (index + 1));
  expect(collectionsAt(500, ...always)).toEqual([100, 10_600, 21_100, 31_600]);
});
