/** A cluster with Steward and the real Velero, and what tests ask of Velero, as its command line would. */
import { join } from 'node:path';
import { expect } from 'vitest';
import { type StewardProcess, startSteward } from '../../../hack/steward/steward.ts';
import { pathOf } from '../../../hack/testbed/client/path.ts';
import { NAMESPACE } from '../../../hack/testbed/velero/objects.ts';
import { startVelero, type Velero, type VeleroOptions } from '../../../hack/testbed/velero/velero.ts';
import { backupPolicy } from '../../../src/api/backuppolicy.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { operatingSystem } from '../../../src/api/operatingsystem.ts';
import { VeleroBackup, VeleroSchedule, VirtualMachine } from '../../../src/api/upstream.ts';
import type { ResourceKind } from '../../../src/runtime/api/object.ts';
import { type Any, type Api, ConfigMap } from './api.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { eventually } from './eventually.ts';
import { dailyPolicy, linuxSystem, machine } from './orders.ts';
import { instantOf, schedulesOf } from './playedbackup.ts';
import { playSnapshotter, type Snapshotter } from './playedsnapshotter.ts';

export const DeleteBackupRequest: ResourceKind = {
  ...VeleroBackup,
  ...{ kind: 'DeleteBackupRequest', plural: 'deletebackuprequests' },
};

/** Velero looks at its Schedules, and into the store, once a minute; a backup of a few objects takes ten seconds. */
export const PATIENCE_MS = 180_000;
/** Of one test: what Velero does once a minute may have to come twice. */
export const LONG_MS = 600_000;

/** A rule of the provider's for all backups, forgotten or meant for others: disks of up to 2 GiB are left out. */
const SKIPPING = 'skipped-volumes';
const skipSmallDisks = `version: v1
volumePolicies:
  - conditions: {capacity: "0,2Gi"}
    action: {type: skip}
`;

export type VeleroCluster = { readonly cluster: Cluster; readonly velero: Velero; readonly snapshotter: Snapshotter };

/**
 * Its machines are off, so nothing of KubeVirt has to run: its kinds are there. Velero leaves out disks of up to 2 GiB. Steward has no lease to
 * lose where something else takes the machine for half a minute: nobody here would start it anew.
 */
export async function startVeleroCluster(
  options: VeleroOptions = {},
): Promise<VeleroCluster & { stop(): Promise<void> }> {
  const cluster = await startCluster({ kubevirt: false }, { environment: { STEWARD_LEADER_ELECTION: 'false' } });
  const { api, bed } = cluster;
  const snapshotter = playSnapshotter(api);
  let velero: Velero | undefined;
  const stop = async () => {
    snapshotter.stop();
    await velero?.stop();
    await cluster.stop();
  };
  try {
    await api.create(operatingSystem, linuxSystem('debian-13'));
    await api.create(ConfigMap, {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: SKIPPING, namespace: NAMESPACE } },
      ...{ data: { policies: skipSmallDisks } },
    });
    await snapshotter.start();
    const flags = [`--global-backup-volume-policies-configmap=${SKIPPING}`, ...(options.flags ?? [])];
    velero = await startVelero(bed, console.log, { ...options, flags });
    return { cluster, velero, snapshotter, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Another Steward, whose clock is ahead; the one that runs must have been stopped. */
export async function startStewardAhead({ bed }: Cluster, milliseconds: number): Promise<StewardProcess> {
  const environment = { STEWARD_TEST_AHEAD_MS: `${milliseconds}`, STEWARD_LEADER_ELECTION: 'false' };
  const steward = await startSteward(bed, { preload: join(import.meta.dirname, 'atlater.ts'), environment });
  await steward.ready();
  return steward;
}

/** A VM under the policy `daily`, its disks filled and its Schedule taken by Velero. It is off: nothing runs hooks in Pods here. */
export async function backedUp(
  api: Api,
  namespace: string,
  ...disks: readonly { readonly name: string; readonly size: string }[]
): Promise<{ vm: Any; schedule: Any }> {
  await api.namespace(namespace);
  await api.create(backupPolicy, dailyPolicy(namespace, 'daily', { consistency: 'CrashConsistent' }));
  const order = { serviceLevel: 'Admin', powerState: 'Stopped', backupPolicyRef: { name: 'daily' } };
  const root = { name: 'root', size: '20Gi' };
  await api.create(managedVM, machine(namespace, 'vm', { ...order, disks: [root, ...disks] }));
  await playPowerOff(api, namespace);
  return eventually(async () => {
    const vm = await api.get(managedVM, namespace, 'vm');
    const [schedule] = await schedulesOf(api, vm);
    expect(schedule, `a Schedule of ${namespace}/vm`).toBeDefined();
    expect(schedule.status?.phase, `phase of Schedule ${schedule.metadata.name}`).toBe('Enabled');
    expect(vm.status.disks.filter(({ filledAt }: Any) => filledAt)).toHaveLength(1 + disks.length);
    return { vm, schedule };
  }, PATIENCE_MS);
}

/**
 * PLAYED, not real: KubeVirt's word on a VM that is off, whatever Steward writes into it next. While that word is missing, Steward tells what
 * changes of the VM once a minute at most.
 */
export async function playPowerOff(api: Api, namespace: string): Promise<void> {
  await eventually(async () => {
    const conditions = [{ type: 'Ready', status: 'False', reason: 'VMINotExists', message: 'VMI does not exist' }];
    const status = { printableStatus: 'Stopped', desiredGeneration: 1_000, conditions };
    await api.client.patch('merge', `${pathOf(VirtualMachine, namespace, 'vm')}/status`, { status });
  }, PATIENCE_MS);
}

/**
 * Makes Velero take a Schedule for due now, as if its last run were two days ago, and returns the Backup that it makes. A Schedule is looked
 * at once a minute, and when it is changed: to pause one and let it go on again is a change that Steward leaves alone.
 */
export async function fire(api: Api, { metadata: { name } }: Any): Promise<Any> {
  const made = await backupsOf(api, name);
  await api.edit(VeleroSchedule, NAMESPACE, name, { spec: { paused: true }, status: { lastBackup: instantOf(-48) } });
  await api.edit(VeleroSchedule, NAMESPACE, name, { spec: { paused: false } });
  const known = new Set(made.map(({ metadata }) => metadata.uid));
  return eventually(async () => {
    const another = (await backupsOf(api, name)).find(({ metadata }) => !known.has(metadata.uid));
    expect(another, `a Backup of Schedule ${name}`).toBeDefined();
    return another;
  }, PATIENCE_MS);
}

export function backupsOf(api: Api, schedule: string): Promise<Any[]> {
  return api.list(VeleroBackup, NAMESPACE, `velero.io/schedule-name=${schedule}`);
}

/** Waits until a Backup or a Restore has come to an end, and returns it. */
export function ended(api: Api, kind: ResourceKind, { metadata: { name } }: Any): Promise<Any> {
  return eventually(async () => {
    const object = await api.get(kind, NAMESPACE, name);
    expect(object.status?.phase).toMatch(/^(Completed|PartiallyFailed|Failed|FailedValidation)$/);
    return object;
  }, PATIENCE_MS);
}

/** A backup that Velero calls Completed, by a Schedule that it takes for due now. */
export async function completed(api: Api, schedule: Any): Promise<Any> {
  const backup = await ended(api, VeleroBackup, await fire(api, schedule));
  expect(backup.status.phase, JSON.stringify(backup.status)).toBe('Completed');
  expect(backup.status.errors ?? 0).toBe(0);
  return backup;
}
