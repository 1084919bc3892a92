import { describe, expect, test } from 'vitest';
import type { GivenKeys, KeyPrints } from '../../api/managedvm.ts';
import { counting, keyNamespaces, moveOf } from './keymove.ts';

const prints = (provider: string, host = 'host'): KeyPrints => ({ provider, host });
const [first, second, third, other] = [prints('one'), prints('two'), prints('three'), prints('other')];
const given: GivenKeys = {
  ...{ provider: 'two', host: 'host', generation: 2 },
  next: { provider: 'three', generation: 3 },
  former: [{ provider: 'one', generation: 1 }],
};

describe('keys are moved to their namespace, and state is never remade (design 5)', () => {
  test.each<[string, number, KeyPrints | undefined, KeyPrints | undefined, GivenKeys | undefined, string | undefined]>([
    ['where they stay alone: nothing is to do', 2, second, undefined, given, undefined],
    ['of which nothing is stored: nothing is to do', 2, undefined, undefined, given, undefined],
    ['present ones in their former place are copied', 2, undefined, second, given, 'copy'],
    ['next ones are copied', 3, undefined, third, given, 'copy'],
    ['former ones, kept for disks from backups, are copied', 1, undefined, first, given, 'copy'],
    ['made, and not published yet: copied', 4, undefined, prints('four'), given, 'copy'],
    ['of a guest of which nothing is known yet: copied', 1, undefined, first, undefined, 'copy'],
    ['first ones where the status tells no generation', 1, undefined, first, prints('one'), 'copy'],
    ['that are not those of the status stay where they are', 2, undefined, other, given, 'stay'],
    ['of another guest stay where they are', 4, undefined, prints('four', 'stranger'), given, 'stay'],
    ['in both places: the former ones go', 2, second, second, given, 'remove'],
    ['different ones in the two places stay, both', 2, second, other, given, 'stay'],
    ['different host keys in the two places stay, both', 2, second, prints('two', 'x'), given, 'stay'],
    ['different ones, and nothing is known', 1, first, other, undefined, 'stay'],
  ])('%s', (_, generation, home, former, told, move) => {
    expect(moveOf({ generation, home, former }, told)).toBe(move);
  });

  test.each<[string, KeyPrints | undefined, KeyPrints | undefined, GivenKeys | undefined, KeyPrints | undefined]>([
    ['nothing is stored', undefined, undefined, given, undefined],
    ['not moved yet', undefined, second, given, second],
    ['moved', second, undefined, given, second],
    ['the copy is there, the former ones not gone yet', second, second, given, second],
    [
      'an older Steward has made others where it looks: those that the guest was given count',
      other,
      second,
      given,
      second,
    ],
    ['and so they do where they lie in their place', second, other, given, second],
    ['neither is what it was given', other, prints('x'), given, other],
    ['nothing was given yet', first, other, undefined, first],
  ])('which keys count: %s', (_, home, former, told, keys) => {
    expect(counting({ generation: 2, home, former }, told)).toBe(keys);
  });

  test('who reads by name asks the former place first, for a copy is made before that loses the key', () => {
    expect(keyNamespaces({ namespace: 'keys', migrateFrom: 'system' })).toEqual(['system', 'keys']);
    expect(keyNamespaces({ namespace: 'keys', migrateFrom: undefined })).toEqual(['keys']);
  });
});
