import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../api/manualclock.ts';
import { KeyQueue } from './queue.ts';

describe('the work queue', () => {
  test('a key added many times is handed out once', async () => {
    const queue = new KeyQueue(new ManualClock());
    queue.add('a');
    queue.add('a');
    queue.add('b');
    expect(await queue.take()).toEqual({ key: 'a', priority: 0 });
    expect(await queue.take()).toEqual({ key: 'b', priority: 0 });
    expect(queue.size).toBe(0);
  });

  test('holds nothing of what it was told before: an object that changes often while its next edge is far away', async () => {
    const queue = new KeyQueue(new ManualClock());
    const pass = async (key: string) => {
      queue.add(key, -10);
      const taken = await queue.take();
      queue.forget(key);
      queue.addAfter(key, 365 * 86_400_000, -10);
      queue.done(taken?.key ?? '');
    };
    for (let round = 0; round < 1000; round += 1) for (const key of ['a', 'b', 'c']) await pass(key);
    expect(queue.size).toBe(3);
    expect(queue.entries).toBeLessThan(150);
  });

  test('what somebody has just edited is retried without waiting for thousands of others that fail too', async () => {
    const clock = new ManualClock();
    const queue = new KeyQueue(clock);
    for (let i = 0; i < 50_000; i += 1) queue.addRateLimited(`bulk-${i}`, -100);
    queue.addRateLimited('edited', 0);
    const taken = queue.take(0);
    await clock.advance(5);
    expect(await taken).toEqual({ key: 'edited', priority: 0 });
  });

  test('an edit is another order: however often its key has failed before, its first retry comes after 5 ms', async () => {
    const clock = new ManualClock();
    const queue = new KeyQueue(clock);
    for (let failure = 0; failure < 18; failure += 1) {
      queue.addRateLimited('a', -100);
      const taken = queue.take();
      while (queue.size > 0) await clock.advanceToNext();
      queue.done((await taken)?.key ?? '');
    }
    queue.add('a', 0);
    queue.done((await queue.take())?.key ?? '');
    queue.addRateLimited('a', 0);
    const retry = queue.take(0);
    await clock.advance(5);
    expect((await retry)?.key).toBe('a');
  });

  test('a retry of higher priority takes the next turn, however many others wait for theirs', async () => {
    const clock = new ManualClock();
    const queue = new KeyQueue(clock);
    for (let i = 0; i < 50_000; i += 1) queue.addRateLimited(`bulk-${i}`, -100);
    await clock.advance(5);
    for (let i = 0; i < 100; i += 1) queue.done((await queue.take())?.key ?? '');
    const next = queue.take();
    queue.addRateLimited('ordered', -20);
    await clock.advance(100);
    expect((await next)?.key).toBe('ordered');
  });

  test('an event needs no turn: it makes a retry that waits for one work at once', async () => {
    const clock = new ManualClock();
    const queue = new KeyQueue(clock);
    for (let i = 0; i < 200; i += 1) queue.addRateLimited(`bulk-${i}`, -100);
    await clock.advance(5);
    expect(queue.depth).toBe(100);
    queue.add('bulk-199', -100);
    expect(queue.depth).toBe(101);
  });

  test('a delay that is no number means neither at once nor never', async () => {
    const clock = new ManualClock();
    const queue = new KeyQueue(clock);
    queue.addAfter('a', Number.NaN);
    expect(queue.depth).toBe(0);
    const taken = queue.take();
    await clock.advance(1_000_000);
    expect((await taken)?.key).toBe('a');
  });

  test('a key that is worked on is not handed out again before done, and then once', async () => {
    const queue = new KeyQueue(new ManualClock());
    queue.add('a');
    await queue.take();
    queue.add('a');
    queue.add('a');
    queue.add('b');
    expect((await queue.take())?.key).toBe('b');
    const next = queue.take();
    queue.done('a');
    expect((await next)?.key).toBe('a');
  });

  test('a live edit overtakes everything of lower priority', async () => {
    const queue = new KeyQueue(new ManualClock());
    for (let i = 0; i < 100; i += 1) queue.add(`initial-${i}`, -100);
    queue.add('initial-50', 0);
    expect(await queue.take()).toEqual({ key: 'initial-50', priority: 0 });
    expect((await queue.take())?.key).toBe('initial-0');
  });

  test('who takes urgent keys only waits for one, however many others there are, and gets it though all else is busy', async () => {
    const queue = new KeyQueue(new ManualClock());
    const urgent = queue.take(0);
    const first = queue.take();
    queue.add('bulk-1', -20);
    queue.add('bulk-2', -20);
    expect((await first)?.key).toBe('bulk-1');
    queue.add('edited', 0);
    expect((await urgent)?.key).toBe('edited');
    const next = queue.take(0);
    queue.done('edited');
    queue.close();
    expect(await next).toBeUndefined();
  });

  test('addAfter keeps the earliest time, and add makes it now', async () => {
    const clock = new ManualClock();
    const queue = new KeyQueue(clock);
    queue.addAfter('a', 1000);
    queue.addAfter('a', 5000);
    queue.addAfter('b', 5000);
    const first = queue.take();
    await clock.advance(999);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect((await first)?.key).toBe('a');
    queue.add('b');
    expect((await queue.take())?.key).toBe('b');
    expect(queue.size).toBe(0);
  });

  test('failures of a key double its delay from 5 ms up to 1000 s, and forget starts anew', async () => {
    const clock = new ManualClock();
    const queue = new KeyQueue(clock);
    const delays: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      const from = clock.monotonic();
      queue.addRateLimited('a');
      const taken = queue.take();
      while (queue.size > 0) await clock.advanceToNext();
      await taken;
      queue.done('a');
      delays.push(clock.monotonic() - from);
    }
    expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(delays.at(-1)).toBe(1_000_000);
    queue.forget('a');
    expect(queue.failures('a')).toBe(0);
  });

  test('retries of all keys together are held to 10 a second after a burst of 100, first events are not', async () => {
    const clock = new ManualClock();
    const queue = new KeyQueue(clock);
    for (let i = 0; i < 120; i += 1) queue.addRateLimited(`retry-${i}`, -10);
    for (let i = 0; i < 1000; i += 1) queue.add(`event-${i}`);
    expect(queue.depth).toBe(1000);
    await clock.advance(6);
    expect(queue.depth).toBe(1100);
    await clock.advance(1999);
    expect(queue.depth).toBe(1120);
  });

  test('close hands undefined to every waiting taker', async () => {
    const queue = new KeyQueue(new ManualClock());
    const takers = [queue.take(), queue.take()];
    queue.close();
    expect(await Promise.all(takers)).toEqual([undefined, undefined]);
    expect(await queue.take()).toBeUndefined();
  });

  test('for any sequence of adds, takes and dones: one worker per key, no key lost, no key invented', async () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('add' as const),
        key: fc.integer({ min: 0, max: 5 }),
        priority: fc.integer({ min: -2, max: 2 }),
      }),
      fc.record({
        do: fc.constant('addAfter' as const),
        key: fc.integer({ min: 0, max: 5 }),
        ms: fc.integer({ min: 0, max: 50 }),
      }),
      fc.record({
        do: fc.constant('retry' as const),
        key: fc.integer({ min: 0, max: 5 }),
        priority: fc.integer({ min: -2, max: 0 }),
      }),
      fc.record({ do: fc.constant('take' as const) }),
      fc.record({ do: fc.constant('done' as const), key: fc.integer({ min: 0, max: 5 }) }),
      fc.record({ do: fc.constant('tick' as const), ms: fc.integer({ min: 1, max: 60 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async steps => {
        const clock = new ManualClock();
        const queue = new KeyQueue(clock);
        const wanted = new Set<string>();
        const broken: string[] = [];
        const working = new Set<string>();
        let takers = 0;
        const take = () => {
          takers += 1;
          void queue.take().then(taken => {
            takers -= 1;
            if (taken === undefined) return;
            if (working.has(taken.key)) broken.push(`${taken.key} twice at once`);
            if (!wanted.has(taken.key)) broken.push(`${taken.key} out of nothing`);
            wanted.delete(taken.key);
            working.add(taken.key);
          });
        };
        for (const s of steps) {
          if (s.do === 'take') take();
          else if (s.do === 'tick') await clock.advance(s.ms);
          else {
            const key = String(s.key);
            if (s.do === 'add') queue.add(key, s.priority);
            if (s.do === 'addAfter') queue.addAfter(key, s.ms);
            if (s.do === 'retry') queue.addRateLimited(key, s.priority);
            if (s.do === 'done') {
              queue.done(key);
              working.delete(key);
            } else wanted.add(key);
          }
          await settle();
        }
        for (let round = 0; round < 100 && wanted.size + takers > 0; round += 1) {
          for (const key of working) queue.done(key);
          working.clear();
          if (wanted.size === 0) break;
          if (takers === 0) take();
          await clock.advance(2_000_000);
          await settle();
        }
        expect(broken).toEqual([]);
        expect([...wanted]).toEqual([]);
        expect(queue.size).toBe(0);
        queue.close();
      }),
      { numRuns: 300 },
    );
  });

  test('for any retries at any times: those that are due are handed out by priority, and never more than 100 and 10 a second', async () => {
    const retries = fc.array(fc.record({ priority: fc.integer({ min: -5, max: -1 }), laterMs: fc.nat({ max: 40 }) }), {
      minLength: 100,
      maxLength: 160,
    });
    await fc.assert(
      fc.asyncProperty(retries, async all => {
        const clock = new ManualClock();
        const queue = new KeyQueue(clock);
        /** By key, when each is due; what has been handed out is not in it. */
        const due = new Map<string, { readonly priority: number; readonly at: number }>();
        const handedOut: number[] = [];
        const broken: string[] = [];
        const work = async () => {
          for (let taken = await queue.take(); taken !== undefined; taken = await queue.take()) {
            const now = clock.monotonic();
            due.delete(taken.key);
            handedOut.push(now);
            for (const [key, other] of due)
              if (other.at < now && other.priority > taken.priority) broken.push(`${taken.key} before ${key}`);
            queue.done(taken.key);
          }
        };
        const worker = work();
        for (const [index, { priority, laterMs }] of all.entries()) {
          if (laterMs > 20) await clock.advance(laterMs);
          queue.addRateLimited(`${index}`, priority);
          due.set(`${index}`, { priority, at: clock.monotonic() + 5 });
        }
        for (let round = 0; round < 200 && due.size > 0; round += 1) await clock.advance(100);
        expect(broken).toEqual([]);
        expect(due.size).toBe(0);
        for (const [index, at] of handedOut.entries()) {
          const within = handedOut.slice(index).filter(other => other <= at + 1000).length;
          expect(within).toBeLessThanOrEqual(100 + 10 + 1);
        }
        queue.close();
        await worker;
      }),
      { numRuns: 50 },
    );
  });
});

async function settle(): Promise<void> {
  for (let i = 0; i < 4; i += 1) await Promise.resolve();
}
