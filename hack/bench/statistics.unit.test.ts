import { describe, expect, it } from 'vitest';
import { spreadOf } from './statistics.ts';

describe('median and spread', () => {
  it.each([
    ['an odd number of runs has its middle one', [3, 1, 2], { median: 2, least: 1, most: 3 }],
    ['an even number has the mean of its two middle ones', [4, 1, 2, 3], { median: 2.5, least: 1, most: 4 }],
    ['numbers are ordered as numbers', [10, 9, 100], { median: 10, least: 9, most: 100 }],
  ])('%s', (_, numbers, spread) => expect(spreadOf(numbers)).toEqual(spread));

  it('says that nothing has no median', () => expect(() => spreadOf([])).toThrow('no numbers'));
});
