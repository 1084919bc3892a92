import { expect, it } from 'vitest';
import { bytes } from './quantity.ts';

it.each([
  ['20Gi', 20n * 2n ** 30n],
  ['1.5Gi', 3n * 2n ** 29n],
  ['1G', 10n ** 9n],
  ['512', 512n],
])('%s is %d bytes', (quantity, size) => expect(bytes(quantity)).toBe(size));

it.each(['', '1Xi', '-1', 'Gi'])('%j is no size', quantity => expect(() => bytes(quantity)).toThrow(RangeError));
