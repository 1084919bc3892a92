import { describe, expect, it } from 'vitest';
import { backupOf } from './backup.fixtures.ts';
import { isUsable, newestAttempt, newestRecoveryPoint } from './recoverypoint.ts';

const start = '2026-11-23T01:00:00Z';

describe('AP-13: a backup is usable', () => {
  it.each([
    ['completed without errors', {}, true],
    ['completed by a Velero that reports no progress', { progress: null }, true],
    ['completed, all hooks done', { hookStatus: { hooksFailed: 0 } }, true],
    ['completed, a hook failed', { hookStatus: { hooksFailed: 1 } }, false],
    ['completed with errors', { errors: 1 }, false],
    ['completed with nothing in it, because its selector matched nothing', { progress: {} }, false],
    ['completed without a start', { startTimestamp: null }, false],
    ['partially failed', { phase: 'PartiallyFailed' }, false],
    ['failed', { phase: 'Failed' }, false],
    ['refused', { phase: 'FailedValidation' }, false],
    ['still uploading', { phase: 'WaitingForPluginOperations' }, false],
    ['being finalised', { phase: 'Finalizing' }, false],
    ['queued', { phase: 'Queued' }, false],
    ['being deleted', { phase: 'Deleting' }, false],
  ])('%s: %#', (_, status, usable) => {
    expect(isUsable(backupOf('b', start, status))).toBe(usable);
  });

  it('unless it is in deletion or has no status', () => {
    const backup = backupOf('b', start);
    expect(isUsable({ ...backup, metadata: { ...backup.metadata, deletionTimestamp: start } })).toBe(false);
    const { status: _, ...untouched } = backup;
    expect(isUsable(untouched)).toBe(false);
  });
});

describe('the recovery point', () => {
  it('is the start of the newest usable backup, in whatever order they come', () => {
    const backups = [
      backupOf('old', '2026-11-21T01:00:00Z'),
      backupOf('newest', '2026-11-23T01:00:00Z'),
      backupOf('failed', '2026-11-24T01:00:00Z', { phase: 'Failed' }),
      backupOf('middle', '2026-11-22T01:00:00Z'),
    ];
    const expected = { backup: 'newest', time: new Date('2026-11-23T01:00:00Z') };
    expect(newestRecoveryPoint(backups)).toEqual(expected);
    expect(newestRecoveryPoint(backups.toReversed())).toEqual(expected);
  });

  it('is the same for two backups of one instant, in whatever order they come', () => {
    const twins = [backupOf('b', start), backupOf('a', start)];
    expect(newestRecoveryPoint(twins)?.backup).toBe('b');
    expect(newestRecoveryPoint(twins.toReversed())?.backup).toBe('b');
  });

  it('does not exist without a usable backup', () => {
    expect(newestRecoveryPoint([])).toBeUndefined();
    expect(newestRecoveryPoint([backupOf('b', start, { phase: 'Failed' })])).toBeUndefined();
  });

  it('is explained by the newest attempt after it', () => {
    const point = { backup: 'good', time: new Date(start) };
    const before = backupOf('before', '2026-11-22T01:00:00Z', { phase: 'Failed' });
    const after = backupOf('after', '2026-11-24T01:00:00Z', { phase: 'Failed' });
    const latest = backupOf('latest', '2026-11-25T01:00:00Z', { phase: 'PartiallyFailed' });
    expect(newestAttempt([before], point)).toBeUndefined();
    expect(newestAttempt([before, latest, after], point)?.metadata.name).toBe('latest');
    expect(newestAttempt([before], undefined)?.metadata.name).toBe('before');
  });
});
