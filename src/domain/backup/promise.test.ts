import { describe, expect, it } from 'vitest';
import { factsOf, operatingSystem } from '../managedvm/assessment.fixtures.ts';
import { backedUpVM, backupOf, contentsWith } from './backup.fixtures.ts';
import type { BackupFacts } from './facts.ts';
import { backup as promise } from './promise.ts';

const now = new Date('2026-11-24T00:00:00Z');
const monday = backupOf('monday', '2026-11-23T01:00:00Z');

/** Kinds and names of what is wanted in Velero's namespace. */
const wanted = (changed: Partial<BackupFacts> = {}) => {
  const managedVM = backedUpVM();
  const facts = factsOf({ managedVM, backup: { backups: [monday], ...changed } });
  const { apply } = promise.children({ managedVM, facts, now, operatingSystem: operatingSystem() });
  return apply.flatMap(child => ('kind' in child ? [[child.kind, child.metadata.name, child.spec]] : []));
};
const questions = (changed: Partial<BackupFacts> = {}) =>
  wanted(changed).filter(([kind]) => kind === 'DownloadRequest');

describe('AP-13: what Velero is asked', () => {
  it('is what the newest backup holds, while nobody knows', () => {
    const target = { kind: 'BackupVolumeInfos', name: 'monday' };
    expect(questions()).toEqual([['DownloadRequest', 'steward-uid-of-monday', { target }]]);
  });

  it.each<[string, Partial<BackupFacts>]>([
    ['where that has been read', { contents: () => contentsWith('Held') }],
    ['where it is bad news', { contents: () => contentsWith('Skipped') }],
    [
      'while the store that did not answer has its rest',
      { contents: () => ({ failure: 'x', retryAt: new Date('2026-11-25') }) },
    ],
    ['where there is no backup', { backups: [] }],
    ['where Velero cannot be read', { veleroAvailable: false }],
    ['where Velero is not installed', { installed: false, veleroAvailable: false }],
  ])('is nothing %s', (_, changed) => {
    expect(questions(changed)).toEqual([]);
  });

  it('goes on where the policy has gone, for the backups are still there', () => {
    expect(questions({ policy: undefined })).toHaveLength(1);
  });
});
