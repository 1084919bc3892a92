import { describe, expect, it } from 'vitest';
import { type Heard, heardAgain, type Renewal, receptionOf } from './reception.ts';

const NOW = new Date('2026-12-01T12:00:00Z');
const minutes = (count: number) => count * 60_000;
const renewed = (written: string, minutesAgo = 0, heldMs = minutes(3)): Renewal => ({
  ...{ written, heldMs, at: new Date(NOW.getTime() - minutes(minutesAgo)) },
});
const seen = (renewal: Renewal | undefined, monotonic = 0, before?: Heard) =>
  heardAgain(before, renewal, { now: NOW, monotonic });
const stateOf = (heard: Heard | undefined, monotonic = 0) => receptionOf(heard, 'steward-system', monotonic);

describe('MO-14: the receiver of alerts', () => {
  it('was never heard where there is no Lease', () => {
    expect(stateOf(seen(undefined))).toEqual({
      state: 'silent',
      message:
        'No receiver of alerts has ever been heard: there is no Lease steward-receive in namespace steward-system (intake.enabled). An alert that fires becomes no incident then, so nobody knows whether one would be late.',
    });
  });

  it.each([
    ['renewed now', 0, 'heard'],
    ['renewed two minutes ago', 2, 'heard'],
    ['left behind by a release that is gone', 60, 'silent'],
    ['renewed by a clock that is ahead', -60, 'heard'],
  ])('whose Lease is seen for the first time, %s', (_, ago, state) => {
    expect(stateOf(seen(renewed('a', ago))).state).toBe(state);
  });

  it('is heard for as long as its Lease says after each renewal, by our own clock, whatever its clock says', () => {
    const first = seen(renewed('a'));
    const again = seen(renewed('b', 600), minutes(2), first);
    expect(stateOf(again, minutes(5) - 1).state).toBe('heard');
    expect(stateOf(again, minutes(5))).toMatchObject({
      state: 'silent',
      message: expect.stringContaining('last at 2026-12-01T02:00:00Z'),
    });
  });

  it('is not heard by a Lease that nobody renews, however often it is read', () => {
    const reads = [1, 2, 3, 4].reduce((before, at) => seen(renewed('a'), minutes(at), before), seen(renewed('a')));
    expect(stateOf(reads, minutes(3)).state).toBe('silent');
  });

  it('cannot claim to be heard for a day', () => {
    expect(stateOf(seen(renewed('a', 0, minutes(1440))), minutes(30)).state).toBe('silent');
  });

  it('is forgotten with its Lease', () => {
    expect(stateOf(seen(undefined, 0, seen(renewed('a')))).state).toBe('silent');
  });
});
