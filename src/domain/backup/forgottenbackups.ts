import type { ManagedVM } from '../../api/managedvm.ts';
import { earliest } from '../contract/condition.ts';
import { isMadeFor } from './ownbackups.ts';
import type { VeleroBackup } from './velero.ts';

/** When Steward last touched a Backup so that Velero looks at it again. */
export const REVIVED_ANNOTATION = 'managed.systems/revived-at';

/** Velero begins within seconds what is ReadyToStart. */
const PATIENCE_MS = 600_000;

/**
 * Backups of a ManagedVM that Velero would never begin (AP-13): a server that starts anew fails what was InProgress, but passes over what was
 * ReadyToStart, which blocks each later backup of the namespace (its backup_controller.go ignores Create events). Any change of the object
 * makes it look. None of an order that is paused, for which nothing is written.
 */
export function forgottenBackups(
  managedVM: ManagedVM,
  backups: readonly VeleroBackup[],
  now: Date,
): readonly VeleroBackup[] {
  if (managedVM.spec.paused !== undefined) return [];
  return readyToStart(managedVM, backups).filter(backup => dueAt(backup, now) <= now);
}

/** When the first of those that Velero may have forgotten is touched, or touched again. */
export function nextRevival(managedVM: ManagedVM, backups: readonly VeleroBackup[], now: Date): Date | undefined {
  if (managedVM.spec.paused !== undefined) return undefined;
  return earliest(...readyToStart(managedVM, backups).map(backup => dueAt(backup, now)));
}

function readyToStart(managedVM: ManagedVM, backups: readonly VeleroBackup[]): readonly VeleroBackup[] {
  return backups.filter(backup => backup.status?.phase === 'ReadyToStart' && isMadeFor(managedVM, backup));
}

/** What somebody wrote into the annotation that cannot be is passed over. */
function dueAt({ metadata }: VeleroBackup, now: Date): Date {
  const touched = Date.parse(metadata.annotations?.[REVIVED_ANNOTATION] ?? '');
  const made = Date.parse(metadata.creationTimestamp ?? '') || 0;
  return new Date((touched <= now.getTime() ? Math.max(touched, made) : made) + PATIENCE_MS);
}
