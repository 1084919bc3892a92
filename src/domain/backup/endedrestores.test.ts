import { describe, expect, it } from 'vitest';
import type { Restore, RestoreStatus } from '../../api/restore.ts';
import { endedRestores } from './endedrestores.ts';

const point = { name: 'daily-1', uid: 'backup-uid', time: '2026-12-01T01:00:00Z' };
const begun = { name: 'begun', at: '2026-12-01T11:59:00Z' } as const;
const ended = { name: 'ended', at: '2026-12-01T12:00:00Z' } as const;
const worked: RestoreStatus = {
  ...{ phase: 'Succeeded', message: 'It runs.', point, steps: [begun, ended] },
  recoveryTime: { target: '4h', seconds: 121 },
};

const restoreOf = (status: RestoreStatus | undefined, spec: Partial<Restore['spec']> = {}): Restore => ({
  apiVersion: 'managed.systems/v1alpha1',
  kind: 'Restore',
  metadata: { name: 'again', namespace: 'acme', uid: 'restore-uid' },
  spec: {
    ...{ managedVMRef: 'shop-db', point: { latest: 'Good' }, target: { inPlace: true } },
    ...{ reason: 'Corrupted', requestedBy: 'anna', ...spec },
  },
  ...(status && { status }),
});

describe('AP-13: what a Restore proves', () => {
  it('is that all disks came back, from which point, when, and after how long', () => {
    expect(endedRestores([restoreOf(worked)])).toEqual({
      verified: [
        {
          ...{ restore: 'again', point: 'daily-1', pointTime: '2026-12-01T01:00:00Z' },
          ...{ time: '2026-12-01T12:00:00Z', seconds: 121 },
        },
      ],
      failed: [],
    });
  });

  it.each<[string, Restore]>([
    ['it has not been looked at, as a copy never is', restoreOf(undefined)],
    ['it is under way', restoreOf({ ...worked, phase: 'Starting', steps: [begun] })],
    ['it brought one disk of several', restoreOf(worked, { disks: ['data'] })],
    ['it was not measured', restoreOf({ ...worked, recoveryTime: { target: '4h' } })],
    ['nobody agreed to it', restoreOf({ ...worked, phase: 'Failed', steps: [ended] })],
    ['there never was its point', restoreOf({ phase: 'Failed', steps: [ended] })],
  ])('is nothing where %s', (_, restore) => {
    expect(endedRestores([restore])).toEqual({ verified: [], failed: [] });
  });

  it.each(['Failed', 'Unproven'] as const)('is that nothing could be restored where it ended as %s', phase => {
    expect(endedRestores([restoreOf({ ...worked, phase, message: 'Velero failed.' })])).toEqual({
      verified: [],
      failed: [{ restore: 'again', point: 'daily-1', time: '2026-12-01T12:00:00Z', message: 'Velero failed.' }],
    });
  });
});
