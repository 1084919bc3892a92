import { describe, expect, it } from 'vitest';
import type { GuestUpdates } from '../../api/guestupdates.ts';
import { type ScanMemory, scanDueAt } from './scandue.ts';

const NOON = new Date('2026-11-29T12:00:00Z');
const inHours = (hours: number): Date => new Date(NOON.getTime() + hours * 3_600_000);
const text = (date: Date): string => date.toISOString().replace('.000Z', 'Z');

const memory: ScanMemory = { jitter: 0.5, since: NOON, askedAt: undefined, vain: 0, bootId: undefined };
const updates = (at: Date): GuestUpdates => ({
  ...{ at: text(at), system: { id: 'debian' }, complete: true, missing: [] },
  count: { Critical: 0, Important: 0, Moderate: 0, Low: 0, Unknown: 0 },
});
const patched = (at: Date) => ({
  ...{ id: 'patch-1-install-1', phase: 'Ended' as const, verdict: 'Finished' as const, exitCode: 0 },
  ...{ fence: { generation: 1, bootId: 'a' }, at: text(at) },
});

describe('a guest is asked for its updates', () => {
  it('MO-10: for the first time when it had time to be set up', () => {
    expect(scanDueAt({}, memory)).toEqual(inHours(0.1875));
  });

  it('MO-10: once a day and a little later, so that an answer that says the same is written before nobody believes it', () => {
    for (const jitter of [0, 0.999]) {
      const due = scanDueAt({ updates: updates(NOON) }, { ...memory, jitter });
      expect(due.getTime()).toBeGreaterThanOrEqual(inHours(24).getTime());
      expect(due.getTime()).toBeLessThan(inHours(27).getTime());
    }
  });

  it('not at once again where the answer was no news', () => {
    expect(scanDueAt({ updates: updates(NOON) }, { ...memory, askedAt: inHours(5) })).toEqual(inHours(5 + 25.2));
  });

  it('after a patch run, and after a restart, once each', () => {
    const status = { updates: updates(NOON), steps: [patched(inHours(2))] };
    expect(scanDueAt(status, memory)).toEqual(NOON);
    expect(scanDueAt(status, { ...memory, askedAt: inHours(3) })).toEqual(inHours(28.2));
    expect(scanDueAt({ steps: [patched(NOON)] }, memory)).toEqual(memory.since);
    const booted = { updates: updates(NOON), bootId: 'b' };
    expect(scanDueAt(booted, { ...memory, bootId: 'a' })).toEqual(NOON);
    expect(scanDueAt(booted, { ...memory, bootId: 'b' })).toEqual(inHours(25.2));
    expect(scanDueAt(booted, memory)).toEqual(inHours(25.2));
  });

  it('later and later where it gives no whole answer, and never later than once a day', () => {
    const after = (vain: number) => scanDueAt({ updates: updates(NOON) }, { ...memory, askedAt: NOON, vain });
    expect([1, 2, 3].map(after)).toEqual([inHours(0.1875), inHours(0.375), inHours(0.75)]);
    expect(after(1_000)).toEqual(inHours(18));
  });
});
