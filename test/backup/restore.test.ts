/** AP-13 on the real Velero: disks come back beside those that the VM has, each on a volume from its snapshot. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NAMESPACE } from '../../hack/testbed/velero/objects.ts';
import { changeRequest } from '../../src/api/changerequest.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { restore } from '../../src/api/restore.ts';
import { PersistentVolume, PersistentVolumeClaim, VeleroRestore } from '../../src/api/upstream.ts';
import type { Any } from '../integration/support/api.ts';
import { expectNoRefusals } from '../integration/support/cluster.ts';
import { eventually, gone, reads } from '../integration/support/eventually.ts';
import { decisionOn, type Order } from '../integration/support/orders.ts';
import { backedUp, completed, PATIENCE_MS, startVeleroCluster } from '../integration/support/realvelero.ts';

const large = { name: 'data', size: '5Gi' };
const ME = 'testbed-admin';

let bed: Awaited<ReturnType<typeof startVeleroCluster>>;

beforeAll(async () => {
  bed = await startVeleroCluster();
});
afterAll(() => bed?.stop());

function order(namespace: string, spec: object = {}): Promise<Any> {
  return bed.cluster.api.create(restore, {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'Restore',
    metadata: { name: 'again', namespace },
    spec: {
      ...{ managedVMRef: 'vm', point: { latest: 'Good' }, target: { inPlace: true } },
      ...{ reason: 'corrupted orders table', requestedBy: ME, ...spec },
    },
  } as Order);
}

/** A person of each party agrees to the change that an order has made. */
async function agree(namespace: string): Promise<void> {
  const { api } = bed.cluster;
  const { name, planHash } = await eventually(async () => {
    const { status } = await api.get(restore, namespace, 'again');
    const change = await api.get(changeRequest, namespace, status.change.name);
    expect(change.status?.planHash).toBeDefined();
    return { name: change.metadata.name, planHash: change.status.planHash };
  });
  for (const [party, decidedBy] of [
    ['Customer', 'anna'],
    ['Provider', 'kim'],
  ] as const) {
    const decision = decisionOn(namespace, decidedBy, name, planHash, { party, decidedBy });
    const as = [`--as=${decidedBy}`, '--as-group=system:masters'];
    await bed.cluster.kubectl(['create', '--filename', '-', ...as], JSON.stringify(decision));
  }
}

function over(namespace: string, phase: string): Promise<Any> {
  return eventually(async () => {
    const found = await bed.cluster.api.get(restore, namespace, 'again');
    expect(found.status?.phase, found.status?.message).toBe(phase);
    return found;
  }, PATIENCE_MS);
}

describe('a restore in place', () => {
  test('does nothing before it is agreed to; then each disk is on a volume of its own, and the old claims stay', async () => {
    const { api } = bed.cluster;
    const { vm, schedule } = await backedUp(api, 'inplace', large);
    await completed(api, schedule);
    await reads(api, managedVM, 'inplace', 'vm', { BackupCompliant: 'True/RecoveryPointGood' }, PATIENCE_MS);
    await order('inplace');
    expect((await over('inplace', 'Pending')).status.engine).toBeUndefined();
    await agree('inplace');
    // The machine is off as ordered, so that nothing can prove that it boots.
    const { metadata, status } = await over('inplace', 'Unproven');
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
