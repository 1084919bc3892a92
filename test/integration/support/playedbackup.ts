import { VeleroBackup, VeleroSchedule } from '../../../src/api/upstream.ts';
import type { Any, Api } from './api.ts';

type Played = {
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly storageLocation?: string;
  /** Fields of the status besides those of a backup that has just been completed. */
  readonly status?: Readonly<Record<string, unknown>>;
};

/** The Schedules of a ManagedVM, as they are in Velero's namespace. */
export function schedulesOf(api: Api, { metadata: { uid } }: Any): Promise<Any[]> {
  return api.list(VeleroSchedule, 'velero', `managed.systems/owner-uid=${uid}`);
}

export function instantOf(hoursFromNow: number): string {
  return `${new Date(Date.now() + hoursFromNow * 3_600_000).toISOString().slice(0, 19)}Z`;
}

/**
 * Plays Velero v1.18: a Backup as it makes one from a Schedule (pkg/builder/backup_builder.go FromSchedule), with what it adds to the spec
 * (pkg/controller/backup_controller.go prepareBackupRequest), and as it leaves it when it is done.
 */
export function playBackup(api: Api, schedule: Any, played: Played = {}): Promise<Any> {
  const { metadata, ...template } = schedule.spec.template;
  const start = instantOf(-1);
  const added = ['nodes', 'events', 'events.events.k8s.io', 'backups.velero.io', 'restores.velero.io'];
  return api.create(VeleroBackup, {
    apiVersion: 'velero.io/v1',
    kind: 'Backup',
    metadata: {
      name: played.name ?? `${schedule.metadata.name}-${start.replaceAll(/[^0-9]/g, '')}`,
      namespace: 'velero',
      labels: { ...metadata.labels, 'velero.io/schedule-name': schedule.metadata.name, ...played.labels },
    },
    spec: {
      ...template,
      excludedResources: [...template.excludedResources, ...added],
      storageLocation: played.storageLocation ?? template.storageLocation,
      csiSnapshotTimeout: '10m0s',
      itemOperationTimeout: '4h0m0s',
    },
    status: {
      phase: 'Completed',
      ...{ startTimestamp: start, completionTimestamp: start, expiration: instantOf(720) },
      progress: { totalItems: 9, itemsBackedUp: 9 },
      hookStatus: {},
      ...played.status,
    },
  } as Parameters<Api['create']>[1]);
}
