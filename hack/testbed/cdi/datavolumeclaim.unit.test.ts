import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sizeOfClaim, sizeOfDisk } from './datavolumeclaim.ts';

const claimOf = (storage: string, volumeMode = 'Filesystem') => ({
  metadata: { name: 'disk' },
  spec: { accessModes: [], volumeMode, resources: { requests: { storage } } },
});

describe('the claim of a DataVolume', () => {
  it('has the size asked for where nothing is set aside', () => {
    expect(sizeOfClaim('20Gi', 0n)).toBe('20Gi');
  });

  it('holds a disk of just the size asked for, in whole MiB, beside what is set aside for the file system', () => {
    const sizes = fc.bigInt({ min: 1n, max: 2n ** 44n });
    fc.assert(
      fc.property(sizes, fc.bigInt({ min: 1n, max: 50n }), (size, percent) => {
        const disk = sizeOfDisk(claimOf(sizeOfClaim(String(size), percent)), percent);
        expect(disk % 2n ** 20n).toBe(0n);
        expect(disk - size).toBeGreaterThanOrEqual(0n);
        expect(disk - size).toBeLessThan(2n ** 20n);
      }),
    );
  });

  it('is the disk itself where it is a block device', () => {
    expect(sizeOfDisk(claimOf('20Gi', 'Block'), 6n)).toBe(20n * 2n ** 30n);
  });
});
