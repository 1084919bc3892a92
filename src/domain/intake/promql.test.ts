import { describe, expect, it } from 'vitest';
import { isSameExpression } from './promql.ts';

describe('an expression that Prometheus has written back', () => {
  it.each([
    ['max by (a,b)(x{c="d"})', 'max by (a, b) (x{c="d"})'],
    ['x > 2097152', 'x > 2.097152e+06'],
    ['x[168h]', 'x[1w]'],
    ['x{b="1",a=~"2|3"} > y{d="4",c!=""}', 'x{a=~"2|3",b="1"} > y{c!="",d="4"}'],
    ['x{}', 'x{}'],
    ['a\nunless on (b) c', 'a unless on (b) c'],
    ['x * .5', 'x * 0.5'],
    ['sum(x) > 0.0050', 'sum(x) > 0.005'],
  ])('is the same: %s', (one, other) => {
    expect(isSameExpression(one, other)).toBe(true);
  });

  it.each([
    ['another value', 'x{a="b"}', 'x{a="c"}'],
    ['white space within a text', 'x{a="b c"}', 'x{a="bc"}'],
    ['a matcher of another selector', 'x{a="1",b="2"} + y{c="3"}', 'x{a="1",c="3"} + y{b="2"}'],
    ['a matcher more', 'x{a="1"}', 'x{a="1",b="2"}'],
    ['a brace that nothing opens', 'x}', '}x'],
    ['another number', 'x > 90', 'x > 91'],
    ['another duration', 'x[5m]', 'x[5s]'],
    ['more of it', 'x', 'x or vector(1)'],
    ['another operator', 'x >= 1', 'x > 1'],
    ['words that are one word', 'a b', 'ab'],
    ['a comment', 'x', 'x # y'],
    ['no expression', 'x', '§'],
    ['one that is not closed', 'x{a="b', 'x{a="b'],
    ['one longer than any of ours', 'x'.repeat(20_001), 'x'.repeat(20_001)],
  ])('is another with %s', (_, one, other) => {
    expect(isSameExpression(one, other)).toBe(false);
  });
});
