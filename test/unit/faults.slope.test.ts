import { describe, expect, test } from 'vitest';
import { flatness, median } from '../faults/soak/slope.ts';

const waves = (count: number, of: (wave: number) => number) => Array.from({ length: count }, (_, wave) => of(wave));
const tolerance = { absolute: 20, share: 0 };

describe('the slope of a soak', () => {
  test('what goes up and down around one value is flat, whatever a single sample says', () => {
    const samples = waves(40, wave => 1_000 + (wave % 2) * 15);
    expect(flatness(samples, tolerance).flat).toBe(true);
    expect(flatness(samples.with(39, 9_000).with(0, 5), tolerance).flat).toBe(true);
  });

  test('one entry that stays per life is a slope, even in the short form', () => {
    expect(
      flatness(
        waves(5, wave => 4_000 + wave * 16),
        tolerance,
      ),
    ).toEqual({ first: 4_008, last: 4_056, flat: false });
  });

  test('what becomes less is flat', () => {
    expect(flatness([100, 90, 50, 10], { absolute: 0, share: 0 }).flat).toBe(true);
  });

  test('the greater of the two tolerances counts', () => {
    expect(flatness([100, 100, 109, 109], { absolute: 1, share: 0.1 }).flat).toBe(true);
    expect(flatness([100, 100, 111, 111], { absolute: 1, share: 0.1 }).flat).toBe(false);
  });

  test('the median of an even number lies between the two in the middle', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([3, 1, 2])).toBe(2);
  });
});
