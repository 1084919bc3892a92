/** AP-6, AP-13 on the real Velero: what Steward renders is taken, and what comes of it is judged by what really is in the store. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startVelero, type Velero } from '../../hack/testbed/velero/velero.ts';
import { backupPolicy } from '../../src/api/backuppolicy.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import { VeleroBackup } from '../../src/api/upstream.ts';
import type { Any } from './support/api.ts';
import { type Cluster, expectNoRefusals, startCluster } from './support/cluster.ts';
import { eventually, reads } from './support/eventually.ts';
import { dailyPolicy, linuxSystem, machine } from './support/orders.ts';
import { schedulesOf } from './support/playedbackup.ts';
import { playSnapshotter } from './support/playedsnapshotter.ts';
import { ended, fire, PATIENCE_MS } from './support/realvelero.ts';

/** Of one test: what Velero does once a minute may have to come twice. */
const LONG_MS = 600_000;

const ending = new AbortController();
let cluster: Cluster;
let velero: Velero;

beforeAll(async () => {
  // Its machines are off, so nothing of KubeVirt has to run: its kinds are there.
  cluster = await startCluster({ kubevirt: false });
  const { api, bed } = cluster;
  await api.create(operatingSystem, linuxSystem('debian-13'));
  await playSnapshotter(api, ending.signal);
  velero = await startVelero(bed, console.log);
}, 900_000);

afterAll(async () => {
  ending.abort();
  await velero?.stop();
  await cluster?.stop();
});

/** A VM under the policy `daily`, its disks filled and its Schedule taken by Velero. It is off: nothing runs hooks in Pods here. */
async function backedUp(namespace: string): Promise<{ vm: Any; schedule: Any }> {
  const { api } = cluster;
  await api.namespace(namespace);
  await api.create(backupPolicy, dailyPolicy(namespace, 'daily', { consistency: 'CrashConsistent' }));
  const order = { serviceLevel: 'Admin', powerState: 'Stopped', backupPolicyRef: { name: 'daily' } };
  const root = { name: 'root', size: '20Gi' };
  await api.create(managedVM, machine(namespace, 'vm', { ...order, disks: [root] }));
  return eventually(async () => {
    const vm = await api.get(managedVM, namespace, 'vm');
    const [schedule] = await schedulesOf(api, vm);
    expect(schedule?.status?.phase).toBe('Enabled');
    expect(vm.status.disks.filter(({ filledAt }: Any) => filledAt)).toHaveLength(1);
    return { vm, schedule };
  }, PATIENCE_MS);
}

describe('AP-6, AP-13: a backup by a Schedule of Steward', () => {
  /** Newest first. */
  const inspectedOf = async (namespace: string): Promise<Any> =>
    (await cluster.api.get(managedVM, namespace, 'vm')).status.backup.inspected?.[0];

  test(
    'counts when each disk is found in the store; deleted, it comes back from there as another and is looked into again',
    async () => {
      const { api } = cluster;
      const { schedule } = await backedUp('deleted');
      const { metadata } = await ended(api, VeleroBackup, await fire(api, schedule));
      await reads(api, managedVM, 'deleted', 'vm', { BackupCompliant: 'True/RecoveryPointGood' });
      await api.remove(VeleroBackup, 'velero', metadata.name);
      const again = await eventually(async () => {
        const found = await api.get(VeleroBackup, 'velero', metadata.name);
        expect(found.metadata.uid).not.toBe(metadata.uid);
        return found;
      }, PATIENCE_MS);
      await eventually(async () => expect((await inspectedOf('deleted'))?.uid).toBe(again.metadata.uid));
      await reads(api, managedVM, 'deleted', 'vm', { BackupCompliant: 'True/RecoveryPointGood' });
    },
    LONG_MS,
  );
});

test('the roles of the chart were enough: no call was refused', () => expectNoRefusals(cluster));
