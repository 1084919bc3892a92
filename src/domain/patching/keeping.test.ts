import { describe, expect, it } from 'vitest';
import { KEPT_RUNS, keepingOf } from './keeping.ts';
import { at, runSpec, runWith, step } from './run.fixtures.ts';

const open = { spec: runSpec() };
const over = runWith([], { phase: 'Succeeded', ended: '2026-12-02T02:30:00Z' });

describe('a run that nobody follows', () => {
  it('gets its verdict from the operator 35 minutes after its window, and not before (GE-8)', () => {
    expect(keepingOf(open, 0, at('04:34'))).toEqual({ act: 'keep', until: at('04:35') });
    expect(keepingOf(open, 0, at('04:35'))).toMatchObject({
      ...{ act: 'end', ending: { phase: 'Skipped', message: expect.stringContaining('No runner has followed it') } },
    });
  });

  it('is Unknown where packages may have been installed, whatever else is known of it', () => {
    const begun = runWith([step('preflight', 'Passed'), step('plan', 'Passed'), step('install')]);
    expect(keepingOf(begun, 0, at('04:35'))).toMatchObject({ ending: { phase: 'Unknown' } });
  });
});

describe('a run that is over', () => {
  it('is kept as long as its policy says', () => {
    expect(keepingOf(over, 0, at('05:00'))).toEqual({ act: 'keep', until: new Date('2028-01-01T02:30:00Z') });
    expect(keepingOf(over, 0, new Date('2028-01-01T02:30:00Z'))).toEqual({ act: 'forget' });
  });

  it('goes where there are so many newer ones of the same VM', () => {
    expect(keepingOf(over, KEPT_RUNS - 1, at('05:00')).act).toBe('keep');
    expect(keepingOf(over, KEPT_RUNS, at('05:00')).act).toBe('forget');
  });
});
