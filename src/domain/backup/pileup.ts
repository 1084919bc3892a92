import { instant } from '../contract/condition.ts';
import type { VeleroBackup } from './velero.ts';

/** Not begun: `''` is one that Velero has not seen. */
const WAITING: ReadonlySet<string> = new Set(['', 'New', 'Queued', 'ReadyToStart']);

/**
 * A sentence about backups that pile up, none where they do not: a Schedule makes another at each run while earlier ones wait, for Velero
 * looks only whether one is New or InProgress (its schedule_controller.go checkIfBackupInNewOrProgress).
 */
export function pileUpMessage(backups: readonly VeleroBackup[]): readonly string[] {
  const waiting = backups.filter(({ status }) => WAITING.has(status?.phase ?? ''));
  if (waiting.length < 2) return [];
  const made = waiting.map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? '')).filter(time => time > 0);
  const since = made.length === 0 ? '' : `, the oldest since ${instant(new Date(Math.min(...made)))}`;
  return [`${waiting.length} Backups wait for Velero to begin them${since}.`];
}
