import { describe, expect, it } from 'vitest';
import { backupOf } from './backup.fixtures.ts';
import { pileUpMessage } from './pileup.ts';
import type { VeleroBackup } from './velero.ts';

function made(creationTimestamp: string, phase: string): VeleroBackup {
  const backup = backupOf(creationTimestamp, undefined, { phase });
  return { ...backup, metadata: { ...backup.metadata, creationTimestamp } };
}

describe('AP-13: backups that pile up', () => {
  it('are counted, with the oldest of those that Velero has not begun', () => {
    const backups = [
      made('2026-11-25T01:00:00Z', 'Queued'),
      made('2026-11-22T01:00:00Z', 'InProgress'),
      made('2026-11-24T01:00:00Z', 'ReadyToStart'),
      made('2026-11-21T01:00:00Z', 'Completed'),
      made('2026-11-26T01:00:00Z', 'New'),
    ];
    expect(pileUpMessage(backups)).toEqual([
      '3 Backups wait for Velero to begin them, the oldest since 2026-11-24T01:00:00Z.',
    ]);
  });

  it('are none where one waits: that is told as the newest attempt', () => {
    expect(pileUpMessage([made('2026-11-25T01:00:00Z', 'Queued')])).toEqual([]);
    expect(pileUpMessage([])).toEqual([]);
  });
});
