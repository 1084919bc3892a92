import { describe, expect, it } from 'vitest';
import { ManualClock } from './manualclock.ts';
import { StatusPace } from './statuspace.ts';

const status = (state: string, ready = 'False', observedGeneration = 1) => ({
  observedGeneration,
  state,
  conditions: [{ type: 'Ready', status: ready, reason: state, message: state, lastTransitionTime: '' }],
});

function paced() {
  const clock = new ManualClock();
  return { clock, pace: new StatusPace({ newsMs: 200, restMs: 2000 }, clock) };
}

describe('the pace of status writes', () => {
  it('holds the first status back by nothing', () => {
    expect(paced().pace.delay('a', {}, status('Starting'))).toBe(0);
  });

  it('holds another state back until its interval after the last write is over', async () => {
    const { clock, pace } = paced();
    pace.written('a');
    await clock.advance(500);
    expect(pace.delay('a', status('Starting'), status('Booting'))).toBe(1500);
    await clock.advance(1500);
    expect(pace.delay('a', status('Starting'), status('Booting'))).toBe(0);
  });

  it.each([
    ['a condition that has become another', status('Running', 'True')],
    ['another generation observed', status('Starting', 'False', 2)],
    ['a condition that has gone', { ...status('Starting'), conditions: [] }],
  ])('holds news back for the shorter interval only: %s', async (_, next) => {
    const { clock, pace } = paced();
    pace.written('a');
    expect(pace.delay('a', status('Starting'), next)).toBe(200);
    await clock.advance(200);
    expect(pace.delay('a', status('Starting'), next)).toBe(0);
  });

  it('asks nobody to come back for a status that is there already', () => {
    const { pace } = paced();
    pace.written('a');
    expect(pace.delay('a', status('Starting'), status('Starting'))).toBe(0);
  });

  it('counts each object by itself, and forgets those that have gone', () => {
    const { pace } = paced();
    pace.written('a');
    expect(pace.delay('b', status('Starting'), status('Booting'))).toBe(0);
    pace.forget('a');
    expect(pace.delay('a', status('Starting'), status('Booting'))).toBe(0);
  });
});
