import { VeleroBackup } from '../../api/upstream.ts';
import { extensions } from '../../domain/backup/backuphold.ts';
import type { RecoveryPoint } from '../../domain/backup/recoverypoint.ts';
import { instant } from '../../domain/contract/condition.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Context } from './controller.ts';

/** Keeps Velero from deleting the last good backups of a lost disk: its garbage collection asks for status.expiration alone (docs/adr/0082). */
export async function holdBackups(
  { mergePatch, now, event }: Context,
  points: readonly RecoveryPoint[],
): Promise<void> {
  for (const { backup, until } of extensions(points, now)) {
    await mergePatch(VeleroBackup, backup as KubeObject, { status: { expiration: instant(until) } });
    event(
      'Normal',
      'BackupHeld',
      `Backup ${backup.metadata.name} is kept until ${instant(until)} at least, because a disk is lost.`,
    );
  }
}
