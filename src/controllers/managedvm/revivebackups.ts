import { VeleroBackup } from '../../api/upstream.ts';
import { REVIVED_ANNOTATION } from '../../domain/backup/forgottenbackups.ts';
import type * as velero from '../../domain/backup/velero.ts';
import { instant } from '../../domain/contract/condition.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Context } from './context.ts';

/** Touches Backups that Velero has forgotten, so that it begins them. Throws ApiError. */
export async function reviveBackups(
  { mergePatch, now, event }: Pick<Context, 'mergePatch' | 'now' | 'event'>,
  forgotten: readonly velero.VeleroBackup[],
): Promise<void> {
  for (const backup of forgotten) {
    const { name } = backup.metadata;
    await mergePatch(VeleroBackup, backup as KubeObject, {
      metadata: { annotations: { [REVIVED_ANNOTATION]: instant(now) } },
    });
    event('Warning', 'BackupRevived', `Velero had not begun Backup ${name} for 10 minutes; Steward has touched it.`);
  }
}
