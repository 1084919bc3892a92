import { describe, expect, it } from 'vitest';
import type { Restore, RestoreStatus } from '../../api/restore.ts';
import { becomesAnother, exchangeOf } from './exchanging.ts';

function restore(phase: RestoreStatus['phase'], name = 'again', more: object = {}): Restore {
  const disks = ['root', 'data'].map(disk => ({
    ...{ disk, before: { claim: disk, uid: `old-${disk}` } },
    after: { claim: `${disk}-r1`, uid: `new-${disk}` },
  }));
  const metadata = { name, uid: name, creationTimestamp: '2026-12-01T12:00:00Z', ...more };
  return { apiVersion: '', kind: 'Restore', metadata, spec: {} as Restore['spec'], status: { phase, disks } };
}

const all = () => true;

describe('that a disk is another claim (AP-13)', () => {
  const disks = (claimUID?: string) => ({
    disks: [{ name: 'root', claim: 'c', phase: 'Filled', ...(claimUID && { claimUID }) }],
  });

  it.each([
    ['it is filled for the first time', disks(), disks('a'), false],
    ['it is what it was', disks('a'), disks('a'), false],
    ['it is exchanged', disks('a'), disks('b'), true],
    ['it is not ordered any more', disks('a'), { disks: [] }, false],
  ])('waits for no turn to be written only where it was one before: %s', (_, before, after, is) => {
    expect(becomesAnother(before, after)).toBe(is);
  });
});

describe('the exchange of the disks of a VM (AP-13)', () => {
  it.each([
    ['Pending', undefined],
    ['Moving', undefined],
    ['Stopping', 0],
    ['Exchanging', 2],
    ['Starting', undefined],
    ['Succeeded', undefined],
    ['Failed', undefined],
  ] as const)('a Restore that is %s puts %s disks in place of others while the machine is off', (phase, disks) => {
    expect(exchangeOf([restore(phase)], all)?.disks.size).toBe(disks);
  });

  it('is of all disks or of none', () => {
    expect(exchangeOf([restore('Exchanging')], ({ uid }) => uid === 'new-root')?.disks.size).toBe(0);
  });

  it('ends with the order of it', () => {
    const deleted = { deletionTimestamp: '2026-12-01T12:30:00Z' };
    expect(exchangeOf([restore('Exchanging', 'again', deleted)], all)).toBeUndefined();
  });

  it('is that of the Restore that came first', () => {
    const later = restore('Exchanging', 'later', { creationTimestamp: '2026-12-01T12:00:01Z' });
    expect(exchangeOf([later, restore('Stopping', 'first')], all)).toMatchObject({ restore: 'first' });
  });
});
