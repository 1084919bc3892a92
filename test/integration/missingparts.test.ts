import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CrdSet } from '../../hack/testbed/build/crds.ts';
import { backupPolicy } from '../../src/api/backuppolicy.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import {
  BackupStorageLocation,
  DataVolume,
  PrometheusRule,
  ServiceMonitor,
  VeleroSchedule,
  VirtualMachine,
} from '../../src/api/upstream.ts';
import { verdictOf } from './support/api.ts';
import { type Cluster, expectNoRefusals, startCluster } from './support/cluster.ts';
import { eventually, reads } from './support/eventually.ts';
import { dailyPolicy, linuxSystem, machine, storageLocation } from './support/orders.ts';

const NAMESPACE = 'early';

let cluster: Cluster;
let pid: number;

beforeAll(async () => {
  cluster = await startCluster({ kubevirt: false, crds: [] });
  pid = cluster.steward().pid;
  const { api } = cluster;
  await api.namespace(NAMESPACE);
  await api.create(operatingSystem, linuxSystem('debian-13'));
  await api.create(backupPolicy, dailyPolicy(NAMESPACE, 'daily'));
  await api.create(managedVM, machine(NAMESPACE, 'vm', { backupPolicyRef: { kind: 'BackupPolicy', name: 'daily' } }));
});

afterAll(() => cluster?.stop());

function install(set: CrdSet): Promise<string> {
  return cluster.kubectl(['apply', '--server-side', '-f', cluster.bed.crds[set]]);
}

/** The very process that was there at the start. */
function sameProcess(): void {
  expect(cluster.steward().pid).toBe(pid);
  expect(() => process.kill(pid, 0)).not.toThrow();
}

async function verdict(type: string): Promise<string> {
  return verdictOf(await cluster.api.get(managedVM, NAMESPACE, 'vm'), type);
}

describe('a part that is not installed is a condition, and picked up without a restart', () => {
  test('all of them at once', async () => {
    await reads(cluster.api, managedVM, NAMESPACE, 'vm', {
      Provisioned: 'False/KubeVirtNotInstalled',
      BackupCompliant: 'Unknown/VeleroNotInstalled',
      Monitored: 'False/PrometheusOperatorNotInstalled',
    });
    await reads(cluster.api, backupPolicy, NAMESPACE, 'daily', { Ready: 'False/VeleroNotInstalled' });
  });

  test('KubeVirt', async () => {
    await install('kubevirt');
    await eventually(() => cluster.api.get(VirtualMachine, NAMESPACE, 'vm'), 60_000);
    await reads(cluster.api, managedVM, NAMESPACE, 'vm', { Provisioned: 'False/CDINotInstalled' });
    sameProcess();
  });

  test('CDI', async () => {
    await install('cdi');
    await eventually(() => cluster.api.get(DataVolume, NAMESPACE, 'vm-root'), 60_000);
    await eventually(async () => expect(await verdict('Provisioned')).not.toContain('NotInstalled'));
    sameProcess();
  });

  test('Velero', async () => {
    await install('velero');
    await eventually(async () => expect(await cluster.api.list(VeleroSchedule, 'velero')).toHaveLength(1), 60_000);
    await cluster.api.create(BackupStorageLocation, storageLocation);
    await eventually(async () => expect(await verdict('BackupCompliant')).toBe('Unknown/NoBackupYet'));
    await reads(cluster.api, backupPolicy, NAMESPACE, 'daily', { Ready: 'True/InForce' });
    sameProcess();
  });

  test('prometheus-operator', async () => {
    await install('monitoring');
    await eventually(() => cluster.api.get(ServiceMonitor, NAMESPACE, 'vm-metrics'), 60_000);
    await eventually(() => cluster.api.get(PrometheusRule, NAMESPACE, 'steward-defaults'));
    await eventually(async () => expect(await verdict('Monitored')).not.toContain('NotInstalled'));
    sameProcess();
  });

  test('the roles of the chart were enough: no call was refused (Must show 4)', () => expectNoRefusals(cluster));
});
