/** AP-6, AP-13 on the real Velero, a sample of test/backup: what it calls Completed is judged by what really is in the store. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { managedVM } from '../../src/api/managedvm.ts';
import { conditionOf } from './support/api.ts';
import { expectNoRefusals } from './support/cluster.ts';
import { reads } from './support/eventually.ts';
import { backedUp, completed, LONG_MS, startVeleroCluster } from './support/realvelero.ts';

let bed: Awaited<ReturnType<typeof startVeleroCluster>>;

beforeAll(async () => {
  bed = await startVeleroCluster();
}, 900_000);
afterAll(() => bed?.stop());

describe('AP-6, AP-13: a backup by a Schedule of Steward', () => {
  test(
    'counts when each disk is found in the store',
    async () => {
      const { api } = bed.cluster;
      const { schedule } = await backedUp(api, 'held');
      const { metadata } = await completed(api, schedule);
      const { status } = await reads(api, managedVM, 'held', 'vm', { BackupCompliant: 'True/RecoveryPointGood' });
      expect(status.backup.lastBackup).toBe(metadata.name);
    },
    LONG_MS,
  );

  test(
    'is a breach where Velero calls it Completed and has skipped a disk',
    async () => {
      const { api } = bed.cluster;
      const { schedule } = await backedUp(api, 'skipped', { name: 'data', size: '1Gi' });
      const { metadata } = await completed(api, schedule);
      const broken = { BackupCompliant: 'False/VolumesMissing', SLACompliant: 'False/PromiseBroken' };
      const vm = await reads(api, managedVM, 'skipped', 'vm', broken);
      expect(vm.status.backup.lastBackup).toBeUndefined();
      expect(conditionOf(vm, 'BackupCompliant')?.message).toContain(
        `Backup ${metadata.name} is Completed and lacks 1 of 2 disks: data (Velero skipped it).`,
      );
    },
    LONG_MS,
  );
});

test('the roles of the chart were enough: no call was refused', () => expectNoRefusals(bed.cluster));
