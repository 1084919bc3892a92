import { at, textAt, timeAt } from '../contract/json.ts';

/**
 * What the platform does with a running VM, in words for a sentence, beside which nothing begins that changes its guest; undefined: nothing. KubeVirt tells
 * it of a VirtualMachineInstance (`status.migrationState`, `status.fsFreezeStatus`): it moves the VM to another node, or the file systems are held still
 * for a backup or a snapshot, so that what is written meanwhile is in neither state.
 */
export function occupation(instance: unknown): string | undefined {
  const migration = at(instance, 'status', 'migrationState');
  const started = timeAt(migration, 'startTimestamp');
  if (started !== undefined && timeAt(migration, 'endTimestamp') === undefined && !hasEnded(migration))
    return 'the VM is being moved to another node';
  return textAt(instance, 'status', 'fsFreezeStatus') === 'frozen'
    ? 'its file systems are held still for a backup or a snapshot'
    : undefined;
}

function hasEnded(migration: unknown): boolean {
  return at(migration, 'completed') === true || at(migration, 'failed') === true;
}
