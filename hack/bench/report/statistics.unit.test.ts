import { describe, expect, it } from 'vitest';
import { percentile, spreadOf } from './statistics.ts';

describe('median and spread', () => {
  it.each([
    ['an odd number of runs has its middle one', [3, 1, 2], { median: 2, least: 1, most: 3 }],
    ['an even number has the mean of its two middle ones', [4, 1, 2, 3], { median: 2.5, least: 1, most: 4 }],
    ['numbers are ordered as numbers', [10, 9, 100], { median: 10, least: 9, most: 100 }],
  ])('%s', (_, numbers, spread) => expect(spreadOf(numbers)).toEqual(spread));

  it('says that nothing has no median', () => expect(() => spreadOf([])).toThrow('no numbers'));
});

describe('a percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  it.each([
    [0.99, 99],
    [0.5, 50],
    [1, 100],
    [0, 1],
  ])('%d of 1 to 100 do not exceed %d', (share, expected) => expect(percentile(hundred, share)).toBe(expected));

  it('of few numbers is one of them', () => expect(percentile([7, 5], 0.99)).toBe(7));
  it('of none is none', () => expect(() => percentile([], 0.99)).toThrow('no numbers'));
});
