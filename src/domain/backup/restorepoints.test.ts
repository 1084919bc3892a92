import { expect, test } from 'vitest';
import type { ManagedVM } from '../../api/managedvm.ts';
import { backedUpVM, backupOf, backupPolicyOf, storageLocationOf } from './backup.fixtures.ts';
import { restorePoints } from './restorepoints.ts';

test('AP-13: a point is verified when a restore from the very backup has worked, not from another of its name', () => {
  const restore = { restore: 'again', time: '2026-11-24T09:00:00Z', seconds: 121 };
  const verified = [
    { ...restore, point: 'monday', pointTime: '2026-11-23T01:00:00Z' },
    { ...restore, point: 'tuesday', pointTime: '2026-10-24T01:00:00Z' },
  ];
  const vm = backedUpVM();
  const managedVM = { ...vm, status: { ...vm.status, backup: { policy: 'daily', verified } } } as ManagedVM;
  const points = restorePoints({
    ...{ managedVM, policy: backupPolicyOf(), permitted: ['default'], now: new Date('2026-11-25T00:00:00Z') },
    storageLocation: () => storageLocationOf('Available'),
    backups: [backupOf('monday', '2026-11-23T01:00:00Z'), backupOf('tuesday', '2026-11-24T01:00:00Z')],
  });
  expect(points.map(({ name, isVerified }) => [name, isVerified])).toEqual([
    ['monday', true],
    ['tuesday', false],
  ]);
});
