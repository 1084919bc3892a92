import { describe, expect, it } from 'vitest';
import { giveBack, isHeldBy, LEASE_MS, RENEW_MS, renewLease, takeLease } from './vmlease.ts';

const now = new Date('2026-11-28T22:00:00Z');
const anna = { holder: 'anna', purpose: 'Configuration' };
const when = { now, unchangedMs: 0, first: 1 };

describe('the lease of a VM (GE-8)', () => {
  it('is taken where nobody has it, with who, what for, since when and until when', () => {
    const lease = { ...anna, generation: 1, since: '2026-11-28T22:00:00Z', until: '2026-11-28T22:00:45Z' };
    expect(takeLease({}, anna, when)).toEqual({ lease, leaseGeneration: 1 });
  });

  it('is not taken from another before it has stood unchanged for its time, whatever the clocks say', () => {
    const held = takeLease({}, { ...anna, holder: 'ben' }, { ...when, now: new Date(0) });
    if (held === undefined) throw new Error('not taken');
    expect(takeLease(held, anna, { ...when, unchangedMs: LEASE_MS - 1 })).toBeUndefined();
    const taken = takeLease(held, anna, { ...when, unchangedMs: LEASE_MS });
    expect(taken).toMatchObject({ lease: { holder: 'anna', generation: 2 }, leaseGeneration: 2 });
  });

  it('has another generation each time that it is taken, also after it was given back', () => {
    const first = takeLease({}, anna, when);
    const second = takeLease(giveBack(first ?? {}), anna, when);
    expect([first?.leaseGeneration, second?.leaseGeneration]).toEqual([1, 2]);
  });

  it('begins above the generations of a record that was deleted', () => {
    expect(takeLease({}, anna, { ...when, first: 1_700_000_000 })?.leaseGeneration).toBe(1_700_000_000);
  });

  it('is written anew when a third of its time has passed', () => {
    const { lease } = takeLease({}, anna, when) ?? {};
    if (lease === undefined) throw new Error('not taken');
    expect(renewLease(lease, { now, unchangedMs: RENEW_MS - 1 })).toBe(lease);
    const later = new Date(now.getTime() + RENEW_MS);
    expect(renewLease(lease, { now: later, unchangedMs: RENEW_MS })).toEqual({
      ...lease,
      until: '2026-11-28T22:01:00Z',
    });
  });

  it('is nobody’s after it was given back', () => {
    const record = giveBack({ ...takeLease({}, anna, when), worker: 'steward-guest-0' });
    expect(isHeldBy(record, 'anna')).toBe(false);
    expect(record).toEqual({ leaseGeneration: 1, worker: 'steward-guest-0' });
  });
});
