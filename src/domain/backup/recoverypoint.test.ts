import { describe, expect, it } from 'vitest';
import { backupOf } from './backup.fixtures.ts';
import { type Circumstances, defectOf, newestAttempt, newestRecoveryPoint } from './recoverypoint.ts';

const start = '2026-11-23T01:00:00Z';
const inspected = { diskDefect: () => undefined, isInspected: () => true };
const circumstances: Circumstances = {
  now: new Date('2026-11-26T00:00:00Z'),
  storageDefect: () => undefined,
  ...inspected,
};
const says = (status: object) => defectOf(backupOf('b', start, status), circumstances)?.says;

describe('AP-13: a backup counts', () => {
  it.each([
    ['completed without errors', {}],
    ['completed by a Velero that reports no progress', { progress: null }],
    ['completed, all hooks done', { hookStatus: { hooksFailed: 0 } }],
    ['completed, and its time is not over', { expiration: '2026-11-26T00:00:01Z' }],
    ['completed, without a time that could be over', { expiration: null }],
    [
      'completed, with every snapshot that was begun',
      { csiVolumeSnapshotsAttempted: 2, csiVolumeSnapshotsCompleted: 2 },
    ],
    ['started this moment', { startTimestamp: '2026-11-26T00:00:00Z' }],
  ])('%s', (_, status) => {
    expect(says(status)).toBeUndefined();
  });
});

describe('AP-13: a backup does not count', () => {
  it.each([
    ['completed, a hook failed', { hookStatus: { hooksFailed: 1 } }, 'is Completed (1 hooks failed)'],
    ['completed with errors', { errors: 1 }, 'is Completed (1 errors)'],
    [
      'completed with nothing in it, because its selector matched nothing',
      { progress: {} },
      'is Completed and holds nothing',
    ],
    ['completed without a start', { startTimestamp: null }, 'does not say when it started'],
    ['partially failed', { phase: 'PartiallyFailed', errors: 3 }, 'is PartiallyFailed (3 errors)'],
    [
      'failed',
      { phase: 'Failed', failureReason: 'api error NoSuchBucket: globex' },
      'is Failed (api error NoSuchBucket)',
    ],
    [
      'refused',
      { phase: 'FailedValidation', validationErrors: ['x'] },
      'is FailedValidation (1 reasons in its status)',
    ],
    ['still uploading', { phase: 'WaitingForPluginOperations' }, 'is WaitingForPluginOperations'],
    ['being finalised', { phase: 'Finalizing' }, 'is Finalizing'],
    ['queued', { phase: 'Queued' }, 'is Queued'],
    ['being deleted by Velero', { phase: 'Deleting' }, 'is Deleting'],
    [
      'dated in the future',
      { startTimestamp: '2026-12-18T01:00:00Z' },
      'is dated 2026-12-18T01:00:00Z, which is in the future',
    ],
    [
      'past its time, for Velero may delete it any minute',
      { expiration: '2026-11-26T00:00:00Z' },
      'expired at 2026-11-26T00:00:00Z',
    ],
    [
      'Completed with none of two CSI snapshots',
      { csiVolumeSnapshotsAttempted: 2, csiVolumeSnapshotsCompleted: 0 },
      'lacks volumes: 0 of 2 CSI volume snapshots completed',
    ],
    [
      'Completed with none of two CSI snapshots, the zero left out as Go does',
      { csiVolumeSnapshotsAttempted: 2 },
      'lacks volumes: 0 of 2 CSI volume snapshots completed',
    ],
    [
      'Completed with one of two native snapshots',
      { volumeSnapshotsAttempted: 2, volumeSnapshotsCompleted: 1 },
      'lacks volumes: 1 of 2 native volume snapshots completed',
    ],
    [
      'Completed with an upload that did not end',
      { backupItemOperationsAttempted: 2, backupItemOperationsCompleted: 1 },
      'lacks volumes: 1 of 2 operations such as uploads completed',
    ],
  ])('%s', (_, status, expected) => {
    expect(says(status)).toBe(expected);
  });

  it('lacks volumes where it is Completed and holds nothing', () => {
    expect(defectOf(backupOf('b', start, { progress: {} }), circumstances)?.lacksVolumes).toBe(true);
  });

  it('in deletion, without a status, or in a place from which nothing can be restored', () => {
    const backup = backupOf('b', start);
    const deleted = { ...backup, metadata: { ...backup.metadata, deletionTimestamp: start } };
    expect(defectOf(deleted, circumstances)?.says).toBe('is being deleted');
    const { status: _, ...untouched } = backup;
    expect(defectOf(untouched, circumstances)?.says).toBe('is New');
    const gone = { ...circumstances, storageDefect: (name: string) => `${name}, which does not exist` };
    expect(defectOf(backup, gone)?.says).toBe('lies in default, which does not exist');
  });
});

describe('the recovery point', () => {
  it('is the start of the newest backup that counts, in whatever order they come', () => {
    const backups = [
      backupOf('old', '2026-11-21T01:00:00Z'),
      backupOf('newest', '2026-11-23T01:00:00Z', { expiration: '2026-12-23T01:00:00Z' }),
      backupOf('failed', '2026-11-24T01:00:00Z', { phase: 'Failed' }),
      backupOf('middle', '2026-11-22T01:00:00Z'),
    ];
    const expected = {
      name: 'newest',
      time: new Date('2026-11-23T01:00:00Z'),
      until: new Date('2026-12-23T01:00:00Z'),
    };
    expect(newestRecoveryPoint(backups, circumstances)).toMatchObject(expected);
    expect(newestRecoveryPoint(backups.toReversed(), circumstances)).toMatchObject(expected);
  });

  it('is the same for two backups of one instant, in whatever order they come', () => {
    const twins = [backupOf('b', start), backupOf('a', start)];
    expect(newestRecoveryPoint(twins, circumstances)?.name).toBe('b');
    expect(newestRecoveryPoint(twins.toReversed(), circumstances)?.name).toBe('b');
  });

  it('does not exist without a backup that counts', () => {
    expect(newestRecoveryPoint([], circumstances)).toBeUndefined();
    expect(newestRecoveryPoint([backupOf('b', start, { phase: 'Failed' })], circumstances)).toBeUndefined();
  });

  it('is explained by the newest attempt after it', () => {
    const point = newestRecoveryPoint([backupOf('good', start)], circumstances);
    const before = backupOf('before', '2026-11-22T01:00:00Z', { phase: 'Failed' });
    const after = backupOf('after', '2026-11-24T01:00:00Z', { phase: 'Failed' });
    const latest = backupOf('latest', '2026-11-25T01:00:00Z', { phase: 'PartiallyFailed' });
    expect(newestAttempt([before], point, circumstances)).toBeUndefined();
    expect(newestAttempt([before, latest, after], point, circumstances)).toEqual({
      name: 'latest',
      says: 'is PartiallyFailed',
    });
    expect(newestAttempt([before], undefined, circumstances)?.name).toBe('before');
  });
});
