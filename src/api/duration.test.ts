import { expect, test } from 'vitest';
import { Duration, secondsOf } from './duration.ts';

test.each([
  ['26h', 93_600],
  ['1h30m', 5400],
  ['90s', 90],
  ['1h0m1s', 3601],
  ['0h', 0],
])('%s is %i seconds', (text, seconds) => {
  expect(secondsOf(text)).toBe(seconds);
});

test.each(['', 'h', '1', '1d', '1.5h', '1m1h', '-1h'])('"%s" is no duration', text => {
  expect(() => secondsOf(text)).toThrow(RangeError);
  expect(Duration.safeParse(text).success).toBe(false);
});

test('nothing is promised for no time at all', () => {
  expect(Duration.safeParse('0h0m').error?.issues[0]?.message).toContain('longer than zero');
});
