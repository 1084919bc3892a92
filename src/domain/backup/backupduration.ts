import type { ManagedVMStatus } from '../../api/managedvm.ts';
import { p95 } from './quantile.ts';
import { startOf } from './recoverypoint.ts';
import type { VeleroBackup } from './velero.ts';

/** Backups that are looked at: the newest. The first one of a VM copies all, and must not be held against it for ever. */
const NEWEST = 30;

/** Seconds that the Completed backups of a VM have taken; undefined: none has. */
export function backupDuration(own: readonly VeleroBackup[]): NonNullable<ManagedVMStatus['backup']>['duration'] {
  const ended = own.flatMap(backup => {
    const [start, end] = [startOf(backup), new Date(backup.status?.completionTimestamp ?? Number.NaN)];
    if (backup.status?.phase !== 'Completed' || start === undefined || !(end >= start)) return [];
    return [{ start, seconds: Math.round((end.getTime() - start.getTime()) / 1000) }];
  });
  const newest = ended.toSorted((a, b) => b.start.getTime() - a.start.getTime()).slice(0, NEWEST);
  const [last, most] = [newest[0]?.seconds, p95(newest.map(({ seconds }) => seconds))];
  return last === undefined || most === undefined ? undefined : { last, p95: most };
}
