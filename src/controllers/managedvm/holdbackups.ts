import { VeleroBackup } from '../../api/upstream.ts';
import { extensions } from '../../domain/backup/backuphold.ts';
import type { RecoveryPoint } from '../../domain/backup/recoverypoint.ts';
import { instant } from '../../domain/contract/condition.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Context } from './context.ts';

/** The backups that are held, as they are now, and what kept one of them from being extended. */
export type Held = { readonly points: readonly RecoveryPoint[]; readonly failure?: { readonly error: unknown } };

/** Keeps Velero from deleting the last good backups of a lost disk: its garbage collection asks for status.expiration alone (docs/adr/0082). */
export async function holdBackups(
  { mergePatch, now, event }: Pick<Context, 'mergePatch' | 'now' | 'event'>,
  points: readonly RecoveryPoint[],
): Promise<Held> {
  const held = new Map(points.map(point => [point.name, point]));
  try {
    for (const { point, until } of extensions(points, now)) {
      await mergePatch(VeleroBackup, point.backup as KubeObject, { status: { expiration: instant(until) } });
      held.set(point.name, { ...point, until });
      event(
        'Normal',
        'BackupHeld',
        `Backup ${point.name} is kept until ${instant(until)} at least, because a disk is lost.`,
      );
    }
  } catch (error) {
    return { points: [...held.values()], failure: { error } };
  }
  return { points: [...held.values()] };
}
