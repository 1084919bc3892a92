import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonicaljson.ts';
import { LONGEST_LINE, seal } from './entry.ts';
import { applied, bounded, difference, factOf } from './facts.ts';
import { change, madeStream } from './stream.fixtures.ts';

const anyFacts = fc
  .dictionary(fc.stringMatching(/^[a-z.]{1,40}$/), fc.jsonValue({ maxDepth: 9 }), { maxKeys: 30 })
  .map(facts => Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, factOf(value)])));

describe('what is recorded of an object (GE-8)', () => {
  it('holds what differs, each side its own, and both sides give the whole again', () => {
    fc.assert(
      fc.property(anyFacts, anyFacts, (before, after) => {
        const change = difference(before, after);
        expect(canonicalJson(applied(before, change ?? {}))).toBe(canonicalJson(after));
        expect(change === undefined).toBe(canonicalJson(before) === canonicalJson(after));
      }),
    );
  });

  it('does not depend on the order in which an object has its fields', () => {
    expect(difference({ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } })).toBeUndefined();
  });

  it('takes any value into canonical JSON, and keeps it where that is possible', () => {
    fc.assert(fc.property(fc.jsonValue(), value => void canonicalJson(factOf(value))));
    expect(factOf({ a: 0.5, b: undefined, c: 'half \ud83d', d: -0 })).toEqual({ a: '0.5', c: 'half \ufffd', d: '0' });
  });

  it('is bounded, before and after together, whatever somebody orders, and notices each change all the same', () => {
    const { head, keys } = madeStream(2);
    const huge = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`spec.field${index}`, '"\n'.repeat(120)]),
    );
    const long = { ...huge, 'spec.access': 'a'.repeat(100_000) };
    const other = { ...huge, 'spec.access': `${'a'.repeat(99_999)}b` };
    expect(difference(bounded(long), bounded(other))).toBeDefined();
    fc.assert(
      fc.property(fc.oneof(anyFacts, fc.constantFrom(huge, long)), facts => {
        const { line } = seal(head, { ...change(1), before: bounded(facts), after: bounded(facts) }, keys[1]);
        expect(line.length).toBeLessThan(LONGEST_LINE);
      }),
    );
  });
});
