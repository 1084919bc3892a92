import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteQuantity, bytesOf } from './bytequantity.ts';

describe('bytesOf', () => {
  test.each([
    ['1', 1n],
    ['64Mi', 67_108_864n],
    ['1Gi', 1_073_741_824n],
    ['20G', 20_000_000_000n],
    ['999999999999999Pi', 999_999_999_999_999n * 1024n ** 5n],
  ])('%s is %i bytes', (text, bytes) => {
    expect(bytesOf(text)).toBe(bytes);
  });

  test.each(['', '0', '1.5Gi', '-1Gi', '1e3', '1 Gi', 'Gi', '1GiB', '1Ei'])('"%s" is none', text => {
    expect(() => bytesOf(text)).toThrow(RangeError);
  });

  test('knows every quantity that the schema accepts', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[1-9][0-9]{0,14}(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$/), text => {
        expect(ByteQuantity.parse(text)).toBe(text);
        expect(bytesOf(text)).toBeGreaterThan(0n);
      }),
    );
  });
});
