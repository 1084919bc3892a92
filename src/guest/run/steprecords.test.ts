import { describe, expect, it } from 'vitest';
import { openStep, readStep, type StoredStep, withStep } from './steprecords.ts';

const now = new Date('2026-11-28T22:00:00Z');
const fence = { generation: 3, bootId: 'boot' };
const claimed = { phase: 'Claimed', fence } as const;

describe('the record of a step', () => {
  it.each([
    [claimed],
    [{ phase: 'Ended', fence, verdict: { kind: 'Finished', exitCode: 4 } } as const],
    [{ phase: 'Ended', fence, verdict: { kind: 'CutOff' } } as const],
    [{ phase: 'Ended', fence, verdict: { kind: 'Unknown' } } as const],
    [{ phase: 'Ended', fence, verdict: { kind: 'Withdrawn' } } as const],
  ])('is read as it was written: %j', record => {
    const [stored] = withStep([], 'a', record, now);
    expect(stored && readStep(stored)).toEqual(record);
  });

  it('reads an end without a verdict as unknown, so that nothing begins again by it', () => {
    const stored = { id: 'a', phase: 'Ended', fence, at: '' } satisfies StoredStep;
    expect(readStep(stored)).toEqual({ phase: 'Ended', fence, verdict: { kind: 'Unknown' } });
  });

  it('remembers sixteen steps, and among them always the one that may still run', () => {
    let steps = withStep([], 'open', claimed, now);
    for (let count = 0; count < 30; count += 1) {
      const ended = { phase: 'Ended', fence, verdict: { kind: 'CutOff' } } as const;
      steps = withStep(steps, `step-${count}`, ended, now);
    }
    expect(steps).toHaveLength(16);
    expect(openStep(steps)?.id).toBe('open');
    expect(steps.at(-1)?.id).toBe('step-29');
  });
});
