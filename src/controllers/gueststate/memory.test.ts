import { describe, expect, it } from 'vitest';
import { GuestMemory, waitMs } from './memory.ts';

const INTERVAL = 600_000;

describe('the next look into a guest', () => {
  it('comes after the interval, a tenth sooner or later, where all is as ordered', () => {
    expect([0, 0.5, 1].map(jitter => waitMs('Kept', 0, INTERVAL, jitter))).toEqual([540_000, 600_000, 660_000]);
  });

  it('comes ever later after failures, up to the interval, and never all at once', () => {
    const waits = [1, 2, 3, 8, 100].map(failures => waitMs('Failed', failures, INTERVAL, 1));
    expect(waits).toEqual([5_000, 10_000, 20_000, 600_000, 600_000]);
    expect(waitMs('Failed', 3, INTERVAL, 0)).toBe(10_000);
  });

  it('MO-8: stays near while the guest may still boot, however often it was tried, and takes a place of those that are not reached', () => {
    const memory = new GuestMemory();
    const tries = Array.from({ length: 9 }, () =>
      memory.passed('a', 'Starting', { now: 0, intervalMs: INTERVAL, jitter: 1 }),
    );
    expect(new Set(tries)).toEqual(new Set([5_000]));
    expect(memory.failures).toBe(9);
  });

  it('comes soon where a step runs, at once where one has ended', () => {
    expect([waitMs('Working', 0, INTERVAL, 0), waitMs('Again', 0, INTERVAL, 0)]).toEqual([2_000, 0]);
  });

  it('comes at once for another instance or another order, whatever was waited for', () => {
    const memory = new GuestMemory();
    expect(memory.dueMs('a', 0)).toBe(0);
    memory.passed('a', 'Kept', { now: 0, intervalMs: INTERVAL, jitter: 0.5 });
    expect([memory.dueMs('a', 1000), memory.dueMs('b', 1000)]).toEqual([599_000, 0]);
  });

  it('begins together with those that are due within the same second, where all is as ordered', () => {
    const memory = new GuestMemory();
    const due = (jitter: number) => memory.passed('a', 'Kept', { now: 250, intervalMs: INTERVAL, jitter });
    expect([due(0.5), due(0.500001)]).toEqual([600_750, 600_750]);
    expect(memory.passed('a', 'Failed', { now: 250, intervalMs: INTERVAL, jitter: 1 })).toBe(5_000);
  });

  it('counts failures in a row of the same guest alone', () => {
    const memory = new GuestMemory();
    const fail = (of: string) => memory.passed(of, 'Failed', { now: 0, intervalMs: INTERVAL, jitter: 1 });
    expect([fail('a'), fail('a'), fail('b')]).toEqual([5_000, 10_000, 5_000]);
    memory.passed('b', 'Kept', { now: 0, intervalMs: INTERVAL, jitter: 0 });
    expect(memory.failures).toBe(0);
  });
});

describe('a step that did not help', () => {
  const when = { now: 0, intervalMs: INTERVAL, jitter: 1 };
  /** What putting right comes to, pass by pass; the wait after the last. */
  const tried = (memory: GuestMemory, ...settings: readonly string[]) => {
    memory.puttingRight(settings);
    memory.passed('a', 'Working', when);
    memory.passed('a', 'Again', when);
    memory.puttingRight(settings);
    return memory.passed('a', 'Fruitless', when);
  };

  it('is tried again ever later against the same difference, up to the interval', () => {
    const memory = new GuestMemory();
    const waits = Array.from({ length: 7 }, () => tried(memory, 'exporter'));
    expect(waits).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
    // It is reached, so it takes no place of those that are not.
    expect(memory.failures).toBe(0);
  });

  it('is tried again soon where something else differs, where nothing differed meanwhile, and for another order', () => {
    const memory = new GuestMemory();
    const waits = [tried(memory, 'exporter'), tried(memory, 'exporter'), tried(memory, 'exporter', 'time')];
    memory.puttingRight([]);
    memory.passed('a', 'Kept', when);
    waits.push(tried(memory, 'exporter', 'time'));
    memory.passed('b', 'Fruitless', when);
    waits.push(memory.dueMs('b', 0));
    expect(waits).toEqual([30_000, 60_000, 30_000, 30_000, 30_000]);
  });
});

describe('how long a lease has stood unchanged', () => {
  it('is counted from when it was first seen so', () => {
    const memory = new GuestMemory();
    const lease = { holder: 'ben', purpose: 'Patching', generation: 1, since: 's', until: 'u' };
    expect(memory.leaseUnchangedMs(lease, 10)).toBe(0);
    expect(memory.leaseUnchangedMs({ ...lease }, 30)).toBe(20);
    expect(memory.leaseUnchangedMs({ ...lease, until: 'later' }, 50)).toBe(0);
  });
});
