import { describe, expect, it } from 'vitest';
import { ManualClock } from '../api/manualclock.ts';
import { PassShare } from './passshare.ts';

describe('the share of time that passes over one object take', () => {
  it('lets the next pass rest in proportion to the last one, and no longer', async () => {
    const clock = new ManualClock();
    const share = new PassShare(0.05, clock);
    share.passed('a', 100);
    expect(share.restMs('a')).toBeCloseTo(1900);
    await clock.advance(1000);
    expect(share.restMs('a')).toBeCloseTo(900);
    await clock.advance(900);
    expect(share.restMs('a')).toBe(0);
  });

  it('holds back neither a first pass, nor other objects, nor one that is gone and there again', () => {
    const share = new PassShare(0.05, new ManualClock());
    expect(share.restMs('a')).toBe(0);
    share.passed('a', 100);
    expect(share.restMs('b')).toBe(0);
    share.forget('a');
    expect(share.restMs('a')).toBe(0);
  });

  it('rests a quarter of a second at least, however cheap the pass was', () => {
    const share = new PassShare(0.05, new ManualClock());
    share.passed('a', 0.1);
    expect(share.restMs('a')).toBe(250);
  });

  it('rests two seconds at most, however long a pass hung on a request', () => {
    const share = new PassShare(0.05, new ManualClock());
    share.passed('a', 60_000);
    expect(share.restMs('a')).toBe(2_000);
  });

  it('rests never where the whole time may be taken', () => {
    const share = new PassShare(1, new ManualClock());
    share.passed('a', 100);
    expect(share.restMs('a')).toBe(0);
  });
});
