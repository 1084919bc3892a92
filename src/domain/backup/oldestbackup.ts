import type { ManagedVM } from '../../api/managedvm.ts';
import type { BackupFacts } from './facts.ts';
import { startOf } from './recoverypoint.ts';

/**
 * When the oldest Velero Backup of a VM that is still there was started, whether it counts as a recovery point or not: no disk that one of
 * them brings back is older. Undefined where that cannot be known, because backups cannot be read.
 */
export function oldestBackup(
  { spec }: ManagedVM,
  { installed, veleroAvailable, backups }: Pick<BackupFacts, 'installed' | 'veleroAvailable' | 'backups'>,
): Date | 'none' | undefined {
  if (!installed && spec.backupPolicyRef === undefined) return 'none';
  if (!veleroAvailable) return undefined;
  // One that has not been started will hold no older disk than there is now.
  const starts = backups.map(startOf).filter(start => start !== undefined);
  return starts.length === 0 ? 'none' : new Date(Math.min(...starts.map(start => start.getTime())));
}
