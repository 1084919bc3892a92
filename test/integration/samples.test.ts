import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { playStorageLocation } from '../../hack/steward/playedvelero.ts';
import { nameOf, promisesOf, type Sample, unkept } from '../../hack/steward/promises.ts';
import { backupPolicy } from '../../src/api/backuppolicy.ts';
import { clusterBackupPolicy } from '../../src/api/clusterbackuppolicy.ts';
import { clusterPatchPolicy } from '../../src/api/clusterpatchpolicy.ts';
import { contract } from '../../src/api/contract.ts';
import { maintenanceWindow } from '../../src/api/maintenancewindow.ts';
import { managedApplication } from '../../src/api/managedapplication.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { type OperatingSystemSpec, operatingSystem } from '../../src/api/operatingsystem.ts';
import { patchPolicy } from '../../src/api/patchpolicy.ts';
import { product } from '../../src/api/product.ts';
import { serviceCalendar } from '../../src/api/servicecalendar.ts';
import { servicePlan } from '../../src/api/serviceplan.ts';
import { DataVolume, VirtualMachineInstance } from '../../src/api/upstream.ts';
import { type Any, Pod } from './support/api.ts';
import { type Cluster, expectNoRefusals, startCluster } from './support/cluster.ts';
import { eventually, reads } from './support/eventually.ts';
import { machine } from './support/orders.ts';

const samples = join(import.meta.dirname, '../../config/samples');

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  await playStorageLocation(cluster.bed);
  await cluster.kubectl(['apply', '--server-side', '-k', samples]);
});

afterAll(() => cluster?.stop());

async function listed(): Promise<(Any & Sample)[]> {
  const lists = await Promise.all(
    [
      ...[managedVM, managedApplication, backupPolicy, maintenanceWindow, patchPolicy, clusterPatchPolicy],
      ...[clusterBackupPolicy, operatingSystem, product, serviceCalendar, servicePlan, contract],
    ].map(kind => cluster.api.list(kind)),
  );
  return lists.flat();
}

describe('config/samples on KubeVirt’s real webhooks and controller', () => {
  test('every object reaches the conditions that its annotation promises', async () => {
    const all = await listed();
    expect(all.filter(sample => sample.kind === 'ManagedVM' && promisesOf(sample).length === 0).map(nameOf)).toEqual(
      [],
    );
    await eventually(async () => expect((await listed()).flatMap(unkept)).toEqual([]), 90_000);
  });

  test('AP-1: the Product counts its orders', () =>
    eventually(async () => {
      expect((await cluster.api.get(product, '', 'postgresql')).status).toMatchObject({ applications: 1 });
    }));

  test('every VM, Linux and Windows, at every level, becomes a VMI and a launcher Pod (Must show 3)', async () => {
    const machines: Any[] = await cluster.api.list(managedVM);
    const systems: Any[] = await cluster.api.list(operatingSystem);
    const familyOf = (vm: Any): OperatingSystemSpec['family'] =>
      systems.find(({ metadata }) => metadata.name === vm.spec.operatingSystem)?.spec.family;
    const running = machines.filter(({ spec }) => spec.powerState === 'Running');
    for (const vm of running) {
      const { namespace, name } = vm.metadata;
      const instance = await cluster.api.get(VirtualMachineInstance, namespace, vm.spec.virtualMachineName ?? name);
      expect(instance.status.phase, name).toBe('Running');
      const pods = await cluster.api.list(Pod, namespace, `kubevirt.io/created-by=${instance.metadata.uid}`);
      expect(
        pods.map(({ status }) => status.phase),
        name,
      ).toEqual(['Running']);
    }
    const shown = new Set(running.map(vm => `${familyOf(vm)} ${vm.spec.serviceLevel}`));
    expect([...shown].sort()).toEqual([
      'Linux Admin',
      'Linux AdvancedMonitoringAndPatching',
      'Linux MonitoringAndPatching',
      'Windows Admin',
      'Windows AdvancedMonitoringAndPatching',
    ]);
  });

  test('every system whose image lies in a namespace of the provider is cloned under the rights of the chart (MO-1)', async () => {
    const { api } = cluster;
    const systems: Any[] = await api.list(operatingSystem);
    const cloned = systems.filter(({ spec }) => spec.image.dataSource !== undefined);
    expect(cloned.map(({ metadata }) => metadata.name).sort()).toEqual([
      'rhel-10',
      'rhel-9',
      'sles-15-sp7',
      'sles-16.0',
      'windows-server-2019',
      'windows-server-2022',
      'windows-server-2025',
    ]);
    const namespace = await api.namespace('every-image');
    for (const { metadata } of cloned) {
      const name = metadata.name.replace('.', '-');
      const order = { serviceLevel: 'Admin', operatingSystem: metadata.name, disks: [{ name: 'root' }] };
      await api.create(managedVM, machine(namespace, name, order));
    }
    for (const { metadata, spec } of cloned) {
      const name = metadata.name.replace('.', '-');
      await reads(api, managedVM, namespace, name, { Provisioned: 'True/DisksFilled' });
      const { sourceRef } = (await api.get(DataVolume, namespace, `${name}-root`)).spec;
      expect(sourceRef).toEqual({ kind: 'DataSource', ...spec.image.dataSource });
    }
  });

  test('the roles of the chart were enough: no call was refused (Must show 4)', () => expectNoRefusals(cluster));
});
