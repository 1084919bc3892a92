/**
 * Steward's own disaster on the real Velero (docs/disaster.md): one control plane is lost, and another, empty one gets Steward back from its own
 * backup and from Git. Two of them never run at once. Played: the disks, which come back as objects that Velero would write.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { installChart, KEY_NAMESPACE, NAMESPACE } from '../../hack/steward/steward.ts';
import { NAMESPACE as VELERO } from '../../hack/testbed/velero/objects.ts';
import { startVelero, type Velero } from '../../hack/testbed/velero/velero.ts';
import { backupPolicy } from '../../src/api/backuppolicy.ts';
import { clusterBackupPolicy } from '../../src/api/clusterbackuppolicy.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import {
  DataVolume,
  PersistentVolumeClaim,
  Secret,
  VeleroBackup,
  VeleroRestore,
  VeleroSchedule,
} from '../../src/api/upstream.ts';
import type { KubeObject } from '../../src/runtime/api/object.ts';
import type { Any, Api } from '../integration/support/api.ts';
import { type Cluster, startCluster } from '../integration/support/cluster.ts';
import { consent } from '../integration/support/consent.ts';
import { eventually, reads } from '../integration/support/eventually.ts';
import { dailyPolicy, machine, standardBackups } from '../integration/support/orders.ts';
import { backedUp, completed, ended, startVeleroCluster } from '../integration/support/realvelero.ts';
import { RecordPlace, recorded, show } from '../integration/support/recordplace.ts';
import { backUp, restore } from '../integration/support/velero.ts';

const RECORDS = 'steward-records';
const withRecords = { 'records.enabled': 'true', 'records.replicas': '0' };
const main = join(import.meta.dirname, '../../src/main.ts');

const open: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of open.reverse()) await close();
});

/** Records as the chart's record writer may write them; exports go where no cluster is. */
async function recordsOf({ api, bed }: Cluster, folder: string): Promise<RecordPlace> {
  const kubeconfig = await bed.kubeconfigFor(NAMESPACE, 'steward-record');
  return new RecordPlace(api.client, kubeconfig, { namespace: RECORDS, folder });
}

/** What is stored of keys, without the names that hang on UIDs. */
async function keysIn(api: Api): Promise<readonly unknown[]> {
  return (await api.list(Secret, KEY_NAMESPACE)).map(({ data }) => data);
}

async function rejoin({ bed }: Cluster, ...words: string[]): Promise<{ code: number; text: string }> {
  const env = { ...process.env, KUBECONFIG: bed.adminKubeconfig };
  const told = promisify(execFile)(process.execPath, [main, 'rejoin', ...words], { env });
  return told.then(
    ({ stdout }) => ({ code: 0, text: stdout }),
    ({ code, stdout, stderr }) => ({ code, text: `${stdout}${stderr}` }),
  );
}

