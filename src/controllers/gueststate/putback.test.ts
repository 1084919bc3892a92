import { describe, expect, it } from 'vitest';
import { putBackOf } from './putback.ts';

const day = (number: number) => `2026-12-${String(number).padStart(2, '0')}T10:00:00Z`;

describe('what was put back of an application (GE-10)', () => {
  it('is noted with its instants, and again at each time', () => {
    const first = putBackOf(undefined, ['settings'], day(1));
    expect(first).toEqual([{ step: 'settings', at: [day(1)] }]);
    expect(putBackOf(first, ['settings', 'server'], day(3))).toEqual([
      { step: 'settings', at: [day(1), day(3)] },
      { step: 'server', at: [day(3)] },
    ]);
  });

  it('is forgotten after seven days, and nothing is left then', () => {
    const noted = putBackOf(putBackOf(undefined, ['settings'], day(1)), ['settings'], day(7));
    expect(putBackOf(noted, [], day(8))).toEqual([{ step: 'settings', at: [day(7)] }]);
    expect(putBackOf(noted, [], day(14))).toBeUndefined();
  });

  it('is bounded, whoever changes it how often', () => {
    let noted = putBackOf(undefined, [], day(1));
    for (let round = 0; round < 30; round++) noted = putBackOf(noted, [`step-${round}`, 'settings'], day(2));
    expect(noted).toHaveLength(16);
    expect(noted?.find(({ step }) => step === 'settings')?.at).toHaveLength(8);
  });

  it('is the same where nothing is new: no write', () => {
    const noted = putBackOf(undefined, ['settings'], day(1));
    expect(putBackOf(noted, [], day(2))).toEqual(noted);
  });
});
