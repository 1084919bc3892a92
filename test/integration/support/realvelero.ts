/** What tests ask of the real Velero, as its command line would. */
import { expect } from 'vitest';
import { NAMESPACE } from '../../../hack/testbed/velero/objects.ts';
import { VeleroBackup, VeleroSchedule } from '../../../src/api/upstream.ts';
import type { ResourceKind } from '../../../src/runtime/api/object.ts';
import type { Any, Api } from './api.ts';
import { eventually } from './eventually.ts';
import { instantOf } from './playedbackup.ts';

/** Velero looks at its Schedules, and into the store, once a minute; a backup of a few objects takes ten seconds. */
export const PATIENCE_MS = 180_000;

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

function backupsOf(api: Api, schedule: string): Promise<Any[]> {
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
