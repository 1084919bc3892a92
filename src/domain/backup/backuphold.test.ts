import { describe, expect, test } from 'vitest';
import { backedUpVM, backupOf } from './backup.fixtures.ts';
import { extensions, lastGoodBackups, nextExtension } from './backuphold.ts';

const now = new Date('2026-03-20T12:00:00Z');
const missed = (lastTransitionTime: string, status: 'True' | 'False' = 'False') => ({
  ...backedUpVM(),
  status: { conditions: [{ type: 'Provisioned', status, reason: 'DiskLost', message: '', lastTransitionTime }] },
});
const made = (name: string, day: string, expiration = '2026-04-30T01:00:00Z') =>
  backupOf(name, `2026-03-${day}T01:00:00Z`, { expiration });
const namesOf = (points: readonly { name: string }[]) => points.map(({ name }) => name);

describe('AP-13: the last good backup of a lost disk', () => {
  const backups = [made('old', '10'), made('good', '15'), made('late', '18')];

  test.each([
    ['is the newest that counts', missed('2026-03-19T00:00:00Z'), backups, ['late']],
    [
      'is also the newest from before, where a later one may lack the disk',
      missed('2026-03-16T00:00:00Z'),
      backups,
      ['late', 'good'],
    ],
    ['is the newest where the loss has just been seen', missed('2026-03-16T00:00:00Z', 'True'), backups, ['late']],
    ['is the newest where none is from before', missed('2026-03-01T00:00:00Z'), backups, ['late']],
    [
      'is none that failed',
      missed('2026-03-19T00:00:00Z'),
      [made('good', '15'), backupOf('bad', '2026-03-18T01:00:00Z', { phase: 'Failed' })],
      ['good'],
    ],
    [
      'is none that has only its labels',
      missed('2026-03-19T00:00:00Z'),
      [{ ...made('planted', '18'), spec: { includedNamespaces: ['other'] } }],
      [],
    ],
    ['is none where there is none', missed('2026-03-19T00:00:00Z'), [], []],
  ])('%s', (_, managedVM, there, held) => {
    expect(namesOf(lastGoodBackups(managedVM, there, now))).toEqual(held);
  });

  const pointsUntil = (expiration: string) => lastGoodBackups(backedUpVM(), [made('good', '15', expiration)], now);

  test.each([
    ['less than seven days are left', '2026-03-27T11:59:59Z', ['2026-04-03T12:00:00.000Z']],
    ['not when seven are left', '2026-03-27T12:00:00Z', []],
    ['not when more are left', '2026-05-01T00:00:00Z', []],
  ])('is moved to fourteen days ahead when %s', (_, expiration, moved) => {
    expect(extensions(pointsUntil(expiration), now).map(({ until }) => until.toISOString())).toEqual(moved);
  });

  test('is looked at again seven days before it expires', () => {
    expect(nextExtension(pointsUntil('2026-04-03T12:00:00Z'))).toEqual(new Date('2026-03-27T12:00:00Z'));
    expect(nextExtension([])).toBeUndefined();
  });
});
