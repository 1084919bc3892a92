import { type BackupPolicy, BackupPolicySpec } from '../api/backuppolicy.ts';
import type { ManagedVM } from '../api/managedvm.ts';
import { managedVMOf } from './rendering.fixtures.ts';
import type { BackupStorageLocation, VeleroBackup, VeleroSchedule } from './velero.ts';

const velero = 'velero.io/v1';

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

/** A ManagedVM that names the policy `daily`. */
export function backedUpVM(name = 'shop-db', spec: Record<string, unknown> = {}): ManagedVM {
  return managedVMOf(
    { serviceLevel: 'Admin', operatingSystem: 'debian-13', backupPolicyRef: { name: 'daily' }, ...spec },
    { name },
  );
}

export function backupOf(name: string, startTimestamp?: string, status: VeleroBackup['status'] = {}): VeleroBackup {
  return {
    apiVersion: velero,
    kind: 'Backup',
    metadata: { name, namespace: 'velero', ...(startTimestamp ? { creationTimestamp: startTimestamp } : {}) },
    status: {
      phase: 'Completed',
      progress: { totalItems: 12, itemsBackedUp: 12 },
      ...(startTimestamp ? { startTimestamp } : {}),
      ...status,
    },
  };
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
