/** AP-13 on the real Velero: Steward asks it whether it lives and what it has, and says where it does not, or lacks a plug-in. */
import { readlink, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StewardProcess } from '../../hack/steward/steward.ts';
import { NAMESPACE } from '../../hack/testbed/velero/objects.ts';
import { backupPolicy } from '../../src/api/backuppolicy.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { ServerStatusRequest } from '../../src/api/upstream.ts';
import { type Any, conditionOf } from '../integration/support/api.ts';
import { expectNoRefusals } from '../integration/support/cluster.ts';
import { eventually, reads } from '../integration/support/eventually.ts';
import { dailyPolicy } from '../integration/support/orders.ts';
import { backedUp, PATIENCE_MS, startStewardAhead, startVeleroCluster } from '../integration/support/realvelero.ts';

const AVAILABLE = { StorageAvailable: 'True/StorageLocationAvailable' };

let bed: Awaited<ReturnType<typeof startVeleroCluster>>;
let later: StewardProcess | undefined;

beforeAll(async () => {
  bed = await startVeleroCluster();
  await backedUp(bed.cluster.api, 'shop');
});
afterAll(async () => {
  await later?.stop('SIGKILL');
  await bed?.stop();
});

const saysVM = (verdicts: Readonly<Record<string, string>>) =>
  reads(bed.cluster.api, managedVM, 'shop', 'vm', verdicts, PATIENCE_MS);
const saysPolicy = (Ready: string) => reads(bed.cluster.api, backupPolicy, 'shop', 'daily', { Ready }, PATIENCE_MS);

const namesIn = ({ status }: Any): readonly string[] => status.plugins.map(({ name }: Any) => name);

/** Both policies, the one that asks first: of the same second it is the one with the lesser UID. */
async function byAge(): Promise<Any[]> {
  const policies = await Promise.all(['shop', 'other'].map(each => bed.cluster.api.get(backupPolicy, each, 'daily')));
  const age = ({ metadata }: Any) => `${metadata.creationTimestamp} ${metadata.uid}`;
  return policies.toSorted((a, b) => age(a).localeCompare(age(b)));
}

/** The one question, answered; `after`: not that one. */
function answer(after?: Any): Promise<Any> {
  return eventually(async () => {
    const questions = await bed.cluster.api.list(ServerStatusRequest, NAMESPACE);
    expect(questions).toHaveLength(1);
    expect(questions[0].metadata.uid).not.toBe(after?.metadata.uid);
    expect(questions[0].status?.phase).toBe('Processed');
    return questions[0];
  }, PATIENCE_MS);
}

test('one policy asks Velero in the name of all: it answers with its version and its plug-ins', async () => {
  const { api } = bed.cluster;
  await api.namespace('other');
  await api.create(backupPolicy, dailyPolicy('other', 'daily'));
  await reads(api, backupPolicy, 'other', 'daily', { Ready: 'True/InForce' });
  const [older] = await byAge();
  const status = await eventually(async () => {
    const asked = await answer();
    expect(asked.metadata.name).toBe(`steward-${older?.metadata.uid}`);
    return asked.status;
  });
  expect(status.serverVersion).toMatch(/^v1\.18\./);
  expect(namesIn({ status })).toEqual(
    expect.arrayContaining(['velero.io/aws', 'kubevirt-velero-plugin/backup-virtualmachine-action']),
  );
  await saysVM(AVAILABLE);
  await saysPolicy('True/InForce');
});

test('a question that has gone is asked again', async () => {
  const before = await answer();
  await bed.cluster.api.remove(ServerStatusRequest, NAMESPACE, before.metadata.name);
  await answer(before);
});

test('a Velero without the plug-in for KubeVirt is told on VM and policy, until it has it', async () => {
  const link = join(bed.cluster.bed.dir, 'velero/plugins/kubevirt-velero-plugin');
  const program = await readlink(link);
  const restarted = async () => {
    const before = await answer();
    await bed.velero.start();
    // A new server leaves the answer of the former one for five minutes.
    await bed.cluster.api.remove(ServerStatusRequest, NAMESPACE, before.metadata.name);
    return namesIn(await answer(before));
  };
  await bed.velero.kill();
  await rm(link);
  expect(await restarted()).not.toContain('kubevirt-velero-plugin/backup-virtualmachine-action');
  const vm = await saysVM({
    BackupCompliant: 'False/VeleroPluginMissing',
    StorageAvailable: 'False/VeleroPluginMissing',
  });
  expect(conditionOf(vm, 'StorageAvailable')?.message).toMatch(
    /^Velero v1\.18\.\d+ lacks plug-ins: no kubevirt-velero-plugin, so what belongs to a VM is not brought along\.$/,
  );
  await saysPolicy('False/VeleroPluginMissing');
  await bed.velero.kill();
  await symlink(program, link);
  await restarted();
  await saysVM(AVAILABLE);
  await saysPolicy('True/InForce');
});

test('a Velero that is gone for ten minutes is silent, on VM and policy, until it is back', async () => {
  await answer();
  await bed.velero.kill();
  await bed.cluster.steward().stop();
  later = await startStewardAhead(bed.cluster, 11 * 60_000);
  const vm = await saysVM({ BackupCompliant: 'False/VeleroSilent', StorageAvailable: 'False/VeleroSilent' });
  expect(conditionOf(vm, 'StorageAvailable')?.message).toMatch(
    /^Velero gives no sign of life since \d{4}-.*, so no backups are made\.$/,
  );
  await saysPolicy('False/VeleroSilent');
  await later.stop();
  await bed.velero.start();
  await bed.cluster.startSteward();
  await saysVM(AVAILABLE);
  await saysPolicy('True/InForce');
});

test('the question of a policy that is deleted goes, and another policy asks', async () => {
  const before = await answer();
  const [older, other] = await byAge();
  await bed.cluster.api.remove(backupPolicy, older?.metadata.namespace, 'daily');
  const { metadata } = await answer(before);
  expect(metadata.name).toBe(`steward-${other?.metadata.uid}`);
});

test('the roles of the chart were enough: no call was refused', () => expectNoRefusals(bed.cluster));
