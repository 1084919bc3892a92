import { isRestored, type Restore } from '../../api/restore.ts';

const BEFORE: readonly string[] = ['Pending', 'Restoring', 'Moving'];

/**
 * Why no guest is begun, as a sentence, while a restore has its hands on the disks: the VM is off, or starts on others (AP-13). Undefined: none
 * has. Until then the disks are as they were, and the restore waits for the run.
 */
export function exchangedBy(restores: readonly Pick<Restore, 'metadata' | 'status'>[]): string | undefined {
  const busy = restores.find(
    ({ status }) => status !== undefined && !isRestored(status.phase) && !BEFORE.includes(status.phase),
  );
  return busy && `its patches wait until Restore ${busy.metadata.name} has given it the restored disks.`;
}
