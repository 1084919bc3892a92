import type { BackupPolicyStatus } from '../../api/backuppolicy.ts';
import type { ManagedVMStatus } from '../../api/managedvm.ts';

/** What a ManagedVM says of its backups under a policy. */
type Told = { readonly name: string; readonly backup: NonNullable<ManagedVMStatus['backup']> | undefined };

/** Numbers of a BackupPolicy that sum up those of its ManagedVMs. */
export type BackupSums = Pick<BackupPolicyStatus, 'tiers' | 'vanished' | 'lastVerified' | 'recoveryTime' | 'duration'>;

/** Points are added up; of durations the longest counts, for a promise holds for each VM. */
export function backupSums(members: readonly Told[]): BackupSums {
  const backups = members.flatMap(({ backup }) => backup ?? []);
  const tiers = tierSums(backups.flatMap(({ tiers }) => tiers ?? []));
  const vanished = backups.reduce((count, backup) => count + (backup.vanished?.length ?? 0), 0);
  const lastVerified = newestVerified(members);
  const recoveryTime = longest(backups.map(backup => backup.recoveryTime?.p95));
  const duration = longest(backups.map(backup => backup.duration?.p95));
  return {
    ...(tiers.length > 0 ? { tiers } : {}),
    ...(vanished > 0 ? { vanished } : {}),
    ...(lastVerified ? { lastVerified } : {}),
    ...(recoveryTime === undefined ? {} : { recoveryTime }),
    ...(duration === undefined ? {} : { duration }),
  };
}

type Tier = NonNullable<BackupPolicyStatus['tiers']>[number];

function tierSums(tiers: readonly Tier[]): Tier[] {
  const sums = new Map<string, Tier>();
  for (const { name, wanted, had, missing } of tiers) {
    const sum = sums.get(name) ?? { name, wanted: 0, had: 0, missing: 0 };
    sums.set(name, { name, wanted: sum.wanted + wanted, had: sum.had + had, missing: sum.missing + missing });
  }
  return [...sums.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, 8);
}

function newestVerified(members: readonly Told[]): BackupSums['lastVerified'] {
  const verified = members.flatMap(({ name, backup }) => {
    const [last] = backup?.verified ?? [];
    return last === undefined ? [] : [{ managedVM: name, restore: last.restore, point: last.point, time: last.time }];
  });
  return verified.sort((a, b) => order(b.time, a.time) || order(a.managedVM, b.managedVM))[0];
}

function order(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function longest(seconds: readonly (number | undefined)[]): number | undefined {
  const known = seconds.filter(each => each !== undefined);
  return known.length === 0 ? undefined : known.reduce((a, b) => Math.max(a, b));
}
