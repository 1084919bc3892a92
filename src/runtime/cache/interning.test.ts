import fc from 'fast-check';
import { expect, test } from 'vitest';
import { internStrings } from './interning.ts';

test('whatever the value says, it says the same afterwards, through any number of forgotten strings', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 50 }), values => {
      const before = JSON.stringify(values);
      internStrings(values);
      expect(JSON.stringify(values)).toBe(before);
    }),
  );
  const many = Array.from({ length: 20_000 }, (_, index) => `word ${index}`);
  const copy = [...many];
  internStrings(copy);
  expect(copy).toEqual(many);
});

test('long texts and depths that nothing of Kubernetes has are left as they are', () => {
  let deep: unknown = ['x'.repeat(1_000_000)];
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  expect(() => internStrings(deep)).not.toThrow();
});
