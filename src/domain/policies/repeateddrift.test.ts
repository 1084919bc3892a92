import { describe, expect, test } from 'vitest';
import { driftNews, withRepeatedDrift } from './repeateddrift.ts';

const kept = { status: 'True', reason: 'AsPlanned', message: '2 steps of 2 found as planned in the guest.' } as const;
const [first, second] = ['2026-12-01T10:00:00Z', '2026-12-02T10:00:00Z'];

describe('what is put back again and again (GE-10)', () => {
  test('is said where it happened twice, and the promise is kept', () => {
    expect(withRepeatedDrift(kept, [{ step: 'settings', at: [first] }])).toBe(kept);
    expect(withRepeatedDrift(kept, undefined)).toBe(kept);
    const said = withRepeatedDrift(kept, [
      { step: 'settings', at: [first, second] },
      { step: 'server', at: [second] },
    ]);
    expect([said.status, said.reason]).toEqual(['True', 'DriftRepeated']);
    expect(said.message).toMatch(
      /1 step put back more than once within 7 days: settings \(2 times since 2026-12-01T10:00:00Z\)[.] Somebody/,
    );
  });

  test('is not said in the place of what is broken', () => {
    const broken = { status: 'False', reason: 'FilesDiffer', message: 'No.' } as const;
    expect(withRepeatedDrift(broken, [{ step: 'settings', at: [first, second] }])).toBe(broken);
  });

  test('is told by one event', () => {
    const condition = { type: 'Configured', ...withRepeatedDrift(kept, [{ step: 'a', at: [first, second] }]) };
    expect(driftNews(undefined, [condition])).toMatchObject([{ type: 'Warning', reason: 'DriftRepeated' }]);
    const conditions = [{ ...condition, lastTransitionTime: first }];
    expect(driftNews({ conditions }, [condition])).toEqual([]);
    expect(driftNews({ conditions }, [{ type: 'Configured', ...kept }])).toEqual([]);
  });
});
