import type { InspectedBackup, ManagedVM } from '../../api/managedvm.ts';
import { diskDefect, isWhole } from './inspection.ts';
import { type Circumstances, candidates, startOf } from './recoverypoint.ts';
import type { VeleroBackup } from './velero.ts';
import type { Volumes } from './volumeinfos.ts';

/** What has come of asking for the volume information of a backup. `retryAt`: when it is asked for again. */
export type Contents = { readonly volumes: Volumes } | { readonly failure: string; readonly retryAt: Date };

/** Backups that are looked into at most to find one that counts, and inspections that the status remembers. */
const DEEPEST = 8;

/** By UID of the Backup: what the status remembers, and what has been read since. */
export type Inspections = ReadonlyMap<string, InspectedBackup>;

/**
 * Every backup of these that has been looked into as far as it must be; `fresh`: what has just been read of one, told by the machine as it is now.
 * What is remembered was told by the machine as it was then, and says more.
 */
export function inspectionsOf(
  managedVM: ManagedVM,
  backups: readonly VeleroBackup[],
  fresh: (backup: VeleroBackup) => InspectedBackup | undefined,
): Inspections {
  const remembered = new Map(managedVM.status?.backup?.inspected?.map(each => [each.uid, each]));
  const known = backups.flatMap((backup): [string, InspectedBackup][] => {
    const { uid = '' } = backup.metadata;
    const start = startOf(backup);
    const inspection = [remembered.get(uid), fresh(backup)].find(
      each => each && start && isWhole(managedVM, each, start),
    );
    return inspection ? [[uid, inspection]] : [];
  });
  return new Map(known);
}

/** What inspections say of backups, for who judges them. `offSite`: disks must have been copied to the storage location. */
export function judgedBy(
  managedVM: ManagedVM,
  inspections: Inspections,
  offSite = false,
): Pick<Circumstances, 'diskDefect' | 'isInspected'> {
  const of = ({ metadata: { uid = '' } }: VeleroBackup) => inspections.get(uid);
  return {
    diskDefect: backup => {
      const inspection = of(backup);
      return inspection && diskDefect(managedVM, backup, inspection, offSite);
    },
    isInspected: backup => of(backup) !== undefined,
  };
}

/**
 * The backup that must be looked into next to find the newest that counts: newer ones first, and older ones only while those lack disks or
 * cannot be read. Undefined: it is found, or there is none to ask about now.
 */
export function nextToInspect(
  backups: readonly VeleroBackup[],
  circumstances: Circumstances,
  contents: (uid: string) => Contents | undefined,
): VeleroBackup | undefined {
  const apartFromDisks = { ...circumstances, diskDefect: () => undefined };
  for (const { backup } of candidates(backups, apartFromDisks).slice(0, DEEPEST)) {
    if (circumstances.isInspected(backup)) {
      if (circumstances.diskDefect(backup) === undefined) return undefined;
      continue;
    }
    const read = contents(backup.metadata.uid ?? '');
    const waits = read !== undefined && 'failure' in read && read.retryAt > circumstances.now;
    if (!waits) return backup;
  }
  return undefined;
}

/** The inspections that the status goes on to remember: down to the newest backup that counts, which no other has to be looked into for. */
export function keptInspections(
  inspections: Inspections,
  backups: readonly VeleroBackup[],
  { isInspected, diskDefect }: Pick<Circumstances, 'isInspected' | 'diskDefect'>,
): readonly InspectedBackup[] {
  const newestFirst = backups.filter(isInspected).toSorted((a, b) => timeOf(b) - timeOf(a));
  const good = newestFirst.find(backup => diskDefect(backup) === undefined);
  const newer = newestFirst.slice(0, good && newestFirst.indexOf(good)).slice(0, DEEPEST - 1);
  const kept = good === undefined ? newer : [...newer, good];
  return kept.flatMap(({ metadata: { uid = '' } }) => inspections.get(uid) ?? []);
}

function timeOf(backup: VeleroBackup): number {
  return startOf(backup)?.getTime() ?? 0;
}
