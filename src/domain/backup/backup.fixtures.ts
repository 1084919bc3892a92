import { type BackupPolicy, BackupPolicySpec } from '../../api/backuppolicy.ts';
import type { ClusterBackupPolicy } from '../../api/clusterbackuppolicy.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { managedVMOf } from '../managedvm/rendering.fixtures.ts';
import type { BackupBounds } from './backupplan.ts';
import type { Contents } from './inspections.ts';
import { renderSchedules } from './schedules.ts';
import type { BackupStorageLocation, VeleroBackup, VeleroSchedule } from './velero.ts';
import type { VolumeData } from './volumeinfos.ts';

const velero = 'velero.io/v1';

/** The provider's bounds as the chart sets them. */
export const bounds: BackupBounds = { minimumInterval: 900_000, maximumRetention: 87_600 * 3_600_000 };

/** A policy as the API server returns it: daily at 01:00 UTC, at most 26 hours old. */
export function backupPolicyOf(spec: Record<string, unknown> = {}): BackupPolicy {
  return {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'BackupPolicy',
    metadata: { name: 'daily', namespace: 'acme', generation: 3 },
    spec: BackupPolicySpec.parse({
      tiers: [{ name: 'daily', schedule: '0 1 * * *', retention: '720h' }],
      timeZone: 'UTC',
      recoveryPointObjective: '26h',
      ...spec,
    }),
  };
}

/** The same, as the provider's. */
export function clusterBackupPolicyOf(spec: Record<string, unknown> = {}): ClusterBackupPolicy {
  const { namespace: _, ...metadata } = backupPolicyOf().metadata;
  return { ...backupPolicyOf(spec), kind: 'ClusterBackupPolicy', metadata };
}

/** A ManagedVM that names the policy `daily`. */
export function backedUpVM(name = 'shop-db', spec: Record<string, unknown> = {}): ManagedVM {
  const ordered = { serviceLevel: 'Admin', operatingSystem: 'debian-13', backupPolicyRef: { name: 'daily' }, ...spec };
  const disks = [{ name: 'root', claim: `${name}-root`, filledAt: '2026-01-01T00:00:00Z' }];
  return { ...managedVMOf(ordered, { name }), status: { disks } };
}

/** A Backup as Velero makes it from the Schedule of `shop-db`, or of another VM, when it is done. */
export function backupOf(
  name: string,
  startTimestamp?: string,
  status: VeleroBackup['status'] = {},
  managedVM: ManagedVM = backedUpVM(),
): VeleroBackup {
  const [schedule] = renderSchedules({ managedVM, policy: backupPolicyOf(), veleroNamespace: 'velero' });
  if (schedule === undefined) throw new Error('the policy has no tier');
  const { metadata, ...template } = (schedule.spec as { template: { metadata: { labels: Record<string, string> } } })
    .template;
  const labels = { ...metadata.labels, 'velero.io/schedule-name': schedule.metadata.name };
  const creation = startTimestamp ? { creationTimestamp: startTimestamp } : {};
  return {
    apiVersion: velero,
    kind: 'Backup',
    metadata: { name, namespace: 'velero', uid: `uid-of-${name}`, labels, ...creation },
    spec: template,
    status: {
      phase: 'Completed',
      progress: { totalItems: 12, itemsBackedUp: 12 },
      ...(startTimestamp ? { startTimestamp } : {}),
      ...status,
    },
  };
}

/** What is read of a backup of `shop-db` that holds its one disk so. */
export function contentsWith(data: VolumeData = 'Held'): Contents {
  return { volumes: new Map([['acme/shop-db-root', data]]) };
}

export function scheduleOf(
  creationTimestamp: string,
  status: VeleroSchedule['status'] = { phase: 'Enabled' },
): VeleroSchedule {
  return { apiVersion: velero, kind: 'Schedule', metadata: { name: 'acme-shop-db-daily', creationTimestamp }, status };
}

export function storageLocationOf(
  phase: string | undefined,
  rest: { accessMode?: string; message?: string } = {},
): BackupStorageLocation {
  const { accessMode, message } = rest;
  return {
    apiVersion: velero,
    kind: 'BackupStorageLocation',
    metadata: { name: 'default', namespace: 'velero' },
    spec: accessMode === undefined ? {} : { accessMode },
    status: { ...(phase === undefined ? {} : { phase }), ...(message === undefined ? {} : { message }) },
  };
}
