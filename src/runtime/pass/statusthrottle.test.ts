import { describe, expect, it } from 'vitest';
import { ManualClock } from '../api/manualclock.ts';
import { StatusThrottle } from './statusthrottle.ts';

const condition = (type: string, status: string, reason: string) => {
  return { type, status, reason, message: reason, lastTransitionTime: '' };
};
/** A machine at rest. */
const settled = (reason: string, ready = 'True', observedGeneration = 1) => ({
  observedGeneration,
  conditions: [condition('Ready', ready, reason), condition('Reconciling', 'False', 'Settled')],
});
/** A machine that starts. */
const starting = (reason: string, agent = 'Unknown') => ({
  observedGeneration: 1,
  conditions: [
    condition('Ready', 'False', reason),
    condition('Reconciling', 'True', reason),
    condition('AgentConnected', agent, reason),
  ],
});

function throttled() {
  const clock = new ManualClock();
  const throttle = new StatusThrottle({ newsMs: 200, progressMs: 1000, restMs: 2000, stepMs: 30_000 }, clock);
  throttle.written('a');
  return { clock, throttle };
}

describe('status writes', () => {
  it('holds the first status back by nothing', () => {
    expect(throttled().throttle.delay('b', {}, starting('DiskPending'))).toBe(0);
  });

  it('holds nothing back that cannot be found out later', () => {
    const clock = new ManualClock();
    const isRecord = (previous: object, next: object) => 'record' in next && !('record' in previous);
    const throttle = new StatusThrottle(
      { newsMs: 200, progressMs: 1000, restMs: 2000, stepMs: 30_000, isRecord },
      clock,
    );
    throttle.written('a');
    expect(throttle.delay('a', starting('DiskPending'), { ...starting('Importing'), record: 1 })).toBe(0);
    expect(
      throttle.delay('a', { ...starting('DiskPending'), record: 1 }, { ...starting('Importing'), record: 1 }),
    ).toBe(30_000);
  });

  it('holds a step of something that is under way back for long', async () => {
    const { clock, throttle } = throttled();
    await clock.advance(5000);
    expect(throttle.delay('a', starting('DiskPending'), starting('Importing'))).toBe(25_000);
    await clock.advance(25_000);
    expect(throttle.delay('a', starting('DiskPending'), starting('Importing'))).toBe(0);
  });

  it('holds other words about something that is settled back for a short time', async () => {
    const { clock, throttle } = throttled();
    await clock.advance(500);
    expect(throttle.delay('a', settled('Running'), settled('Migrated'))).toBe(1500);
    await clock.advance(1500);
    expect(throttle.delay('a', settled('Running'), settled('Migrated'))).toBe(0);
  });

  it.each([
    ['the end of what was under way', starting('Starting'), settled('Running')],
    ['a condition that has become another', settled('Running'), settled('Paused', 'False')],
    ['another generation observed', settled('Running'), settled('Running', 'True', 2)],
    ['a condition that has gone', settled('Running'), { ...settled('Running'), conditions: [] }],
  ])('holds news back for the shortest interval only: %s', async (_, previous, next) => {
    const { clock, throttle } = throttled();
    expect(throttle.delay('a', previous, next)).toBe(200);
    await clock.advance(200);
    expect(throttle.delay('a', previous, next)).toBe(0);
  });

  it('gives news on the way a moment from when it was noticed, in which the end may come', async () => {
    const { clock, throttle } = throttled();
    await clock.advance(10_000);
    expect(throttle.delay('a', starting('Booting'), starting('Answers', 'True'))).toBe(1000);
    await clock.advance(600);
    expect(throttle.delay('a', starting('Booting'), starting('Answers', 'True'))).toBe(400);
    expect(throttle.delay('a', starting('Booting'), settled('Running'))).toBe(0);
    await clock.advance(400);
    expect(throttle.delay('a', starting('Booting'), starting('Answers', 'True'))).toBe(0);
  });

  it('counts that moment anew when the news was taken back or written meanwhile', async () => {
    const { clock, throttle } = throttled();
    await clock.advance(10_000);
    throttle.delay('a', starting('Booting'), starting('Answers', 'True'));
    await clock.advance(900);
    throttle.delay('a', starting('Booting'), starting('Booting'));
    expect(throttle.delay('a', starting('Booting'), starting('Answers', 'True'))).toBe(1000);
    throttle.written('a');
    await clock.advance(900);
    expect(throttle.delay('a', starting('Answers', 'True'), starting('Lost', 'False'))).toBe(1000);
  });

  it('asks nobody to come back for a status that is there already', () => {
    const { throttle } = throttled();
    expect(throttle.delay('a', starting('Starting'), starting('Starting'))).toBe(0);
  });

  it('counts each object by itself, and forgets those that have gone', () => {
    const { throttle } = throttled();
    expect(throttle.delay('b', starting('Starting'), starting('Booting'))).toBe(0);
    throttle.forget('a');
    expect(throttle.delay('a', starting('Starting'), starting('Booting'))).toBe(0);
  });
});
