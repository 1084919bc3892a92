import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holderOf } from './customer.ts';

const claimant = (name: string, creationTimestamp: string, uid: string) => ({
  metadata: { name, creationTimestamp, uid },
});

describe('a namespace that several Contracts name', () => {
  it('is that of the oldest', () => {
    const [younger, older] = [claimant('a', '2026-02-01T00:00:00Z', '1'), claimant('b', '2026-01-01T00:00:00Z', '2')];
    expect(holderOf([younger, older])).toBe(older);
  });

  it('of those of one second is that of the first UID, whatever their names', () => {
    const at = '2026-01-01T00:00:00Z';
    expect(holderOf([claimant('a', at, '9'), claimant('z', at, '1')])?.metadata.name).toBe('z');
  });

  it('is nobody’s when none names it', () => expect(holderOf([])).toBeUndefined());

  it('has the same holder whoever looks, and keeps it when another one comes', () => {
    const instant = fc.integer({ min: 0, max: 3 }).map(seconds => `2026-01-01T00:00:0${seconds}Z`);
    const contract = fc.tuple(fc.uuid(), instant).map(([uid, at]) => claimant(uid, at, uid));
    const several = fc.uniqueArray(contract, { selector: ({ metadata }) => metadata.uid, minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(several, several => {
        const holder = holderOf(several);
        expect(holderOf(several.toReversed())).toBe(holder);
        const later = claimant('later', '2026-01-01T00:00:09Z', '0');
        expect(holderOf([later, ...several])).toBe(holder);
      }),
    );
  });
});
