import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alphabetOf, matches, readPattern } from './textpattern.ts';

function admits(pattern: string, text: string): boolean {
  const read = readPattern(pattern);
  if ('problem' in read) throw new Error(read.problem);
  return matches(read.pattern, text);
}

describe('AP-1: a pattern of a provider', () => {
  it.each([
    ['[a-z]+', 'abc', true],
    ['[a-z]+', 'abc\n', false],
    ['[a-z]+', 'xabc1', false],
    ['', '', true],
    ['', 'a', false],
    ['a|bc', 'bc', true],
    ['a|bc', 'abc', false],
    ['(?:de|en)_[A-Z]{2}(\\.UTF-8)?', 'de_DE.UTF-8', true],
    ['(?:de|en)_[A-Z]{2}(\\.UTF-8)?', 'de_DEX', false],
    ['\\d{1,3}(,\\d\\d\\d){2,}', '1,222,333', true],
    ['\\d{1,3}(,\\d\\d\\d){2,}', '1,222', false],
    ['\\d{1,3},\\d{3}', '1,22', false],
    ['[a-]', '-', true],
    ['[\\]-]', ']', true],
    ['(a|)*b', 'aab', true],
    ['[ä-ü]+', 'öü', true],
    ['[😀-😂]', '😁', true],
  ])('%s on %j: %s', (pattern, text, expected) => {
    expect(admits(pattern, text)).toBe(expected);
  });

  it.each([
    ['(a+)+', 'repeats a group in which something is repeated already'],
    ['((a|b?)c){2}', 'repeats a group in which something is repeated already'],
    ['a**', 'has two quantifiers in a row'],
    ['a+?', 'has two quantifiers in a row'],
    ['.*', 'says by a dot that anything may stand there: name the characters'],
    ['^a$', 'is matched from beginning to end in any case: leave out ^ and $'],
    ['[^a]', 'says what may not stand there: name the characters that may'],
    ['[]', 'has a class without a character'],
    ['[z-a]', 'has a range whose end comes before its beginning'],
    ['(a', 'does not close a group'],
    ['a)', 'closes a group that it has not opened'],
    ['(?=a)', 'has a group of a kind that is not known'],
    ['a{2', 'ends in the middle of something'],
    ['a{x}', 'has a brace that is no count, e.g. {3}, {1,8} or {2,}'],
    ['a{1,257}', 'has a count that is not between 0 and 256'],
    ['a{3,2}', 'has a count that is not between 0 and 256'],
    ['\\w', 'has \\w, which is not known'],
    ['*a', 'has a * that belongs to nothing'],
    ['a\nb', 'has a control character in it'],
    ['\\', 'ends in the middle of something'],
  ])('%j is refused: %s', (pattern, problem) => {
    expect(readPattern(pattern)).toEqual({ problem });
  });

  it('admits what the regular expression of the same letters admits', () => {
    const literal = fc.constantFrom('a', 'b', '\\.', '[ab]', '[b-c.]', '\\d');
    const quantified = fc
      .tuple(literal, fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,3}', '{2,}'))
      .map(parts => parts.join(''));
    const sequence = fc.array(quantified, { maxLength: 4 }).map(parts => parts.join(''));
    const pattern = fc.array(sequence, { minLength: 1, maxLength: 3 }).map(parts => parts.join('|'));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.', '1'), maxLength: 6 });
    fc.assert(
      fc.property(pattern, text, (words, value) => {
        expect(admits(words, value)).toBe(new RegExp(`^(?:${words})$`, 'u').test(value));
      }),
      { numRuns: 500 },
    );
  });

  it('throws at no text', () => {
    const unit = fc.constantFrom(...'ab()[]{}|*+?\\^$.-,12:', '\n', '😀');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 128 }), text => {
        expect(Object.keys(readPattern(text))).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });

  it('is matched in little time where RegExp would take ages', () => {
    expect(admits(`${'a*'.repeat(60)}b`, 'a'.repeat(256))).toBe(false);
  });

  it('tells of which characters its texts are', () => {
    const read = readPattern('x(a|[0-3])?');
    expect('pattern' in read && alphabetOf(read.pattern)).toEqual([
      [0x78, 0x78],
      [0x61, 0x61],
      [0x30, 0x33],
    ]);
  });
});