test('MO-16, AP-13: Steward comes back in an empty cluster: keys match, nothing is made anew, disks ask for consent, and the records go on', async () => {
  const root = await mkdtemp(join(tmpdir(), 'disaster-'));
  open.push(() => rm(root, { recursive: true, force: true }));
  const [store, folder] = [join(root, 'store'), join(root, 'records')];

  // The cluster that will be lost.
  const former = await startVeleroCluster({ store });
  open.push(() => former.stop());
  await former.cluster.api.create(clusterBackupPolicy, standardBackups('standard'));
  await installChart(former.cluster.bed, { ...withRecords, 'velero.ownBackup.enabled': 'true' });
  const { vm: lost } = await backedUp(former.cluster.api, 'acme');
  const given = lost.status.keys;
  const keys = await keysIn(former.cluster.api);
  expect(keys).toHaveLength(1);
  const disks = await backUp(former.cluster.api, 'acme', [PersistentVolumeClaim, DataVolume]);
  const before = await recordsOf(former.cluster, folder);
  const writer = before.writer();
  await show(writer, lost as KubeObject);
  await writer.tidy();
  expect(before.verified()).toMatchObject({ exitCode: 0 });
  const schedule = await former.cluster.api.get(VeleroSchedule, VELERO, 'steward-own');
  const { metadata: backup } = await completed(former.cluster.api, schedule);
  await former.stop();
  open.pop();

  // Another, with nothing in it: Velero first, Steward after what it brings back.
  const found = await startCluster({ kubevirt: false }, { chart: false });
  open.push(() => found.stop());
  const velero: Velero = await startVelero(found.bed, console.log, { store });
  open.push(() => velero.stop());
  const { api } = found;
  await eventually(() => api.get(VeleroBackup, VELERO, backup.name), 60_000);
  await found.kubectl(['apply', '--server-side', '--filename', '-'], JSON.stringify(restoreOf(backup.name)));
  const brought = await ended(api, VeleroRestore, { metadata: { name: 'steward' } });
  expect(brought.status, JSON.stringify(brought.status)).toMatchObject({ phase: 'Completed' });
  expect(await keysIn(api)).toEqual(keys);
  await api.get(clusterBackupPolicy, '', 'standard');
  await api.get(operatingSystem, '', 'debian-13');

  // Without Pods. Orders come from Git; nobody has looked at them yet.
  await installChart(found.bed, withRecords);
  await api.namespace('acme');
  await restore(api, 'acme', disks, () => true);
  await api.create(backupPolicy, dailyPolicy('acme', 'daily', { consistency: 'CrashConsistent' }));
  const order = { serviceLevel: 'Admin', powerState: 'Stopped', backupPolicyRef: { name: 'daily' } };
  const ordered = await api.create(
    managedVM,
    machine('acme', 'vm', { ...order, disks: [{ name: 'root', size: '20Gi' }] }),
  );
  expect(ordered.metadata.uid).not.toBe(lost.metadata.uid);

  // A person looks, and consents.
  const asked = await rejoin(found);
  expect(asked, asked.text).toMatchObject({ code: 1, text: expect.stringContaining('Nothing has been done') });
  expect(await keysIn(api)).toEqual(keys);
  const joined = await rejoin(found, '--consent');
  expect(joined, joined.text).toMatchObject({ code: 0, text: expect.stringContaining('acme/vm got the keys') });
  expect(await rejoin(found, '--consent')).toMatchObject({
    code: 0,
    text: expect.stringContaining('of its former self'),
  });

  // Steward starts: the disk asks, and what the guest is given is what it was given.
  await found.startSteward();
  await reads(api, managedVM, 'acme', 'vm', { Ready: 'False/DiskNeedsConsent' });
  await consent(found, 'acme', 'vm');
  const [claim] = await api.list(PersistentVolumeClaim, 'acme');
  const back: Any = await eventually(async () => {
    const vm = await api.get(managedVM, 'acme', 'vm');
    expect(vm.status.disks).toMatchObject([{ name: 'root', claimUID: claim?.metadata.uid }]);
    expect(vm.status.keys).toEqual(given);
    return vm;
  }, 60_000);
  // The former Secret stays until a person takes it away.
  expect(await keysIn(api)).toEqual([...keys, ...keys]);

  // The chain goes on, with a record of what happened, and is whole over the seam.
  const after = await recordsOf(found, folder);
  await after.askForRotation('brought back from a backup after the loss of the cluster, kim');
  const successor = after.writer();
  await show(successor, back as KubeObject);
  await successor.sweep(recorded, ({ uid }) => (uid === lost.metadata.uid ? 'Gone' : 'Unknown'));
  await successor.tidy();
  expect(after.verified()).toMatchObject({ exitCode: 0 });
  const told = await after.records();
  expect(told.map(({ what }) => what)).toEqual(expect.arrayContaining(['KeyNamed', 'Appeared', 'KeyRotated', 'Gone']));
  expect(JSON.stringify(told.find(({ what }) => what === 'KeyRotated'))).toContain('after the loss of the cluster');
});

/** As docs/disaster.md has it: of contracts their status comes too, which says what plans said when they began. */
function restoreOf(backupName: string): object {
  return {
    apiVersion: 'velero.io/v1',
    kind: 'Restore',
    metadata: { name: 'steward', namespace: VELERO },
    spec: { backupName, restoreStatus: { includedResources: ['contracts.managed.systems'] } },
  };
}
