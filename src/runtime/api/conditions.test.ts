import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Condition, type ConditionInput, mergeConditions } from './conditions.ts';

const [before, later] = [new Date('2026-01-01T00:00:00.750Z'), new Date('2026-01-02T00:00:00.250Z')];
const ready: ConditionInput = { type: 'Ready', status: 'True', reason: 'Fine', message: 'All is well.' };

describe('conditions', () => {
  test('lastTransitionTime has whole seconds and moves only with the status', () => {
    const first = mergeConditions(undefined, [ready], before, 1);
    expect(first).toEqual([{ ...ready, lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 1 }]);
    const reworded = mergeConditions(first, [{ ...ready, reason: 'Better', message: 'Better.' }], later, 2);
    expect(reworded[0]).toMatchObject({
      reason: 'Better',
      lastTransitionTime: '2026-01-01T00:00:00Z',
      observedGeneration: 2,
    });
    const broken = mergeConditions(reworded, [{ ...ready, status: 'False' }], later, 2);
    expect(broken[0]?.lastTransitionTime).toBe('2026-01-02T00:00:00Z');
  });

  test('types are sorted, and one that is no longer said vanishes', () => {
    const first = mergeConditions([], [ready, { ...ready, type: 'Available' }], before);
    expect(first.map(({ type }) => type)).toEqual(['Available', 'Ready']);
    expect(mergeConditions(first, [ready], later).map(({ type }) => type)).toEqual(['Ready']);
  });

  test('merging the same again changes nothing, whenever and in whatever order', () => {
    const status = fc.constantFrom<Condition['status']>('True', 'False', 'Unknown');
    const input = fc.record({ type: fc.string(), status, reason: fc.string(), message: fc.string() });
    const inputs = fc.uniqueArray(input, { selector: ({ type }) => type });
    fc.assert(
      fc.property(inputs, fc.nat(), (next, generation) => {
        const once = mergeConditions(undefined, next, before, generation);
        expect(mergeConditions(once, next.toReversed(), later, generation)).toEqual(once);
      }),
    );
  });
});
