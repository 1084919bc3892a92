import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { amountOf, binaryQuantity, canonicalQuantity, ONE } from './quantity.ts';

const bytesOf = (quantity: string) => (amountOf(quantity) ?? -ONE) / ONE;

describe('quantities', () => {
  test.each([
    ['20Gi', '20Gi', 21474836480n],
    ['2048Mi', '2Gi', 2147483648n],
    ['1025Mi', '1025Mi', 1074790400n],
    ['1024Ki', '1Mi', 1048576n],
    ['1000M', '1G', 1000000000n],
    ['1500', '1500', 1500n],
    ['2000', '2k', 2000n],
    ['4294967296', '4294967296', 4294967296n],
  ])('%s is stored as %s', (given, stored, bytes) => {
    expect(canonicalQuantity(given)).toBe(stored);
    expect(bytesOf(given)).toBe(bytes);
  });

  test('canonical form keeps the value and changes nothing the second time', () => {
    const quantity = fc
      .tuple(fc.bigInt({ min: 1n, max: 100_000n }), fc.constantFrom('', 'Ki', 'Mi', 'Gi', 'Ti', 'k', 'M', 'G', 'T'))
      .map(([number, suffix]) => `${number}${suffix}`);
    fc.assert(
      fc.property(quantity, text => {
        const stored = canonicalQuantity(text);
        expect(bytesOf(stored)).toBe(bytesOf(text));
        expect(canonicalQuantity(stored)).toBe(stored);
      }),
    );
  });

  test('bytes are rounded up to whole MiB, never down', () => {
    expect([binaryQuantity(1n), binaryQuantity(1048577n), binaryQuantity(1073741824n)]).toEqual(['1Mi', '2Mi', '1Gi']);
  });

  test.each(['1.5Gi', '1e3', '-1', 'Gi', '5Xi'])('%j is refused', text => {
    expect(() => canonicalQuantity(text)).toThrow(RangeError);
  });
});
