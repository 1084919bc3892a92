import type { BackupPolicySpec } from '../../api/backuppolicy.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { type InspectedMachine, inspect } from './inspection.ts';
import { type Contents, type Inspections, inspectionsOf, judgedBy, nextToInspect } from './inspections.ts';
import { isMadeFor } from './ownbackups.ts';
import type { Circumstances } from './recoverypoint.ts';
import { type StorageFacts, storageDefect } from './storage.ts';
import type { VeleroBackup } from './velero.ts';

/** What the backups of one ManagedVM are judged by. */
export type JudgingFacts = StorageFacts & {
  readonly managedVM: ManagedVM;
  /** The policy that it is backed up by, if it exists. */
  readonly policy: { readonly spec: BackupPolicySpec } | undefined;
  readonly machine: InspectedMachine;
  /** Velero Backups with this ManagedVM's owner labels, whoever made them. */
  readonly backups: readonly VeleroBackup[];
  /** What was read of the contents of a Backup since the status was written, by its UID; undefined: nothing has come yet. */
  readonly contents: (uid: string) => Contents | undefined;
  readonly now: Date;
};

/** The backups of one ManagedVM, as they are judged. */
export type Judging = {
  /** Those that a Schedule of ours has made. */
  readonly own: readonly VeleroBackup[];
  readonly inspections: Inspections;
  readonly circumstances: Circumstances;
};

export function judging(facts: JudgingFacts): Judging {
  const { managedVM, machine, backups, contents, now } = facts;
  const own = backups.filter(backup => isMadeFor(managedVM, backup));
  const inspections = inspectionsOf(managedVM, own, backup => {
    const read = contents(backup.metadata.uid ?? '');
    return read && 'volumes' in read ? inspect(managedVM, machine, backup, read.volumes) : undefined;
  });
  const storage = { storageDefect: (name: string) => storageDefect(facts, name) };
  return {
    own,
    inspections,
    circumstances: { now, ...storage, ...judgedBy(managedVM, inspections, facts.policy?.spec.offSite) },
  };
}

/** The backup that Steward must look into now, if there is one. */
export function toInspect(facts: JudgingFacts): VeleroBackup | undefined {
  const { own, circumstances } = judging(facts);
  return nextToInspect(own, circumstances, facts.contents);
}
