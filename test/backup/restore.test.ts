/** AP-13 on the real Velero: disks come back beside those that the VM has, each on a volume from its snapshot. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NAMESPACE } from '../../hack/testbed/velero/objects.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { PersistentVolume, PersistentVolumeClaim, VeleroRestore } from '../../src/api/upstream.ts';
import type { Any } from '../integration/support/api.ts';
import { expectNoRefusals } from '../integration/support/cluster.ts';
import { gone, reads } from '../integration/support/eventually.ts';
import { agreeTo, orderRestore, standsIn } from '../integration/support/orderedrestore.ts';
import { backedUp, completed, PATIENCE_MS, startVeleroCluster } from '../integration/support/realvelero.ts';

const large = { name: 'data', size: '5Gi' };

let bed: Awaited<ReturnType<typeof startVeleroCluster>>;

beforeAll(async () => {
  bed = await startVeleroCluster();
});
afterAll(() => bed?.stop());

describe('a restore in place', () => {
  test('does nothing before it is agreed to; then each disk is on a volume of its own, and the old claims stay', async () => {
    const { api } = bed.cluster;
    const { vm, schedule } = await backedUp(api, 'inplace', large);
    await completed(api, schedule);
    await reads(api, managedVM, 'inplace', 'vm', { BackupCompliant: 'True/RecoveryPointGood' }, PATIENCE_MS);
    await orderRestore(bed.cluster, 'inplace');
    expect((await standsIn(bed.cluster, /^Pending$/, 'inplace')).status.engine).toBeUndefined();
    await agreeTo(bed.cluster, 'inplace');
    // The machine is off as ordered, so that nothing can prove that it boots.
    const { metadata, status } = await standsIn(bed.cluster, /^(Unproven|Succeeded|Failed)$/, 'inplace');
    expect(status.phase, status.message).toBe('Unproven');
    expect(status.disks).toHaveLength(2);
    const now = await api.get(managedVM, 'inplace', 'vm');
    for (const { disk, before, after } of status.disks) {
      const [was, is] = [
        await api.get(PersistentVolumeClaim, 'inplace', before.claim),
        await api.get(PersistentVolumeClaim, 'inplace', after.claim),
      ];
      expect(was.metadata.uid).toBe(vm.status.disks.find(({ name }: Any) => name === disk).claimUID);
      expect(is.spec.volumeName).not.toBe(was.spec.volumeName);
      expect(now.status.disks.find(({ name }: Any) => name === disk).claimUID).toBe(is.metadata.uid);
      const volume = await api.get(PersistentVolume, '', is.spec.volumeName);
      expect(volume.spec).toMatchObject({
        persistentVolumeReclaimPolicy: 'Delete',
        claimRef: { namespace: 'inplace', name: after.claim, uid: is.metadata.uid },
      });
    }
    await gone(api, VeleroRestore, NAMESPACE, `steward-${metadata.uid}`);
    expect(await api.list(PersistentVolumeClaim, NAMESPACE)).toEqual([]);
  });
});

test('the roles of the chart were enough: no call was refused', () => expectNoRefusals(bed.cluster));
